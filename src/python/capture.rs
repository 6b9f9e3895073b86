//! What is written to descriptors 1 and 2 (by C code, subprocesses, forked children) becomes stream text.
//!
//! The descriptor is replaced by a pipe. A thread that never takes the GIL reads it, so a write larger than the pipe
//! from C code that holds the GIL does not hang; `drain` reads what is there now, for a flush. No Python here.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, ioctl_fionread, read};
use rustix::pipe::{PipeFlags, pipe_with};

/// Where the text goes: text, and the raw header of its parent.
pub type Sink = Box<dyn Fn(&str, &[u8]) + Send + Sync>;

const PIECE: usize = 64 * 1024;

struct State {
    parent: Vec<u8>,
    /// The bytes of a character that is not complete yet.
    partial: Vec<u8>,
}

/// One captured descriptor.
pub struct Capture {
    pipe: OwnedFd,
    state: Mutex<State>,
    sink: Sink,
}

impl Capture {
    /// Puts a pipe in the place of `fd`, and starts the thread that reads it; also a copy of the original descriptor.
    pub fn start(fd: RawFd, name: &str, sink: Sink) -> io::Result<(Arc<Self>, OwnedFd)> {
        // SAFETY: only borrowed for this call; dup fails with EBADF if nothing is open there.
        let original = fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, 3)?;
        let (pipe, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&pipe, true)?;
        let capture = Arc::new(Self {
            pipe,
            state: Mutex::new(State {
                parent: b"{}".to_vec(),
                partial: Vec::new(),
            }),
            sink,
        });
        let reader = Arc::clone(&capture);
        std::thread::Builder::new()
            .name(format!("paracell-{name}"))
            .spawn(move || reader.serve())?;
        // SAFETY: dup2 onto a descriptor that exists; whoever used it goes on with the pipe.
        if unsafe { libc::dup2(writer.as_raw_fd(), fd) } < 0 {
            return Err(io::Error::last_os_error());
        }
        line_buffer(fd);
        Ok((capture, original))
    }

    /// Hands on what was written before this call.
    pub fn drain(&self) {
        let mut state = self.lock();
        self.read_present(&mut state);
    }

    /// What is written from now on belongs to `parent`; what was written before does not.
    pub fn set_parent(&self, parent: &[u8]) {
        let mut state = self.lock();
        self.read_present(&mut state);
        if !state.partial.is_empty() {
            let rest = std::mem::take(&mut state.partial);
            (self.sink)(&String::from_utf8_lossy(&rest), &state.parent);
        }
        state.parent.clear();
        state.parent.extend_from_slice(parent);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        block_signals();
        loop {
            let mut waiting = [PollFd::new(&self.pipe, PollFlags::IN)];
            match poll(&mut waiting, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return,
            }
            if waiting[0].revents().contains(PollFlags::IN) {
                self.drain();
            } else {
                return; // every writer is gone
            }
        }
    }

    /// Reads what the pipe holds now and not more: someone may be writing without end.
    fn read_present(&self, state: &mut State) {
        let mut left = ioctl_fionread(&self.pipe).unwrap_or(0);
        let mut piece = vec![0_u8; PIECE];
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            match read(self.pipe.as_fd(), &mut piece[..wanted]) {
                Ok(0) | Err(Errno::AGAIN) => return,
                Ok(n) => {
                    left = left.saturating_sub(n as u64);
                    self.hand_on(state, &piece[..n]);
                }
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn hand_on(&self, state: &mut State, bytes: &[u8]) {
        state.partial.extend_from_slice(bytes);
        let whole = complete(&state.partial);
        let rest = state.partial.split_off(whole);
        let text = std::mem::replace(&mut state.partial, rest);
        if !text.is_empty() {
            (self.sink)(&String::from_utf8_lossy(&text), &state.parent);
        }
    }
}

/// How many of `bytes` are not the beginning of a character whose end is still to come.
fn complete(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let at = bytes.len() - back;
        let needed = match bytes[at] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            0x80..=0xBF => continue,
            _ => 1,
        };
        return if needed > back { at } else { bytes.len() };
    }
    bytes.len()
}

/// C's stdout would keep its text until 4096 bytes are together, as it writes to a pipe now.
fn line_buffer(fd: RawFd) {
    #[cfg(target_os = "linux")]
    if fd == libc::STDOUT_FILENO {
        unsafe extern "C" {
            static stdout: *mut libc::FILE;
        }
        // SAFETY: libc's own stream; flushed first, so that nothing is in the buffer that is given up.
        unsafe {
            libc::fflush(stdout);
            libc::setvbuf(stdout, std::ptr::null_mut(), libc::_IOLBF, 0);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = fd;
}

/// SIGINT and its like are for the main thread.
fn block_signals() {
    // SAFETY: a mask of this thread alone.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn incomplete_characters_wait_for_their_end() {
        assert_eq!(complete(b"abc"), 3);
        assert_eq!(complete("aé".as_bytes()), 3);
        assert_eq!(complete(&"aé".as_bytes()[..2]), 1);
        assert_eq!(complete(&"😀".as_bytes()[..3]), 0);
        assert_eq!(complete("😀".as_bytes()), 4);
        assert_eq!(complete(&[0x80, 0x80, 0x80, 0x80]), 4);
    }

    #[test]
    fn text_goes_to_the_parent_of_its_time() -> io::Result<()> {
        let (target, _other) = pipe_with(PipeFlags::CLOEXEC)?;
        let fd = fcntl_dupfd_cloexec(&target, 3)?;
        let (send, receive) = mpsc::channel();
        let sink: Sink = Box::new(move |text, parent| {
            let _ = send.send((text.to_owned(), parent.to_vec()));
        });
        let (capture, _original) = Capture::start(fd.as_raw_fd(), "test", sink)?;
        let all = |wanted: &str| {
            let mut got = String::new();
            let mut parents = Vec::new();
            while got.len() < wanted.len() {
                let Ok((text, parent)) = receive.recv() else {
                    break;
                };
                got.push_str(&text);
                parents.push(parent);
            }
            assert_eq!(got, wanted);
            parents
        };
        rustix::io::write(&fd, "first é".as_bytes())?;
        capture.set_parent(b"two");
        assert!(all("first é").iter().all(|p| p == b"{}"));
        let large = "x".repeat(300_000); // larger than the pipe: the thread reads while we write
        let mut rest = large.as_bytes();
        while !rest.is_empty() {
            rest = &rest[rustix::io::write(&fd, rest)?..];
        }
        capture.drain();
        assert!(all(&large).iter().all(|p| p == b"two"));
        Ok(())
    }
}
