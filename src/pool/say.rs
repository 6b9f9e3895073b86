//! What a task says before it ends: bytes that somebody may want to see at once. A thread of the worker sends them, so
//! that they arrive while the task computes; a task that is over soon sends nothing this way.

use std::io::IoSlice;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::frames::Frame;
use crate::signals;

/// Time before a task's first words are sent, and between later ones.
const PACE: Duration = Duration::from_millis(100);

#[derive(Default)]
struct State {
    /// The running task's ticket, and when its words are due.
    task: Option<(u64, Instant)>,
    words: Vec<u8>,
    /// The worker's socket, as the sending thread has it. None: there is no such thread.
    socket: Option<OwnedFd>,
    /// The thread waits until there is something to send at all.
    idle: bool,
}

/// The worker's process.
static OWNER: AtomicU32 = AtomicU32::new(0);

static STATE: Mutex<State> = Mutex::new(State {
    task: None,
    words: Vec::new(),
    socket: None,
    idle: false,
});
static CHANGED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The main thread's side.
#[derive(Default)]
pub struct Speaker {
    begun: bool,
}

impl Speaker {
    /// A task begins. The first time, the sending thread is started; without it nothing is sent ahead.
    pub fn begin(&mut self, ticket: u64, socket: BorrowedFd<'_>) {
        let mut state = lock();
        state.task = Some((ticket, Instant::now() + PACE));
        if !std::mem::replace(&mut self.begun, true) {
            OWNER.store(std::process::id(), Ordering::SeqCst);
            state.socket = rustix::io::fcntl_dupfd_cloexec(socket, 64).ok();
        }
    }

    /// It has ended: what was not sent goes with its result. No word of it is on its way when this returns.
    pub fn end(&mut self) {
        let mut state = lock();
        state.task = None;
        state.words.clear();
    }
}

/// The running task says this. Nothing outside of a task, and nothing in a forked child.
pub fn say(bytes: &[u8]) {
    // A child has the lock as it was at the fork, perhaps taken, and no sending thread.
    if OWNER.load(Ordering::SeqCst) != std::process::id() {
        return;
    }
    let mut state = lock();
    if state.task.is_none() || state.socket.is_none() {
        return;
    }
    state.words.extend_from_slice(bytes);
    if STARTED.get().is_none() {
        let started = std::thread::Builder::new()
            .name("paracell-say".to_owned())
            .stack_size(128 * 1024)
            .spawn(serve)
            .is_ok();
        let _ = STARTED.set(started);
    } else if std::mem::replace(&mut state.idle, false) {
        CHANGED.notify_one();
    }
}

static STARTED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();

fn serve() {
    signals::block();
    let mut state = lock();
    loop {
        let due = match state.task {
            Some((_, due)) if !state.words.is_empty() => due,
            _ => {
                state.idle = true;
                state = CHANGED.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
        };
        let now = Instant::now();
        if now < due {
            let (woken, _) = CHANGED
                .wait_timeout(state, due - now)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            continue;
        }
        if let Some((ticket, _)) = state.task {
            state.task = Some((ticket, now + PACE));
            let bytes = std::mem::take(&mut state.words);
            // Under the lock: the result may not overtake them, and the main thread writes only between tasks.
            send(&state, &Frame::Said { ticket, bytes }.encode());
        }
    }
}

/// A peer that is gone is the main thread's to notice.
fn send(state: &State, bytes: &[u8]) {
    let Some(socket) = &state.socket else { return };
    let mut rest = bytes;
    while !rest.is_empty() {
        let sent = rustix::net::sendmsg(
            socket,
            &[IoSlice::new(rest)],
            &mut rustix::net::SendAncillaryBuffer::default(),
            rustix::net::SendFlags::NOSIGNAL,
        );
        match sent {
            Ok(count) => rest = &rest[count.min(rest.len())..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
