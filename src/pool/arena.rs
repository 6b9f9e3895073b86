//! Blocks of shared memory for what this process sends, recycled: first touch of fresh memory costs ten times a copy.
//!
//! Blocks are carved from segments in size classes (four to a power of two). A block belongs to its owner until
//! dropped; then it waits in a free list. Beyond [`KEEP`] free bytes its memory goes back to the system at once, while
//! its address range stays for the next use. Segments live as long as their arena or any block in them.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::shm::{self, Mapping, PAGE};

/// What is smaller travels inside its frame.
pub const SHARE_FROM: usize = 48 * 1024;
/// Free bytes that an arena keeps ready.
pub const KEEP: usize = 512 << 20;
/// Ordinary segments; a block above a quarter of it has a segment of its own.
const SEGMENT: usize = 64 << 20;

static NEXT_SEGMENT: AtomicU32 = AtomicU32::new(1);

/// A segment and its owner's mapping.
pub struct Segment {
    /// Names the segment on every channel of this process.
    pub id: u32,
    /// To pass on.
    pub fd: OwnedFd,
    /// Shared: the owner writes.
    pub map: Mapping,
}

impl Segment {
    /// A new segment of `len` bytes.
    pub fn new(len: usize) -> io::Result<Arc<Self>> {
        let fd = shm::segment(len)?;
        let map = Mapping::shared(&fd, len)?;
        Ok(Arc::new(Self {
            id: NEXT_SEGMENT.fetch_add(1, Ordering::Relaxed),
            fd,
            map,
        }))
    }
}

struct Free {
    segment: Arc<Segment>,
    offset: usize,
    reserved: usize,
}

#[derive(Default)]
struct Inner {
    current: Option<(Arc<Segment>, usize)>,
    free: HashMap<usize, Vec<Free>>,
    free_bytes: usize,
}

/// The blocks of one sender.
#[derive(Default)]
pub struct Arena {
    inner: Mutex<Inner>,
}

/// A block in use; goes back when dropped.
pub struct Block {
    arena: Arc<Arena>,
    free: Option<Free>,
    class: usize,
    len: usize,
}

/// Size classes: quarters of a power of two, whole pages.
fn class_of(len: usize) -> usize {
    let len = shm::page_up(len.max(1));
    let step = (len.next_power_of_two() / 8).max(PAGE);
    len.next_multiple_of(step)
}

impl Arena {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block that holds `bytes`, or an error if there is no shared memory to be had (send the bytes otherwise then).
    pub fn store(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Block> {
        let mut block = self.take(bytes.len())?;
        let (segment, offset) = block.place();
        // SAFETY: the range is this block's alone, inside of the segment, and reserved.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), segment.map.at(offset), bytes.len())
        };
        block.len = bytes.len();
        Ok(block)
    }

    fn take(self: &Arc<Self>, len: usize) -> io::Result<Block> {
        let class = class_of(len);
        let mut free = self.take_free(class)?;
        let want = shm::page_up(len);
        if free.reserved < want {
            if let Err(error) = shm::reserve(&free.segment.fd, free.offset, want) {
                self.lock().free.entry(class).or_default().push(free);
                return Err(error);
            }
            free.reserved = want;
        }
        Ok(Block {
            arena: Arc::clone(self),
            free: Some(free),
            class,
            len,
        })
    }

    fn take_free(&self, class: usize) -> io::Result<Free> {
        let mut inner = self.lock();
        if let Some(free) = inner.free.get_mut(&class).and_then(Vec::pop) {
            inner.free_bytes -= free.reserved;
            return Ok(free);
        }
        if class > SEGMENT / 4 {
            return Ok(Free {
                segment: Segment::new(class)?,
                offset: 0,
                reserved: 0,
            });
        }
        if let Some((segment, used)) = &mut inner.current
            && *used + class <= segment.map.len()
        {
            let free = Free {
                segment: Arc::clone(segment),
                offset: *used,
                reserved: 0,
            };
            *used += class;
            return Ok(free);
        }
        let segment = Segment::new(SEGMENT)?;
        inner.current = Some((Arc::clone(&segment), class));
        Ok(Free {
            segment,
            offset: 0,
            reserved: 0,
        })
    }

    fn give(&self, mut free: Free, class: usize) {
        let mut inner = self.lock();
        if inner.free_bytes + free.reserved > KEEP
            && shm::punch(&free.segment.fd, free.offset, free.reserved).is_ok()
        {
            free.reserved = 0;
        }
        inner.free_bytes += free.reserved;
        inner.free.entry(class).or_default().push(free);
    }
}

impl Block {
    fn place(&self) -> (&Arc<Segment>, usize) {
        match &self.free {
            Some(free) => (&free.segment, free.offset),
            None => unreachable!("a block has its place until it is dropped"),
        }
    }

    /// The segment that the block lies in.
    pub fn segment(&self) -> &Arc<Segment> {
        self.place().0
    }

    /// Where in the segment it begins.
    pub fn offset(&self) -> usize {
        self.place().1
    }

    /// Bytes stored.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(free) = self.free.take() {
            self.arena.give(free, self.class);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dropped_block_is_used_again() {
        let arena = Arc::new(Arena::default());
        let first = arena.store(&[1; 100_000]).unwrap();
        let place = (first.segment().id, first.offset());
        drop(first);
        let second = arena.store(&[2; 99_000]).unwrap();
        assert_eq!((second.segment().id, second.offset()), place);
        let third = arena.store(&[3; 99_000]).unwrap();
        assert_ne!((third.segment().id, third.offset()), place);
    }

    proptest! {
        #[test]
        fn classes_hold_their_length_and_waste_little(len in 1usize..1 << 32) {
            let class = class_of(len);
            prop_assert!(class >= len && class.is_multiple_of(PAGE));
            prop_assert!(class <= len + len / 4 + PAGE);
            prop_assert_eq!(class_of(class), class);
        }
    }
}
