//! Which large memory of this process has not been written to since it was last hashed, as the system's page tables know
//! it: asking takes microseconds where a hash takes a millisecond for 10 MB.
//!
//! Pages are write-protected in a way that only the system sees: the first write to one takes a fault that marks it and
//! goes on (Linux 6.7 and later, the kernel's Documentation/admin-guide/mm/{userfaultfd,pagemap}.rst). That costs the
//! writer about a microsecond a page, so it is done only for what has not changed between two hashes. Where the system
//! does not offer it, memory is always hashed.
//!
//! What writes past the page tables (a device that was told of the memory before) is not seen: where there may be such a
//! device, nothing is watched. Nor is memory that others share.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use super::shm::PAGE;

/// Below this many bytes a hash is as quick as all this.
pub const FROM: usize = 4 << 20;
/// Places that are remembered.
const MOST: usize = 32;
/// Hashes that have to be equal before the next one is spared, doubled each time that was in vain.
const MOST_PATIENCE: u32 = 64;

/// Whose memory a device may write to.
const DEVICES: [&str; 4] = ["/dev/nvidia", "/dev/kfd", "/dev/infiniband", "libcuda.so"];

static WATCH: Mutex<Option<Watch>> = Mutex::new(None);

/// The hash of `view` if nothing has been written there since [`remember`] was told it.
pub fn known(view: &[u8]) -> Option<[u8; 16]> {
    with_watch(|watch| watch.known(view)).flatten()
}

/// `hash` is that of `view`, which [`known`] was asked for just before.
pub fn remember(view: &[u8], hash: [u8; 16]) {
    with_watch(|watch| watch.remember(view, hash));
}

fn with_watch<T>(ask: impl FnOnce(&mut Watch) -> T) -> Option<T> {
    let mut watch = WATCH.lock().unwrap_or_else(PoisonError::into_inner);
    let here = rustix::process::getpid();
    // A forked child has the descriptors, but they speak of its parent's memory.
    if watch.as_ref().is_none_or(|watch| watch.owner != here) {
        *watch = Some(Watch::new(here));
    }
    watch.as_mut().map(ask)
}

struct Watch {
    owner: rustix::process::Pid,
    /// None: the system does not offer it.
    system: Option<System>,
    /// The one that was asked for last is the last one.
    places: Vec<Place>,
}

struct Place {
    bytes: Range<usize>,
    hash: [u8; 16],
    /// Hashes in a row that were equal.
    calm: u32,
    /// How many are to be equal before it is watched.
    patience: u32,
    watched: bool,
}

impl Watch {
    fn new(owner: rustix::process::Pid) -> Self {
        let system = System::open()
            .inspect_err(|error| tracing::debug!(%error, "large values are hashed for every cell"))
            .ok();
        let places = Vec::new();
        Self {
            owner,
            system,
            places,
        }
    }

    fn known(&mut self, view: &[u8]) -> Option<[u8; 16]> {
        let system = self.system.as_ref()?;
        let bytes = place(view);
        let at = self.places.iter().position(|place| place.bytes == bytes)?;
        let mut place = self.places.remove(at);
        let mut hash = None;
        if place.watched {
            if system.is_unwritten(&place.bytes) {
                hash = Some(place.hash);
            } else {
                place.give_up(system);
            }
        } else if place.calm >= place.patience {
            // What is hashed now is the content from here on.
            place.watched = system.watch(&place.bytes).is_ok();
        }
        self.places.push(place);
        hash
    }

    fn remember(&mut self, view: &[u8], hash: [u8; 16]) {
        let Some(system) = self.system.as_ref() else {
            return;
        };
        let bytes = place(view);
        if let Some(place) = self.places.iter_mut().rfind(|place| place.bytes == bytes) {
            if place.hash == hash {
                place.calm = place.calm.saturating_add(1);
            } else {
                place.hash = hash;
                place.give_up(system);
            }
            return;
        }
        if self.places.len() == MOST {
            self.places.remove(0).forget(system);
        }
        self.places.push(Place {
            bytes,
            hash,
            calm: 1,
            patience: 1,
            watched: false,
        });
    }
}

impl Place {
    /// It has been written to.
    fn give_up(&mut self, system: &System) {
        if self.watched {
            self.patience = MOST_PATIENCE.min(self.patience * 2);
        }
        self.calm = 0;
        self.forget(system);
    }

    fn forget(&mut self, system: &System) {
        if self.watched {
            self.watched = false;
            system.forget(&self.bytes);
        }
    }
}

fn place(view: &[u8]) -> Range<usize> {
    let range = view.as_ptr_range();
    range.start as usize..range.end as usize
}

/// The pages that `bytes` lie in.
fn pages(bytes: &Range<usize>) -> Range<u64> {
    let (first, end) = (bytes.start / PAGE * PAGE, bytes.end.next_multiple_of(PAGE));
    first as u64..end as u64
}

/// The system calls, which rustix does not have.
struct System {
    faults: OwnedFd,
    pagemap: File,
}

#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
struct Register {
    start: u64,
    len: u64,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
struct Protect {
    start: u64,
    len: u64,
    mode: u64,
}

#[repr(C)]
struct Part {
    start: u64,
    len: u64,
}

#[repr(C)]
#[derive(Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

#[repr(C)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

const UFFD_USER_MODE_ONLY: libc::c_int = 1;
const UFFD_API: u64 = 0xAA;
const WP_UNPOPULATED: u64 = 1 << 13;
const WP_ASYNC: u64 = 1 << 15;
const UFFDIO_API: libc::c_ulong = 0xC018_AA3F;
const UFFDIO_REGISTER: libc::c_ulong = 0xC020_AA00;
const UFFDIO_UNREGISTER: libc::c_ulong = 0x8010_AA01;
const UFFDIO_WRITEPROTECT: libc::c_ulong = 0xC018_AA06;
const MODE_WP: u64 = 1 << 1;
const PROTECT: u64 = 1;
const PAGEMAP_SCAN: libc::c_ulong = 0xC060_6610;
const CHECK_WPASYNC: u64 = 1 << 1;
const WRITTEN: u64 = 1 << 1;
const PRESENT: u64 = 1 << 3;
const SWAPPED: u64 = 1 << 4;

impl System {
    fn open() -> io::Result<Self> {
        if rustix::param::page_size() != PAGE {
            return Err(io::ErrorKind::Unsupported.into());
        }
        // SAFETY: it makes a descriptor, which is nobody else's.
        let faults = unsafe {
            let flags = libc::O_CLOEXEC | UFFD_USER_MODE_ONLY;
            let made = libc::syscall(libc::SYS_userfaultfd, flags);
            if made < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(made as libc::c_int)
        };
        let mut api = Api {
            api: UFFD_API,
            features: WP_ASYNC | WP_UNPOPULATED,
            ioctls: 0,
        };
        ioctl(&faults, UFFDIO_API, &mut api)?;
        let pagemap = File::open("/proc/self/pagemap")?;
        let system = Self { faults, pagemap };
        // An empty range shows whether the question is known.
        system.scan(0..0, &mut [Region::default()])?;
        Ok(system)
    }

    /// Mark the pages of `bytes` that are written to from now on.
    fn watch(&self, bytes: &Range<usize>) -> io::Result<()> {
        let maps = fs::read_to_string("/proc/self/maps")?;
        if !is_private(bytes, &maps) || may_be_written_by_devices(&maps)? {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let Range { start, end } = pages(bytes);
        let (len, mode) = (end - start, MODE_WP);
        let mut register = Register {
            start,
            len,
            mode,
            ioctls: 0,
        };
        ioctl(&self.faults, UFFDIO_REGISTER, &mut register)?;
        let mode = PROTECT;
        let mut protect = Protect { start, len, mode };
        ioctl(&self.faults, UFFDIO_WRITEPROTECT, &mut protect)
            .map(drop)
            .inspect_err(|_| self.forget(bytes))
    }

    /// Whether all pages of `bytes` are there, and none of them has been written to since `watch`.
    fn is_unwritten(&self, bytes: &Range<usize>) -> bool {
        let pages = pages(bytes);
        let mut found = [Region::default(), Region::default()];
        // Pages that are not there (any more) are in no region: what was there is gone.
        matches!(self.scan(pages.clone(), &mut found), Ok(1))
            && (found[0].start, found[0].end) == (pages.start, pages.end)
    }

    /// Find regions of pages that have not been written to; how many. An error if the pages are not watched.
    fn scan(&self, pages: Range<u64>, found: &mut [Region]) -> io::Result<usize> {
        let mut scan = Scan {
            size: size_of::<Scan>() as u64,
            flags: CHECK_WPASYNC,
            start: pages.start,
            end: pages.end,
            walk_end: 0,
            vec: found.as_mut_ptr() as u64,
            vec_len: found.len() as u64,
            max_pages: 0,
            category_inverted: WRITTEN,
            category_mask: WRITTEN,
            category_anyof_mask: PRESENT | SWAPPED,
            return_mask: WRITTEN,
        };
        ioctl(&self.pagemap, PAGEMAP_SCAN, &mut scan)
    }

    fn forget(&self, bytes: &Range<usize>) {
        let Range { start, end } = pages(bytes);
        let len = end - start;
        // What has been unmapped needs it no more.
        let _ = ioctl(&self.faults, UFFDIO_UNREGISTER, &mut Part { start, len });
    }
}

fn ioctl<T>(fd: &impl AsRawFd, request: libc::c_ulong, argument: &mut T) -> io::Result<usize> {
    // SAFETY: each request of this file is given with the struct that it reads and writes, and no memory is changed but
    // that struct and the regions it names, which outlive the call.
    match unsafe { libc::ioctl(fd.as_raw_fd(), request as _, std::ptr::from_mut(argument)) } {
        count if count >= 0 => Ok(count as usize),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether nobody but this process can write to `bytes`: the mappings there are private and no file's.
fn is_private(bytes: &Range<usize>, maps: &str) -> bool {
    let mut from = bytes.start;
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let range = fields.next().and_then(|range| range.split_once('-'));
        let Some((Ok(first), Ok(end))) = range.map(|(first, end)| (address(first), address(end)))
        else {
            return false;
        };
        if end <= from {
            continue;
        }
        let (mode, inode) = (fields.next(), fields.nth(2));
        if first > from || mode.is_none_or(|mode| !mode.ends_with('p')) || inode != Some("0") {
            return false;
        }
        from = end;
        if from >= bytes.end {
            return true;
        }
    }
    false
}

fn address(text: &str) -> Result<usize, std::num::ParseIntError> {
    usize::from_str_radix(text, 16)
}

/// Whether devices may have been given memory of this process.
fn may_be_written_by_devices(maps: &str) -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let pinned = status.lines().find_map(|line| line.strip_prefix("VmPin:"));
    if pinned.is_none_or(|pinned| pinned.trim() != "0 kB") {
        return Ok(true);
    }
    Ok(DEVICES.iter().any(|device| maps.contains(device)))
}

#[cfg(test)]
mod tests {
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

    use super::*;

    const LEN: usize = 8 << 20;
    const HASH: [u8; 16] = [1; 16];

    /// Anonymous memory of this test's, written to; the system's means, or None where it has none.
    fn memory(flags: MapFlags) -> Option<(&'static mut [u8], Watch)> {
        let watch = Watch::new(rustix::process::getpid());
        watch.system.as_ref()?;
        // SAFETY: new memory of this length, which is never unmapped but by the test itself.
        let view = unsafe {
            let start = mmap_anonymous(
                std::ptr::null_mut(),
                LEN,
                ProtFlags::READ | ProtFlags::WRITE,
                flags,
            );
            std::slice::from_raw_parts_mut(start.unwrap().cast(), LEN)
        };
        view.fill(3);
        Some((view, watch))
    }

    /// What `known` says after it has been hashed as often as it takes.
    fn settled(view: &[u8], watch: &mut Watch) -> Option<[u8; 16]> {
        for _ in 0..2 {
            assert_eq!(watch.known(view), None);
            watch.remember(view, HASH);
        }
        watch.known(view)
    }

    #[test]
    fn what_is_not_written_is_known_and_what_is_written_is_not() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), Some(HASH));
        assert_eq!(watch.known(view), Some(HASH));
        for at in [0, LEN / 2 + 77, LEN - 1] {
            view[at] += 1;
            assert_eq!(watch.known(view), None);
            watch.remember(view, HASH);
            let patience = watch.places[0].patience;
            for _ in 0..patience {
                assert_eq!(watch.known(view), None);
                watch.remember(view, HASH);
            }
            assert_eq!(watch.known(view), Some(HASH));
        }
    }

    #[test]
    fn what_changes_between_two_hashes_is_not_watched() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        for round in 0..8 {
            assert_eq!(watch.known(view), None);
            watch.remember(view, [round; 16]);
            assert!(!watch.places[0].watched);
        }
    }

    #[test]
    fn what_is_dropped_is_not_known() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), Some(HASH));
        // SAFETY: one page of this test's memory, which nobody reads.
        unsafe {
            madvise(
                view[5 * PAGE..].as_mut_ptr().cast(),
                PAGE,
                Advice::LinuxDontNeed,
            )
            .unwrap()
        };
        assert_eq!(watch.known(view), None);
    }

    #[test]
    fn what_is_unmapped_and_mapped_again_is_not_known() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), Some(HASH));
        // SAFETY: this test's memory, replaced by as much.
        unsafe {
            let (start, access) = (view.as_mut_ptr().cast(), ProtFlags::READ | ProtFlags::WRITE);
            munmap(start, LEN).unwrap();
            mmap_anonymous(start, LEN, access, MapFlags::PRIVATE | MapFlags::FIXED).unwrap();
        }
        assert_eq!(watch.known(view), None);
    }

    #[test]
    fn what_the_system_writes_for_us_is_seen() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), Some(HASH));
        let zeros = File::open("/dev/zero").unwrap();
        std::os::unix::fs::FileExt::read_exact_at(&zeros, &mut view[9000..9100], 0).unwrap();
        assert_eq!(watch.known(view), None);
    }

    #[test]
    fn shared_memory_is_hashed() {
        let Some((view, mut watch)) = memory(MapFlags::SHARED) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), None);
    }

    #[test]
    fn places_are_forgotten_in_the_end() {
        let Some((view, mut watch)) = memory(MapFlags::PRIVATE) else {
            return;
        };
        assert_eq!(settled(view, &mut watch), Some(HASH));
        for at in 0..MOST {
            watch.remember(&view[at..at + 1], HASH);
        }
        assert_eq!(watch.places.len(), MOST);
        assert_eq!(watch.known(view), None);
    }
}
