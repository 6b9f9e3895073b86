//! Shared memory without names: memfd segments and their mappings. Nothing here may outlive its owners, so nothing
//! needs a clean-up after SIGKILL. Where the system has none to give, nameless files stand in for it.
//!
//! A writer maps a segment shared; a receiver maps it privately (copy on write): it may write to what it received, and
//! the sender's copy never changes. Memory is reserved before it is touched, so a full machine is an error here and not
//! a SIGBUS later.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::OnceLock;

use rustix::fs::{FallocateFlags, MemfdFlags};
use rustix::mm::{Advice, MapFlags, ProtFlags};

/// Granularity of blocks: private pages of one block are never shared with another.
pub const PAGE: usize = 4096;

/// `len` rounded up to whole pages.
pub fn page_up(len: usize) -> usize {
    len.next_multiple_of(PAGE)
}

/// The first error of shared memory in this process, in words.
static TROUBLE: OnceLock<String> = OnceLock::new();

/// Why values travel in a slower way than through shared memory; None as long as they do not.
pub fn trouble() -> Option<&'static str> {
    TROUBLE.get().map(String::as_str)
}

fn noted(error: io::Error) -> io::Error {
    TROUBLE.get_or_init(|| error.to_string());
    error
}

/// A new anonymous segment of `len` bytes, sparse.
pub fn segment(len: usize) -> io::Result<OwnedFd> {
    segment_of(&[memfd, file], len)
}

/// The first of `sources` that gives `len` bytes.
fn segment_of(sources: &[fn() -> io::Result<OwnedFd>], len: usize) -> io::Result<OwnedFd> {
    let mut made = Err(io::ErrorKind::OutOfMemory.into());
    for source in sources {
        made = source().and_then(|fd| {
            rustix::fs::ftruncate(&fd, len as u64)?;
            Ok(fd)
        });
        match made {
            Ok(fd) => return Ok(fd),
            Err(error) => made = Err(noted(error)),
        }
    }
    made
}

fn memfd() -> io::Result<OwnedFd> {
    Ok(rustix::fs::memfd_create(c"paracell", MemfdFlags::CLOEXEC)?)
}

fn file() -> io::Result<OwnedFd> {
    Ok(tempfile::tempfile()?.into())
}

/// Makes sure that memory stands behind `offset .. offset + len`.
pub fn reserve(fd: impl AsFd, offset: usize, len: usize) -> io::Result<()> {
    let flags = FallocateFlags::empty();
    rustix::fs::fallocate(fd, flags, offset as u64, len as u64).map_err(|error| noted(error.into()))
}

/// Writes to memory that was not touched yet, page by page in the system: no faults, and a full machine is an error.
pub fn write(fd: impl AsFd, offset: usize, mut bytes: &[u8]) -> io::Result<()> {
    let mut at = offset as u64;
    while !bytes.is_empty() {
        match rustix::io::pwrite(&fd, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = &bytes[count..];
                at += count as u64;
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(noted(error.into())),
        }
    }
    Ok(())
}

/// Gives the memory behind `offset .. offset + len` back to the system; the range reads as zeros.
pub fn punch(fd: impl AsFd, offset: usize, len: usize) -> io::Result<()> {
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(rustix::fs::fallocate(fd, flags, offset as u64, len as u64)?)
}

/// A mapped segment; unmapped when dropped.
pub struct Mapping {
    ptr: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping is plain memory; who may write where is decided by the owners of blocks.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `len` bytes so that writes are seen by all.
    pub fn shared(fd: impl AsFd, len: usize) -> io::Result<Self> {
        Self::map(
            fd,
            len,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::SHARED,
        )
    }

    /// Maps `len` bytes to look at what their sender has there.
    pub fn read_only(fd: impl AsFd, len: usize) -> io::Result<Self> {
        Self::map(fd, len, ProtFlags::READ, MapFlags::SHARED)
    }

    /// Maps `len` bytes copy-on-write.
    pub fn private(fd: impl AsFd, len: usize) -> io::Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        Self::map(fd, len, ProtFlags::READ | ProtFlags::WRITE, flags)
    }

    fn map(fd: impl AsFd, len: usize, prot: ProtFlags, flags: MapFlags) -> io::Result<Self> {
        if len == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // A peer's claim is checked against the file: reading past its end would be a SIGBUS.
        if rustix::fs::fstat(&fd)?.st_size < len as i64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // SAFETY: a new mapping at an address of the system's choice aliases nothing.
        let ptr = unsafe { rustix::mm::mmap(std::ptr::null_mut(), len, prot, flags, fd, 0)? };
        let ptr = NonNull::new(ptr.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { ptr, len })
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never: an empty mapping cannot be made.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Address of `offset`, which lies inside.
    pub fn at(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset < self.len);
        // SAFETY: inside of the mapping.
        unsafe { self.ptr.as_ptr().add(offset) }
    }

    /// The bytes of `offset .. offset + len`, which lie inside.
    pub fn slice(&self, offset: usize, len: usize) -> &[u8] {
        debug_assert!(self.holds(offset, len));
        // SAFETY: inside of the mapping, which lives as long as the slice.
        unsafe { std::slice::from_raw_parts(self.at(offset), len) }
    }

    /// Whether `offset .. offset + len` lies inside.
    pub fn holds(&self, offset: usize, len: usize) -> bool {
        offset.checked_add(len).is_some_and(|end| end <= self.len)
    }

    /// Sets up the page tables of a range at once instead of fault by fault. A hint: failing is fine.
    pub fn populate(&self, offset: usize, len: usize) {
        // SAFETY: page-aligned and inside; reading changes nothing.
        let _ = unsafe {
            rustix::mm::madvise(
                self.at(offset).cast(),
                page_up(len),
                Advice::LinuxPopulateRead,
            )
        };
    }

    /// Forgets this process's private copies of a range's pages, so that the segment's own contents show again.
    ///
    /// # Safety
    /// Nobody holds a reference into the range.
    pub unsafe fn forget_private(&self, offset: usize, len: usize) -> io::Result<()> {
        // SAFETY: page-aligned and inside; the caller promises that nobody looks.
        unsafe {
            rustix::mm::madvise(self.at(offset).cast(), page_up(len), Advice::LinuxDontNeed)?;
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by us, and whoever looks into it holds it alive.
        let _ = unsafe { rustix::mm::munmap(self.ptr.as_ptr().cast(), self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_in_for_memory_that_is_refused() {
        let fd = segment_of(&[|| Err(io::ErrorKind::Unsupported.into()), file], PAGE).unwrap();
        assert_eq!(trouble(), Some("unsupported"));
        reserve(&fd, 0, PAGE).unwrap();
        write(&fd, 0, b"there").unwrap();
        let map = Mapping::private(&fd, PAGE).unwrap();
        // SAFETY: inside of the mapping, which nobody writes to.
        let read = unsafe { std::slice::from_raw_parts(map.at(0), 5) };
        assert_eq!(read, b"there");
    }
}
