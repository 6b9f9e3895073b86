//! Which pages of a private mapping this process has written to, as the system's page tables know it. Looking costs a
//! few nanoseconds a page, where a hash costs some hundred.
//!
//! Source: the kernel's Documentation/admin-guide/mm/pagemap.rst. Eight bytes a page; the flags can be read without
//! privileges. Where there is no such file (hardened containers, other kernels), nothing is known.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::shm::PAGE;

/// Below this many bytes reading the content is as quick as asking about its pages.
pub const ASK_FROM: usize = 256 * 1024;

/// Pages asked about at a time.
const AT_ONCE: usize = 4096;

const PRESENT: u64 = 1 << 63;
const SWAPPED: u64 = 1 << 62;
/// The page is the file's own, or shared: a private copy has it not.
const OF_FILE: u64 = 1 << 61;

/// This process's pages. A fork is another process: open it anew for each question.
pub struct Pages(File);

impl Pages {
    /// # Errors
    /// There is no such file here, or it may not be read, or its pages are of another size than ours.
    pub fn open() -> io::Result<Self> {
        if rustix::param::page_size() != PAGE {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self(File::open("/proc/self/pagemap")?))
    }

    /// Ranges of bytes, relative to `start`, of the pages among `start .. start + len` that are this process's private
    /// copies. `start` is the first byte of a page.
    pub fn copied(&self, start: usize, len: usize) -> io::Result<Vec<Range<usize>>> {
        let count = len.div_ceil(PAGE);
        let mut copied: Vec<Range<usize>> = Vec::new();
        let mut entries = vec![0; count.min(AT_ONCE) * 8];
        for first in (0..count).step_by(AT_ONCE) {
            let some = &mut entries[..(count - first).min(AT_ONCE) * 8];
            self.0
                .read_exact_at(some, ((start / PAGE + first) * 8) as u64)?;
            for (at, entry) in some.as_chunks::<8>().0.iter().enumerate() {
                let entry = u64::from_ne_bytes(*entry);
                if entry & (PRESENT | SWAPPED) == 0 || entry & OF_FILE != 0 {
                    continue;
                }
                let page = (first + at) * PAGE..((first + at + 1) * PAGE).min(len);
                match copied.last_mut() {
                    Some(last) if last.end == page.start => last.end = page.end,
                    _ => copied.push(page),
                }
            }
        }
        Ok(copied)
    }

    /// Whether the page at `address` needs no fault to be read.
    pub fn present(&self, address: usize) -> bool {
        let mut entry = [0; 8];
        self.0
            .read_exact_at(&mut entry, (address / PAGE * 8) as u64)
            .is_ok_and(|()| u64::from_ne_bytes(entry) & PRESENT != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shm::{self, Mapping};
    use super::*;

    const LEN: usize = 5000 * PAGE + 100;

    /// A private mapping of a segment that begins with `text`, or None where nothing can be known.
    fn private() -> Option<(Mapping, Pages)> {
        let pages = Pages::open().ok()?;
        let len = shm::page_up(LEN);
        let fd = shm::segment(len).unwrap();
        shm::write(&fd, 0, b"text").unwrap();
        let map = Mapping::private(&fd, len).unwrap();
        Some((map, pages))
    }

    #[test]
    fn what_is_read_is_no_copy_and_what_is_written_is() {
        let Some((map, pages)) = private() else {
            return;
        };
        let start = map.at(0) as usize;
        assert!(!pages.present(start));
        map.populate(0, LEN);
        assert!(pages.present(start));
        assert!(pages.copied(start, LEN).unwrap().is_empty());
        for page in [3, 4, 4097, 5000] {
            // SAFETY: inside of the mapping, which is this test's.
            unsafe { *map.at(page * PAGE + 7) = 1 };
        }
        let expected = [
            3 * PAGE..5 * PAGE,
            4097 * PAGE..4098 * PAGE,
            5000 * PAGE..LEN,
        ];
        assert_eq!(pages.copied(start, LEN).unwrap(), expected);
        // SAFETY: nobody looks.
        unsafe { map.forget_private(0, LEN).unwrap() };
        assert!(pages.copied(start, LEN).unwrap().is_empty());
    }
}
