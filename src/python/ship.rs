//! What `paracell.ship` asks of Rust: hashes of content, and quick looks at lists and pickles.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::buffer::ByteView;
use super::pickle_refs;

/// Below this many bytes, letting go of the GIL costs more than the hash.
const DETACH_BYTES: usize = 64 * 1024;

/// From this many bytes on, several threads hash: one alone does not use what the memory gives.
const PARALLEL_BYTES: usize = 16 << 20;
/// What a thread takes at a time. The hash depends on it, but not on the number of threads.
const PIECE: usize = 2 << 20;
const MOST_THREADS: usize = 4;

fn hash_views(views: &[&[u8]]) -> [u8; 16] {
    let total: usize = views.iter().map(|view| view.len()).sum();
    let mut hasher = Xxh3::new();
    for view in views {
        // The lengths keep ["ab", "c"] apart from ["a", "bc"].
        hasher.update(&(view.len() as u64).to_le_bytes());
        if total < PARALLEL_BYTES {
            hasher.update(view);
        }
    }
    if total >= PARALLEL_BYTES {
        let pieces: Vec<_> = views.iter().flat_map(|view| view.chunks(PIECE)).collect();
        hash_pieces(&pieces)
            .iter()
            .for_each(|digest| hasher.update(&digest.to_le_bytes()));
    }
    hasher.digest128().to_le_bytes()
}

/// The hash of each piece.
fn hash_pieces(pieces: &[&[u8]]) -> Vec<u128> {
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
    let views = buffers
        .iter()
        .map(ByteView::get)
        .collect::<PyResult<Vec<_>>>()?;
    let slices: Vec<_> = views.iter().map(ByteView::as_slice).collect();
    let total: usize = views.iter().map(ByteView::len).sum();
    let digest = if total < DETACH_BYTES {
        hash_views(&slices)
    } else {
        py.detach(|| hash_views(&slices))
    };
    Ok(PyBytes::new(py, &digest))
}

/// Whether every element is exactly int, float, str, bytes, bool or None: nothing with an identity worth keeping.
#[pyfunction]
fn plain_atoms(items: &Bound<'_, PyList>) -> bool {
    items.iter().all(|item| {
        item.is_exact_instance_of::<PyInt>()
            || item.is_exact_instance_of::<PyString>()
            || item.is_exact_instance_of::<PyFloat>()
            || item.is_none()
            || item.is_exact_instance_of::<PyBool>()
            || item.is_exact_instance_of::<PyBytes>()
    })
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

/// Add this room's functions to `_native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(content_hash, module)?)?;
    module.add_function(wrap_pyfunction!(plain_atoms, module)?)?;
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
}
