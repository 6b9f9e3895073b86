//! The child's side of a worker that is forked from this process: what it must not have is taken away, and its socket
//! and files are put where a worker finds them. The fork itself is the language's to make.

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};

use rustix::fs::{Mode, OFlags};

use super::spawn::Ends;
use super::view;

/// Blocks every signal in this thread until it is dropped: none is delivered between a fork and what has to be done
/// about it first.
pub struct Quiet(libc::sigset_t);

impl Quiet {
    /// From now on.
    pub fn new() -> Self {
        // SAFETY: both sets are initialised by the calls; only this thread's mask changes.
        unsafe {
            let mut all = std::mem::zeroed();
            let mut before = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            Self(before)
        }
    }
}

impl Default for Quiet {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: the set was filled by the system.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

unsafe extern "C" {
    /// C's buffered standard output.
    static stdout: *mut libc::FILE;
}

/// Before a fork: what C code has printed and not written would be written by the child as well.
pub fn flush() {
    // SAFETY: C code that prints holds the stream's lock while it does.
    unsafe { libc::fflush(stdout) };
}

/// In the child: the descriptor of its socket, for `worker::serve`. Signals stay blocked until that lets them through.
pub fn settle(ends: Ends) -> io::Result<RawFd> {
    view::is_child();
    // SAFETY: a process group of its own, as every worker has; it cannot fail for the calling process.
    unsafe { libc::setpgid(0, 0) };
    let null: OwnedFd =
        rustix::fs::open(c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    replace(null.as_raw_fd(), 0, 0)?;
    if let Some(descriptors) = &ends.descriptors {
        for (number, file) in (1..).zip(descriptors.theirs()?) {
            replace(file.as_raw_fd(), number, 0)?;
        }
    }
    let socket = ends.theirs.as_raw_fd();
    close_ways_out(socket, null.as_raw_fd())?;
    // Its number stays taken, and its end is the process's own.
    let socket = ends.theirs.try_clone()?;
    drop(ends);
    Ok(socket.into_raw_fd())
}

fn replace(from: RawFd, to: RawFd, flags: c_int) -> io::Result<()> {
    // SAFETY: both are numbers of descriptors; whoever owned `to` is not in this process any more.
    let done = unsafe {
        if flags == 0 {
            libc::dup2(from, to)
        } else {
            libc::dup3(from, to, flags)
        }
    };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Sockets, pipes, epolls and their like, by which the parent talks to others: a child that held them would keep a port
/// from being bound again, and hide the ends of connections. Their numbers stay taken, by /dev/null, so that objects
/// which still know them do no harm. Files stay.
fn close_ways_out(socket: RawFd, null: RawFd) -> io::Result<()> {
    let listing = rustix::fs::open(
        c"/proc/self/fd",
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let mut numbers = Vec::new();
    for entry in rustix::fs::Dir::read_from(&listing)? {
        let name = entry?.file_name().to_string_lossy().parse::<RawFd>();
        numbers.extend(name.ok());
    }
    drop(listing);
    for fd in numbers {
        if fd > 2 && fd != socket && fd != null && is_way_out(fd) {
            replace(null, fd, libc::O_CLOEXEC)?;
        }
    }
    Ok(())
}

fn is_way_out(fd: RawFd) -> bool {
    // SAFETY: a plain structure of numbers, which the call fills.
    let mode = unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut found) < 0 {
            return false;
        }
        found.st_mode & libc::S_IFMT
    };
    // 0: an eventfd, epoll, pidfd, timer, which have no kind.
    mode == libc::S_IFSOCK || mode == libc::S_IFIFO || mode == 0
}
