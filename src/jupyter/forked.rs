//! A forked child of the kernel must not keep its listeners and connections alive: it closes its copies of them.
//!
//! The handler runs in the child between fork() and the return to user code, where only async-signal-safe calls are
//! allowed: hence a fixed table of descriptors in atomics, and nothing but close().

use std::os::fd::RawFd;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

const SLOTS: usize = 4096;
const FREE: i32 = -1;

static TABLE: [AtomicI32; SLOTS] = [const { AtomicI32::new(FREE) }; SLOTS];
static HANDLER: Once = Once::new();
static FORKED: AtomicBool = AtomicBool::new(false);

/// Whether this process has ever forked: there may be children that print.
pub fn has_forked() -> bool {
    FORKED.load(Ordering::Acquire)
}

/// A descriptor that children close; forgets it on drop (drop this before the descriptor is closed, or together).
#[derive(Debug)]
pub struct Watched {
    slot: Option<usize>,
}

impl Watched {
    /// Has children close `fd` from now on.
    pub fn new(fd: RawFd) -> Self {
        HANDLER.call_once(|| {
            // SAFETY: the handlers only set a flag and close descriptors.
            unsafe { libc::pthread_atfork(None, Some(remember), Some(close_all)) };
        });
        let slot = TABLE.iter().position(|s| {
            s.compare_exchange(FREE, fd, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        });
        Self { slot }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            TABLE[slot].store(FREE, Ordering::Release);
        }
    }
}

unsafe extern "C" fn remember() {
    FORKED.store(true, Ordering::Release);
}

unsafe extern "C" fn close_all() {
    for slot in &TABLE {
        let fd = slot.swap(FREE, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: this process's copy; the I/O thread that owns the descriptor does not exist in the child.
            unsafe { libc::close(fd) };
        }
    }
}
