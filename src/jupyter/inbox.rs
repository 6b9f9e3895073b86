//! Requests and input replies on their way to a language that fetches them, with an eventfd for its event loop.

use std::collections::VecDeque;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use super::connection::Channel;
use super::message::Request;

/// Values in order, and a descriptor that is readable while there is one.
pub struct Inbox<T> {
    queue: Mutex<VecDeque<T>>,
    ready: OwnedFd,
}

impl<T> Inbox<T> {
    /// An empty inbox.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            queue: Mutex::default(),
            ready: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Readable while a value waits.
    pub fn fd(&self) -> RawFd {
        self.ready.as_raw_fd()
    }

    /// Appends a value.
    pub fn push(&self, value: T) {
        let mut queue = self.lock();
        queue.push_back(value);
        if queue.len() == 1 {
            self.signal();
        }
    }

    /// The first value, if there is one.
    pub fn take(&self) -> Option<T> {
        self.take_first(|_| true)
    }

    /// The first value that `wanted` accepts, or else the first.
    pub fn take_first(&self, wanted: impl Fn(&T) -> bool) -> Option<T> {
        let mut queue = self.lock();
        let at = queue.iter().position(wanted).unwrap_or(0);
        let value = queue.remove(at);
        self.settle(&queue);
        value
    }

    /// All values that `wanted` accepts, in order.
    pub fn take_all(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut queue = self.lock();
        let (taken, left) = std::mem::take(&mut *queue)
            .into_iter()
            .partition(|v| wanted(v));
        *queue = left;
        self.settle(&queue);
        let _: &VecDeque<T> = &queue;
        VecDeque::into(taken)
    }

    // Both under the lock, so the descriptor always says what the queue says. A write can only fail when the counter
    // is full, which leaves it readable; a read only when it is zero.
    fn signal(&self) {
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    fn settle(&self, queue: &VecDeque<T>) {
        if queue.is_empty() {
            let _ = rustix::io::read(&self.ready, &mut [0; 8]);
        }
    }
}

impl Inbox<Request> {
    /// The next request: control before shell.
    pub fn take_request(&self) -> Option<Request> {
        self.take_first(|r| r.channel == Channel::Control)
    }

    /// The execute requests of `subshell` that wait.
    pub fn take_executes(&self, subshell: Option<&str>) -> Vec<Request> {
        self.take_all(|r| {
            r.channel == Channel::Shell
                && r.msg_type == "execute_request"
                && r.subshell_id.as_deref() == subshell
        })
    }
}
