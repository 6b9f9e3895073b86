//! What `paracell.ship` asks of Rust: hashes of content, and quick looks at lists and pickles.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::buffer::ByteView;
use super::{memory, pickle_refs};
use crate::pool::pages::{ASK_FROM, Pages};
use crate::pool::unwritten;

/// Below this many bytes, letting go of the GIL costs more than the hash.
const DETACH_BYTES: usize = 64 * 1024;

/// From this many bytes on, several threads hash: one alone does not use what the memory gives.
const PARALLEL_BYTES: usize = 16 << 20;
/// What a thread takes at a time. The hash depends on it, but not on the number of threads.
const PIECE: usize = 2 << 20;
const MOST_THREADS: usize = 4;

/// The hash of all views, in order. (Each has its own, of its length too, which keeps ["ab", "c"] apart from ["a", "bc"].)
fn hash_views(views: &[&[u8]]) -> [u8; 16] {
    let each = hash_each(views, &vec![None; views.len()]);
    xxh3_128(each.as_flattened()).to_le_bytes()
}

/// The hash of each view, but of those that have one.
fn hash_each(views: &[&[u8]], given: &[Option<[u8; 16]>]) -> Vec<[u8; 16]> {
    let wanted = || views.iter().zip(given);
    let pieces: Vec<_> = wanted()
        .filter(|(_, given)| given.is_none())
        .flat_map(|(view, _)| view.chunks(PIECE))
        .collect();
    let mut digests = hash_pieces(&pieces).into_iter();
    wanted()
        .map(|(view, given)| {
            given.unwrap_or_else(|| {
                let mut hasher = Xxh3::new();
                hasher.update(&(view.len() as u64).to_le_bytes());
                for digest in digests.by_ref().take(view.len().div_ceil(PIECE)) {
                    hasher.update(&digest.to_le_bytes());
                }
                hasher.digest128().to_le_bytes()
            })
        })
        .collect()
}

/// The hash of each view, but of those that have one, and of large ones that are as they were when they were hashed.
fn hash_unless_known(views: &[&[u8]], given: &[Option<[u8; 16]>]) -> Vec<[u8; 16]> {
    let is_large = |at: &usize| given[*at].is_none() && views[*at].len() >= unwritten::FROM;
    let large: Vec<_> = (0..views.len()).filter(is_large).collect();
    let mut given = given.to_vec();
    for at in &large {
        given[*at] = unwritten::known(views[*at]);
    }
    let hashes = hash_each(views, &given);
    for at in large.into_iter().filter(|at| given[*at].is_none()) {
        unwritten::remember(views[at], hashes[at]);
    }
    hashes
}

/// The hash of each piece.
fn hash_pieces(pieces: &[&[u8]]) -> Vec<u128> {
    if pieces.iter().map(|piece| piece.len()).sum::<usize>() < PARALLEL_BYTES {
        return pieces.iter().map(|piece| xxh3_128(piece)).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, piece)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            pieces.get(at).map(|piece| (at, piece))
        } {
            done.push((at, xxh3_128(piece)));
        }
        done
    };
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let mut digests = vec![0; pieces.len()];
    std::thread::scope(|scope| {
        // Where a thread cannot be had, this one does its part.
        let helpers: Vec<_> = (1..threads.min(MOST_THREADS))
            .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut done = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done.into_iter()
            .for_each(|(at, digest)| digests[at] = digest);
    });
    digests
}

/// 16 bytes of xxh3-128 over the buffers and their lengths.
#[pyfunction]
fn content_hash<'py>(
    py: Python<'py>,
    buffers: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let digest = detached(py, &views(&buffers)?, hash_views);
    Ok(PyBytes::new(py, &digest))
}

/// The memory of buffers.
fn views(buffers: &[Bound<'_, PyAny>]) -> PyResult<Vec<ByteView>> {
    buffers.iter().map(ByteView::get).collect()
}

fn place(view: &ByteView) -> Range<*const u8> {
    view.as_slice().as_ptr_range()
}

/// Which of `known` have the memory of one of `buffers`.
#[pyfunction]
fn places_of(known: Vec<Bound<'_, PyAny>>, buffers: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
    let (known, views) = (views(&known)?, views(&buffers)?);
    let places: HashSet<_> = views.iter().map(place).collect();
    let is_there = |at: &usize| places.contains(&place(&known[*at]));
    Ok((0..known.len()).filter(is_there).collect())
}

/// What `hash` makes of the views; large ones without the GIL.
fn detached<T: Send>(
    py: Python<'_>,
    views: &[ByteView],
    hash: impl Fn(&[&[u8]]) -> T + Sync + Send,
) -> T {
    let slices: Vec<_> = views.iter().map(ByteView::as_slice).collect();
    if slices.iter().map(|slice| slice.len()).sum::<usize>() < DETACH_BYTES {
        hash(&slices)
    } else {
        py.detach(|| hash(&slices))
    }
}

/// 16 bytes for each buffer, one after the other. Of memory that is among `known`, those that stand in `hashes` for it.
#[pyfunction]
#[pyo3(signature = (buffers, known=Vec::new(), hashes=None))]
fn buffer_hashes<'py>(
    py: Python<'py>,
    buffers: Vec<Bound<'py, PyAny>>,
    known: Vec<Bound<'py, PyAny>>,
    hashes: Option<&[u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (views, known) = (views(&buffers)?, views(&known)?);
    let hashes = hashes.unwrap_or_default().as_chunks::<16>().0;
    let known: HashMap<_, _> = known.iter().map(place).zip(hashes).collect();
    let given: Vec<_> = views
        .iter()
        .map(|view| known.get(&place(view)).map(|hash| **hash))
        .collect();
    let digests = detached(py, &views, |slices| hash_unless_known(slices, &given));
    Ok(PyBytes::new(py, digests.as_flattened()))
}

/// 16 bytes for each buffer that differ if its content does, and how many bytes only a look at the content tells about.
/// Of memory that was received and is as it came the marks are where it lies; of what is among `hashes`, that; of others
/// a hash.
#[pyfunction]
#[pyo3(signature = (buffers, hashes=None))]
fn buffer_marks<'py>(
    py: Python<'py>,
    buffers: Vec<Bound<'py, PyAny>>,
    hashes: Option<&[u8]>,
) -> PyResult<(Bound<'py, PyBytes>, usize)> {
    let views = views(&buffers)?;
    let pages = OnceCell::new();
    let as_sent = |buffer| {
        let view = memory::received(buffer).filter(|view| view.len() >= ASK_FROM)?;
        view.is_as_sent(pages.get_or_init(|| Pages::open().ok()).as_ref()?)
    };
    let mut hashes = hashes.unwrap_or_default().as_chunks::<16>().0.iter();
    let mut read = 0;
    let mut given = Vec::with_capacity(views.len());
    for (buffer, view) in buffers.iter().zip(&views) {
        let (known, as_sent) = (hashes.next(), as_sent(buffer));
        if as_sent.is_none() {
            read += view.as_slice().len();
        }
        given.push(match as_sent {
            Some(true) => {
                let range = place(view);
                Some((((range.start as u128) << 64) | range.end as u128).to_le_bytes())
            }
            Some(false) => None,
            None => known.copied(),
        });
    }
    let marks = detached(py, &views, |slices| hash_each(slices, &given));
    Ok((PyBytes::new(py, marks.as_flattened()), read))
}

/// (pickle, primed objects it refers to), or None: see [`pickle_refs::rebase`].
#[pyfunction]
fn rebase_memo<'py>(
    py: Python<'py>,
    payload: &Bound<'py, PyBytes>,
    primed: u32,
) -> Option<(Bound<'py, PyBytes>, Vec<u32>)> {
    let rebased = pickle_refs::rebase(payload.as_bytes(), primed)?;
    Some((PyBytes::new(py, &rebased.payload), rebased.used))
}

/// See [`pickle_refs::makes_sets`].
#[pyfunction]
fn makes_sets(payload: &[u8]) -> bool {
    pickle_refs::makes_sets(payload)
}

/// Add this room's functions to `_native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(content_hash, module)?)?;
    module.add_function(wrap_pyfunction!(buffer_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(buffer_marks, module)?)?;
    module.add_function(wrap_pyfunction!(places_of, module)?)?;
    module.add_function(wrap_pyfunction!(makes_sets, module)?)?;
    module.add_function(wrap_pyfunction!(rebase_memo, module)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_large_buffer_and_its_place_count() {
        let large: Vec<u8> = (0..PARALLEL_BYTES + 3).map(|at| (at % 251) as u8).collect();
        let whole = hash_views(&[&large]);
        assert_eq!(whole, hash_views(&[&large.clone()]));
        for at in [0, PIECE - 1, PIECE, PARALLEL_BYTES, PARALLEL_BYTES + 2] {
            let mut other = large.clone();
            other[at] ^= 1;
            assert_ne!(whole, hash_views(&[&other]), "byte {at}");
        }
        let mut swapped = large.clone();
        swapped[..2 * PIECE].rotate_left(PIECE);
        assert_ne!(whole, hash_views(&[&swapped]));
        let (left, right) = large.split_at(PIECE);
        assert_ne!(whole, hash_views(&[left, right]), "cut elsewhere");
    }

    #[test]
    fn a_hash_that_is_known_is_taken_and_the_others_do_not_depend_on_it() {
        let large: Vec<u8> = (0..3 * PIECE + 7).map(|at| (at % 251) as u8).collect();
        let views: [&[u8]; 4] = [&large, b"", b"small", &large[1..]];
        let all = hash_each(&views, &[None; 4]);
        assert_eq!(all[0], hash_each(&views[..1], &[None])[0]);
        let mut others = all.clone();
        others[1] = [7; 16];
        assert_eq!(
            others,
            hash_each(&views, &[None, Some([7; 16]), None, None])
        );
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one));
        }
    }
}
