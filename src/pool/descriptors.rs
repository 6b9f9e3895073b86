//! What workers write past Python, to descriptors 1 and 2: C code and the programs that iterations start. Each is an
//! anonymous file, of which a worker takes what is new when an iteration ends, so that it belongs to the iteration. What
//! nobody took (a crash's last words) the pool passes on when the worker is gone.
//!
//! What was taken becomes a hole: it needs no memory, and a process that writes meanwhile loses nothing, as it would if
//! the file were cut. A program that opens its output by name (`> /dev/stdout`) does cut it: that is seen because the
//! file begins with a hole that is longer than anything a program writes.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::fs::{MemfdFlags, OFlags, SeekFrom};

use super::shm;

const NAME: &std::ffi::CStr = c"paracell-output";
/// Length of the hole at the beginning; less where a process may not have files of that size.
const BEGINNING: u64 = 1 << 40;

fn beginning() -> u64 {
    let most = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    let most = most.map_or(BEGINNING, |most| BEGINNING.min(most / 2));
    most - most % shm::PAGE as u64
}

/// A worker's standard output and standard error, from the pool's side.
pub struct Descriptors([File; 2]);

impl Descriptors {
    /// Two empty files. Whoever writes, appends.
    pub fn new() -> io::Result<Self> {
        let file = || -> io::Result<File> {
            let fd = rustix::fs::memfd_create(NAME, MemfdFlags::CLOEXEC)?;
            rustix::fs::ftruncate(&fd, beginning())?;
            rustix::fs::fcntl_setfl(&fd, OFlags::APPEND)?;
            Ok(fd.into())
        };
        Ok(Self([file()?, file()?]))
    }

    /// For the process that is to write: standard output and standard error.
    pub fn theirs(&self) -> io::Result<[OwnedFd; 2]> {
        let [out, err] = &self.0;
        Ok([out.try_clone()?.into(), err.try_clone()?.into()])
    }

    /// Writes what was not taken to our own descriptors, once nobody writes any more.
    pub fn pass_on(&self) {
        let ours = [rustix::stdio::stdout(), rustix::stdio::stderr()];
        for (file, to) in self.0.iter().zip(ours) {
            // Nobody is left to be told of an error.
            let _ = rest(file).and_then(|rest| write_all(to, &rest));
        }
    }
}

/// What stands behind the holes.
fn rest(file: &File) -> io::Result<Vec<u8>> {
    let bytes = read(file, data(file)?)?;
    // A hole need not end where a page does.
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Ok(bytes[zeros..].to_vec())
}

/// Where the first hole ends.
fn data(file: &File) -> io::Result<u64> {
    match rustix::fs::seek(file, SeekFrom::Data(0)) {
        Ok(start) => Ok(start),
        Err(rustix::io::Errno::NXIO) => Ok(file.metadata()?.len()),
        Err(error) => Err(error.into()),
    }
}

fn read(file: &File, start: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let mut bytes = vec![0; usize::try_from(size.saturating_sub(start)).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// One of a worker's files, from the worker's side.
struct Mine {
    file: File,
    /// Length of the hole at the beginning.
    beginning: u64,
    /// Up to where it was taken.
    taken: Mutex<u64>,
}

impl Mine {
    /// Before anything was taken.
    fn new(file: File) -> io::Result<Self> {
        let beginning = data(&file)?;
        let taken = Mutex::new(beginning);
        Ok(Self {
            file,
            beginning,
            taken,
        })
    }

    fn take(&self) -> io::Result<Option<Vec<u8>>> {
        let size = self.file.metadata()?.len();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if size == *taken {
            return Ok(None);
        }
        if size < self.beginning {
            let bytes = read(&self.file, 0)?;
            self.file.set_len(0)?;
            self.file.set_len(self.beginning)?;
            *taken = self.beginning;
            return Ok(Some(bytes));
        }
        let bytes = read(&self.file, *taken)?;
        *taken += bytes.len() as u64;
        shm::punch(&self.file, 0, usize::try_from(*taken).unwrap_or(usize::MAX))?;
        Ok(Some(bytes))
    }
}

static MINE: OnceLock<Option<[Mine; 2]>> = OnceLock::new();

fn mine() -> Option<&'static [Mine; 2]> {
    MINE.get_or_init(|| {
        let one = |fd: BorrowedFd<'_>| {
            let target =
                rustix::fs::readlink(format!("/proc/self/fd/{}", fd.as_raw_fd()), Vec::new())
                    .ok()?;
            let name = target.to_string_lossy();
            if !name.starts_with(&format!("/memfd:{}", NAME.to_string_lossy())) {
                return None;
            }
            Mine::new(fd.try_clone_to_owned().ok()?.into()).ok()
        };
        Some([
            one(rustix::stdio::stdout().as_fd())?,
            one(rustix::stdio::stderr().as_fd())?,
        ])
    })
    .as_ref()
}

/// In a worker, before user code runs: keeps hold of the files, whatever it does to the descriptors.
pub fn hold() {
    mine();
}

unsafe extern "C" {
    /// C's buffered standard output.
    static stdout: *mut libc::FILE;
}

/// In a worker: what was written to standard output and to standard error since the last call.
pub fn take() -> [Option<Vec<u8>>; 2] {
    let Some(mine) = mine() else {
        return [None, None];
    };
    // SAFETY: C code that prints holds the stream's lock while it does.
    unsafe { libc::fflush(stdout) };
    mine.each_ref().map(|one| one.take().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file() -> (Descriptors, Mine) {
        let both = Descriptors::new().unwrap();
        let file = both.0[0].try_clone().unwrap();
        (both, Mine::new(file).unwrap())
    }

    #[test]
    fn what_is_new_is_taken_once_and_the_rest_is_left() {
        let (both, mine) = file();
        let mut writer = File::from(both.theirs().unwrap()[0].try_clone().unwrap());
        assert_eq!(mine.take().unwrap(), None);
        writer.write_all(b"one").unwrap();
        assert_eq!(mine.take().unwrap().unwrap(), b"one");
        assert_eq!(mine.take().unwrap(), None);
        assert!(rest(&both.0[0]).unwrap().is_empty());
        let long = vec![b'x'; 3 * shm::PAGE];
        writer.write_all(&long).unwrap();
        assert_eq!(mine.take().unwrap().unwrap(), long);
        writer.write_all(b"last words").unwrap();
        assert_eq!(rest(&both.0[0]).unwrap(), b"last words");
    }

    #[test]
    fn a_file_that_was_cut_is_read_from_its_beginning() {
        let (both, mine) = file();
        let mut writer = File::from(both.theirs().unwrap()[0].try_clone().unwrap());
        for word in [b"one", b"two"] {
            writer.set_len(0).unwrap();
            writer.write_all(word).unwrap();
            assert_eq!(mine.take().unwrap().unwrap(), word);
        }
        writer.write_all(b"appended").unwrap();
        assert_eq!(mine.take().unwrap().unwrap(), b"appended");
        assert_eq!(mine.take().unwrap(), None);
    }
}
