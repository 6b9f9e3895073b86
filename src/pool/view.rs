//! The receiving end of shared blocks: a peer's segments, mapped privately, and views into them. When the last view of
//! a block dies its place is noted, and the channel's owner tells the peer with its next frame.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::frames::Place;
use super::pages::{ASK_FROM, Pages};
use super::shm::Mapping;

/// Counts this process's forks. A forked child shares the pages of every view: such blocks are never given back.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// Children that are workers of this process's own and have not ended: they do not count as forks, for they end with
/// their run, but while they live nothing is given back.
static CHILDREN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static OWN: Cell<bool> = const { Cell::new(false) };
}

extern "C" fn before_fork() {
    if !OWN.get() {
        FORKS.fetch_add(1, Ordering::SeqCst);
    }
}

/// Calls `fork`, whose child ends before long: `child_ended` is to be called when it has.
pub fn own_fork<T>(fork: impl FnOnce() -> T) -> T {
    CHILDREN.fetch_add(1, Ordering::SeqCst);
    OWN.set(true);
    let made = fork();
    OWN.set(false);
    made
}

/// A child of `own_fork` has ended, or there is none.
pub fn child_ended() {
    CHILDREN.fetch_sub(1, Ordering::SeqCst);
}

/// In a child of `own_fork`: it has no children.
pub fn is_child() {
    CHILDREN.store(0, Ordering::SeqCst);
}

/// Starts counting forks (once a process).
pub fn watch_forks() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the handler touches one atomic, which is safe around fork.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(Some(before_fork), None, None);
    });
}

/// Places that the peer may use again.
#[derive(Default)]
pub struct Returns {
    places: Mutex<Vec<Place>>,
    bytes: AtomicU64,
}

impl Returns {
    fn push(&self, place: Place, len: usize) {
        self.places
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(place);
        self.bytes.fetch_add(len as u64, Ordering::Relaxed);
    }

    /// All places noted so far.
    pub fn take(&self) -> Vec<Place> {
        self.bytes.store(0, Ordering::Relaxed);
        std::mem::take(&mut *self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes that wait here.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// A peer's segment.
struct Segment {
    /// Copy-on-write, which is what views show.
    map: Mapping,
    /// What the peer has there.
    original: Mapping,
}

/// A received block: readable and writable, this process's alone.
pub struct View {
    segment: Arc<Segment>,
    place: Place,
    len: usize,
    forks: u64,
    /// None: a blob's segment, which is used once.
    returns: Option<Arc<Returns>>,
}

impl View {
    /// Its first byte.
    pub fn ptr(&self) -> *mut u8 {
        self.segment.map.at(self.offset())
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none; never, as only large blocks are shared.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes. Whoever writes owns the view.
    pub fn as_slice(&self) -> &[u8] {
        self.segment.map.slice(self.offset(), self.len)
    }

    fn offset(&self) -> usize {
        self.place.offset as usize
    }

    /// Whether it holds what was sent; None where only a look at the whole content would tell.
    pub fn is_as_sent(&self, pages: &Pages) -> Option<bool> {
        if self.len < ASK_FROM {
            return None;
        }
        let copied = pages.copied(self.ptr() as usize, self.len).ok()?;
        let original = self.segment.original.slice(self.offset(), self.len);
        let same = |range: &Range<usize>| self.as_slice()[range.clone()] == original[range.clone()];
        Some(copied.iter().all(same))
    }

    /// Whether this process has written nowhere in it, and its pages can stay for the block's next use.
    fn is_untouched(&self) -> bool {
        self.len >= ASK_FROM
            && Pages::open()
                .and_then(|pages| pages.copied(self.ptr() as usize, self.len))
                .is_ok_and(|copied| copied.is_empty())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let Some(returns) = &self.returns else { return };
        if FORKS.load(Ordering::SeqCst) != self.forks || CHILDREN.load(Ordering::SeqCst) > 0 {
            return;
        }
        // SAFETY: this was the last view of the block.
        if self.is_untouched()
            || unsafe { self.segment.map.forget_private(self.offset(), self.len) }.is_ok()
        {
            returns.push(self.place, self.len);
        }
    }
}

/// The segments of one peer.
#[derive(Default)]
pub struct Attached {
    segments: HashMap<u32, (Arc<Segment>, bool)>,
    /// What the peer may have back.
    pub returns: Arc<Returns>,
}

impl Attached {
    /// Takes note of a segment; `once`: its blocks are not given back.
    pub fn attach(&mut self, id: u32, fd: impl AsFd, len: u64, once: bool) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidData)?;
        let segment = Segment {
            map: Mapping::private(&fd, len)?,
            original: Mapping::read_only(&fd, len)?,
        };
        self.segments.insert(id, (Arc::new(segment), once));
        Ok(())
    }

    /// Forgets a segment; its views keep their memory.
    pub fn detach(&mut self, id: u32) {
        self.segments.remove(&id);
    }

    /// A view of a block.
    pub fn view(&self, place: Place, len: u64) -> io::Result<View> {
        let (segment, once) = self
            .segments
            .get(&place.segment)
            .ok_or(io::ErrorKind::InvalidData)?;
        let (offset, len) = (place.offset as usize, len as usize);
        let map = &segment.map;
        if len == 0 || !map.holds(offset, len) || offset % super::shm::PAGE != 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !is_mapped(map, offset, len) {
            map.populate(offset, len);
        }
        let returns = (!once).then(|| Arc::clone(&self.returns));
        Ok(View {
            segment: Arc::clone(segment),
            place,
            len,
            forks: FORKS.load(Ordering::SeqCst),
            returns,
        })
    }
}

/// Whether the pages of a block are those of its last use (see `is_untouched`), as far as its ends tell.
fn is_mapped(map: &Mapping, offset: usize, len: usize) -> bool {
    len >= ASK_FROM
        && Pages::open().is_ok_and(|pages| {
            [offset, offset + len - 1]
                .iter()
                .all(|&at| pages.present(map.at(at) as usize))
        })
}
