//! Requests and input replies on their way to a language that fetches them, with an eventfd for its event loop.

use std::collections::VecDeque;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use super::connection::Channel;
use super::message::Request;

/// Values in order, the urgent ones first, and a descriptor that is readable while there is one.
pub struct Inbox<T> {
    queues: Mutex<Queues<T>>,
    ready: OwnedFd,
}

struct Queues<T> {
    urgent: VecDeque<T>,
    rest: VecDeque<T>,
}

impl<T> Queues<T> {
    fn len(&self) -> usize {
        self.urgent.len() + self.rest.len()
    }
}

impl<T> Inbox<T> {
    /// An empty inbox.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            queues: Mutex::new(Queues {
                urgent: VecDeque::new(),
                rest: VecDeque::new(),
            }),
            ready: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Queues<T>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Readable while a value waits.
    pub fn fd(&self) -> RawFd {
        self.ready.as_raw_fd()
    }

    /// Appends a value, to the urgent ones if it is one.
    pub fn push(&self, value: T, urgent: bool) {
        let mut queues = self.lock();
        if urgent {
            queues.urgent.push_back(value);
        } else {
            queues.rest.push_back(value);
        }
        if queues.len() == 1 {
            self.signal();
        }
    }

    /// Makes the descriptor readable though nothing waits: something else is to be looked at. The next `take` settles it.
    pub fn wake(&self) {
        let _queues = self.lock();
        self.signal();
    }

    /// The first value, if there is one.
    pub fn take(&self) -> Option<T> {
        let mut queues = self.lock();
        let value = queues
            .urgent
            .pop_front()
            .or_else(|| queues.rest.pop_front());
        self.settle(&queues);
        value
    }

    /// All values that are not urgent and that `wanted` accepts, in order.
    pub fn take_all(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut queues = self.lock();
        let (taken, left): (VecDeque<T>, VecDeque<T>) = std::mem::take(&mut queues.rest)
            .into_iter()
            .partition(wanted);
        queues.rest = left;
        self.settle(&queues);
        VecDeque::into(taken)
    }

    // Both under the lock, so the descriptor always says what the queue says. A write can only fail when the counter
    // is full, which leaves it readable; a read only when it is zero.
    fn signal(&self) {
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    fn settle(&self, queues: &Queues<T>) {
        if queues.len() == 0 {
            let _ = rustix::io::read(&self.ready, &mut [0; 8]);
        }
    }
}

impl Inbox<Request> {
    /// Appends a request: control goes before shell.
    pub fn push_request(&self, request: Request) {
        let urgent = request.channel == Channel::Control;
        self.push(request, urgent);
    }

    /// Whether a cell waits.
    pub fn has_execute(&self) -> bool {
        let queues = self.lock();
        queues.rest.iter().any(|r| r.msg_type == "execute_request")
    }

    /// The execute requests of `subshell` that wait.
    pub fn take_executes(&self, subshell: Option<&str>) -> Vec<Request> {
        self.take_all(|r| r.msg_type == "execute_request" && r.subshell_id.as_deref() == subshell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn readable(inbox: &Inbox<u32>) -> bool {
        let now = Timespec::default();
        poll(&mut [PollFd::new(&inbox.ready, PollFlags::IN)], Some(&now)).unwrap() > 0
    }

    #[test]
    fn the_descriptor_says_whether_a_value_waits_and_urgent_ones_come_first() {
        let inbox = Inbox::new().unwrap();
        assert!(!readable(&inbox));
        for (value, urgent) in [(1, false), (2, false), (3, true), (4, false), (5, true)] {
            inbox.push(value, urgent);
        }
        assert_eq!(
            (inbox.take(), inbox.take(), inbox.take()),
            (Some(3), Some(5), Some(1))
        );
        assert!(readable(&inbox));
        assert_eq!(inbox.take_all(|v| v % 2 == 0), [2, 4]);
        assert!(!readable(&inbox));
        assert_eq!(inbox.take(), None);
        inbox.push(6, false);
        assert!(readable(&inbox));
    }
}
