//! What is written to descriptors 1 and 2 past the language (C code, children) becomes stream output.
//!
//! The pipes are read by a thread that never takes the GIL: C code that writes more than a pipe holds while it keeps the
//! GIL is not stuck. Whoever wants an order (a new parent, a flush) reads what the pipes hold first, under the lock.
//!
//! What descriptors 1 and 2 receive belongs to the cell that runs. A subprocess can have pipes of its own cell instead
//! ([`Capture::for_child`]), which are read until the last process that holds them has ended.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::pipe::{PipeFlags, pipe_with};

use super::forked;
use super::ingress::Stdio;
use super::wire::Wire;
use crate::signals;

/// Room asked for in a pipe; the system may give less.
const PIPE: usize = 1 << 20;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

struct Pipe {
    name: Stdio,
    read: OwnedFd,
    source: Source,
    /// The start of a character whose rest has not arrived.
    tail: Mutex<Vec<u8>>,
}

/// Who writes into a pipe.
enum Source {
    /// The whole process, through a descriptor that was replaced.
    Process {
        target: RawFd,
        original: OwnedFd,
        /// Kept so that the pipe never reports an end, whatever user code closes.
        _write: OwnedFd,
    },
    /// Subprocesses of the cell whose header this is.
    Cell(Bytes),
}

/// Pipes for the subprocesses of one cell: ends of the kernel's, to be inherited.
struct Given {
    parent: Bytes,
    writes: Vec<(Stdio, OwnedFd)>,
}

#[derive(Default)]
struct State {
    pipes: Vec<Arc<Pipe>>,
    parent: Bytes,
    given: Option<Given>,
    quit: bool,
}

struct Shared {
    wire: Arc<Wire>,
    state: Mutex<State>,
    /// Whether the state has pipes for subprocesses.
    given: AtomicBool,
    wake: OwnedFd,
}

/// Captured descriptors of one kernel.
pub struct Capture {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Capture {
    /// Captures no descriptor yet; what forked children say is published from now on.
    pub fn new(wire: Arc<Wire>) -> io::Result<Self> {
        let shared = Shared {
            wire,
            state: Mutex::new(State {
                parent: Bytes::from_static(b"{}"),
                ..State::default()
            }),
            given: AtomicBool::new(false),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        };
        let shared = Arc::new(shared);
        let watching = shared.clone();
        let builder = std::thread::Builder::new().name(String::from("paracell-capture"));
        Ok(Self {
            shared,
            thread: Mutex::new(Some(builder.spawn(move || watching.watch())?)),
        })
    }

    /// Replaces `fd` by a pipe; a copy of the original, which is the caller's.
    pub fn capture(&self, fd: RawFd, name: Stdio) -> io::Result<OwnedFd> {
        let original = duplicate(fd)?;
        let copy = rustix::io::fcntl_dupfd_cloexec(&original, 3)?;
        let (read, write) = pipe()?;
        let _ = rustix::pipe::fcntl_setpipe_size(&write, PIPE); // a smaller pipe works, too
        replace(&write, fd)?;
        line_buffer(fd);
        let source = Source::Process {
            target: fd,
            original,
            _write: write,
        };
        self.shared.lock().push(name, read, source);
        self.shared.wake();
        Ok(copy)
    }

    /// A descriptor into which a subprocess of the cell `parent` can write instead of the one that was captured as
    /// `name`. None if that is not in use: whatever the user has put in its place is to be inherited.
    pub fn for_child(&self, name: Stdio, parent: &[u8]) -> io::Result<Option<OwnedFd>> {
        if self.shared.wire.is_copy() {
            return Ok(None);
        }
        let mut state = self.shared.lock();
        if !state.pipes.iter().any(|p| p.name == name && p.in_use()) {
            return Ok(None);
        }
        self.shared.drain(&state); // what was printed before stands before what the child prints
        if state.given.as_ref().is_none_or(|g| g.parent != parent) {
            state.given = Some(Given {
                parent: Bytes::copy_from_slice(parent),
                writes: Vec::new(),
            });
        }
        let copy = state.given_write(name)?;
        self.shared.given.store(true, Ordering::Release);
        drop(state);
        self.shared.wake();
        Ok(Some(copy))
    }

    /// Whether there may be a child that prints: a fork, or a subprocess of the cell that runs.
    pub fn has_children(&self) -> bool {
        forked::has_forked() || self.shared.given.load(Ordering::Acquire)
    }

    /// What the pipes hold belongs to the old parent, what comes to the new one.
    pub fn set_parent(&self, parent: Bytes) {
        if self.shared.wire.is_copy() {
            return;
        }
        let mut state = self.shared.lock();
        self.shared.drain(&state);
        state.parent = parent;
        state.given = None;
        self.shared.given.store(false, Ordering::Release);
        state.prune();
    }

    /// Takes in what the pipes hold.
    pub fn drain(&self) {
        if !self.shared.wire.is_copy() {
            let state = self.shared.lock();
            self.shared.drain(&state);
        }
    }

    /// Puts the original descriptors back, takes in what is left and joins the thread.
    pub fn stop(&self) {
        if self.shared.wire.is_copy() {
            return;
        }
        let mut state = self.shared.lock();
        for pipe in &state.pipes {
            if let Source::Process {
                target, original, ..
            } = &pipe.source
                && let Err(error) = replace(original, *target)
            {
                tracing::warn!("descriptor {target} cannot be put back: {error}");
            }
        }
        self.shared.drain(&state);
        state.quit = true;
        state.pipes.clear();
        state.given = None;
        drop(state);
        self.shared.wake();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|t| t.join().is_err()) {
            tracing::error!("the capture thread had panicked");
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes()); // fails only when it is readable anyway
    }

    fn watch(&self) {
        signals::block();
        loop {
            let pipes = {
                let state = self.lock();
                if state.quit {
                    return;
                }
                state.pipes.clone()
            };
            let children = self.wire.children_fd();
            let mut fds = vec![
                PollFd::new(&self.wake, PollFlags::IN),
                PollFd::new(&children, PollFlags::IN),
            ];
            fds.extend(pipes.iter().map(|p| PollFd::new(&p.read, PollFlags::IN)));
            if let Err(error) = poll(&mut fds, None)
                && error != rustix::io::Errno::INTR
            {
                return tracing::error!("captured descriptors are not read any more: {error}");
            }
            if !fds[0].revents().is_empty() {
                let _ = rustix::io::read(&self.wake, &mut [0; 8]);
            }
            let mut state = self.lock();
            self.drain(&state);
            state.prune();
            drop(state);
            // Back-pressure: the pipes fill up while a client is too far behind.
            while self.wire.full() && !self.lock().quit {
                self.wire.wait_for_room(Duration::from_millis(100));
            }
        }
    }

    /// What a child has printed that has ended stands before what this process prints next: so what this process has
    /// printed is taken first and said last.
    fn drain(&self, state: &State) {
        let mut own = Vec::new();
        for pipe in &state.pipes {
            if matches!(pipe.source, Source::Process { .. }) {
                pipe.drain(|text| own.push((pipe.name, text.to_owned())));
            }
        }
        for pipe in &state.pipes {
            if let Source::Cell(parent) = &pipe.source {
                pipe.drain(|text| self.wire.stream(pipe.name, text, parent));
            }
        }
        self.wire.drain_children();
        for (name, text) in own {
            self.wire.stream(name, &text, &state.parent);
        }
    }
}

impl State {
    fn push(&mut self, name: Stdio, read: OwnedFd, source: Source) {
        self.pipes.push(Arc::new(Pipe {
            name,
            read,
            source,
            tail: Mutex::default(),
        }));
    }

    /// Forgets the pipes that nobody can write to any more.
    fn prune(&mut self) {
        self.pipes.retain(|pipe| !pipe.ended());
    }

    /// A copy of the end that subprocesses of the current `given` write to as `name`, its pipe made at need.
    fn given_write(&mut self, name: Stdio) -> io::Result<OwnedFd> {
        let Some(given) = &mut self.given else {
            return Err(io::Error::from_raw_os_error(libc::EBADF));
        };
        if let Some((_, write)) = given.writes.iter().find(|(n, _)| *n == name) {
            return Ok(rustix::io::fcntl_dupfd_cloexec(write, 3)?);
        }
        let (read, write) = pipe()?;
        let copy = rustix::io::fcntl_dupfd_cloexec(&write, 3)?;
        given.writes.push((name, write));
        let source = Source::Cell(given.parent.clone());
        self.push(name, read, source);
        Ok(copy)
    }
}

impl Pipe {
    /// How many bytes wait.
    fn holds(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.read).unwrap_or(0)
    }

    /// Whether nobody can write to it, and all that was written has been read.
    fn ended(&self) -> bool {
        let now = Timespec::default();
        let mut fds = [PollFd::new(&self.read, PollFlags::IN)];
        matches!(self.source, Source::Cell(_))
            && poll(&mut fds, Some(&now)).is_ok()
            && fds[0].revents() == PollFlags::HUP
    }

    /// Whether the descriptor that was replaced still leads here.
    fn in_use(&self) -> bool {
        let Source::Process { target, .. } = &self.source else {
            return false;
        };
        // SAFETY: only borrowed for this call, which fails if there is no such descriptor.
        let target = unsafe { BorrowedFd::borrow_raw(*target) };
        match (rustix::fs::fstat(target), rustix::fs::fstat(&self.read)) {
            (Ok(there), Ok(here)) => (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino),
            _ => false,
        }
    }

    /// Takes in what the pipe holds now and not more: someone may be writing without end.
    fn drain(&self, mut write: impl FnMut(&str)) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = self.holds();
        if left == 0 {
            return; // nearly always, twice in every cell
        }
        let mut chunk = vec![0; CHUNK];
        while left > 0 {
            let Ok(count) = rustix::io::read(&self.read, &mut chunk[..]) else {
                return;
            };
            left = left.saturating_sub(count as u64);
            tail.extend_from_slice(&chunk[..count]);
            let whole = whole_characters(&tail);
            write(&String::from_utf8_lossy(&tail[..whole]));
            tail.drain(..whole);
        }
    }
}

/// How many bytes at the start of `bytes` do not end within a character.
fn whole_characters(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let at = bytes.len() - back;
        let needed = match bytes[at] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if needed > back { at } else { bytes.len() };
    }
    bytes.len()
}

fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: only borrowed for this call, which fails if there is no such descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    Ok(rustix::io::fcntl_dupfd_cloexec(fd, 3)?)
}

/// A pipe, read without waiting.
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
    rustix::fs::fcntl_setfl(&read, rustix::fs::OFlags::NONBLOCK)?;
    Ok((read, write))
}

/// Makes `target` another name of `fd`, inherited by children.
fn replace(fd: &OwnedFd, target: RawFd) -> io::Result<()> {
    // SAFETY: no memory is involved.
    if unsafe { libc::dup2(fd.as_raw_fd(), target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// C's stdout would keep its text until 4096 bytes are together, now that it is a pipe.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_waits_for_its_rest() {
        let text = "aé€😀";
        let sizes = [1, 1, 3, 3, 3, 6, 6, 6, 6, 10];
        for (i, size) in sizes.into_iter().enumerate() {
            assert_eq!(whole_characters(&text.as_bytes()[..=i]), size, "{i}");
        }
        assert_eq!(
            whole_characters(b"\xff\xfe\x80\x80\x80\x80"),
            6,
            "garbage is not kept"
        );
        assert_eq!(whole_characters(b""), 0);
    }
}
