//! The one queue from every thread to the I/O thread. Pushing never waits; waiting is a call of its own.
//!
//! Stream text is gathered at the end of the queue and travels when its delay is over, or with the next command.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::connection::Channel;
use super::message::{Message, Request};

/// The largest text of one stream message: small enough for a browser, large enough for a flood.
pub const STREAM_MESSAGE: usize = 256 * 1024;
/// Stream bytes that are sent before their delay is over.
const STREAM_URGENT: usize = 256 * 1024;
/// How many streams at the end of the queue are looked at for one to append to.
const LOOK_BACK: usize = 8;

/// The two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdio {
    Stdout,
    Stderr,
}

/// What the I/O thread is asked to do, in order.
#[derive(Debug)]
pub enum Command {
    Stream {
        name: Stdio,
        parent: Bytes,
        text: String,
    },
    Publish {
        topic: Bytes,
        message: Message,
    },
    Reply {
        channel: Channel,
        identities: Vec<Bytes>,
        message: Message,
    },
    Input {
        identity: Bytes,
        message: Message,
    },
    /// A reply that says that a cell failed, and with it the end of those that wait behind the cell.
    Failed {
        reply: Box<Command>,
        aborting: Aborting,
    },
    DebugAnswer {
        ticket: u64,
        content: Bytes,
    },
    Flush,
    Stop {
        linger: Duration,
    },
}

/// The execute requests behind a failed cell.
#[derive(Debug)]
pub struct Aborting {
    /// Of which subshell; `None`: of the main shell.
    pub subshell: Option<String>,
    /// Those that the language has taken already, in order.
    pub taken: Vec<Request>,
    /// Of the replies that they get.
    pub metadata: Bytes,
}

impl Command {
    /// About how many bytes it holds.
    pub fn size(&self) -> usize {
        match self {
            Self::Stream { text, parent, .. } => text.len() + parent.len() + 64,
            Self::Publish { message, .. }
            | Self::Reply { message, .. }
            | Self::Input { message, .. } => message.size(),
            Self::DebugAnswer { content, .. } => content.len() + 64,
            Self::Failed { reply, aborting } => {
                reply.size()
                    + 64
                    + aborting
                        .taken
                        .iter()
                        .map(|r| r.content.len() + 64)
                        .sum::<usize>()
            }
            Self::Flush | Self::Stop { .. } => 64,
        }
    }
}

/// The place of a command in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// How a wait went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Done,
    TimeOut,
    /// The I/O thread has ended.
    Ended,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Command>,
    bytes: usize,
    pushed: u64,
    done: u64,
    urgent: bool,
    /// When the first of the waiting streams was written.
    since: Option<Instant>,
    waiters: usize,
    ended: bool,
}

/// The queue.
pub struct Ingress {
    state: Mutex<State>,
    changed: Condvar,
    notify: Notify,
    /// Bytes that the I/O thread has taken and not passed on yet.
    taken: AtomicUsize,
    /// Bytes that wait for the slowest subscriber.
    downstream: AtomicUsize,
    limit: usize,
    stream_delay: Duration,
}

/// What the I/O thread has to do next.
pub enum Due {
    /// These commands; then [`Ingress::done`] with the ticket.
    Now(VecDeque<Command>, Ticket),
    /// Only streams wait, until then.
    Later(Instant),
    Nothing,
}

impl Ingress {
    /// Publishers wait while more than `limit` bytes wait for a subscriber.
    pub fn new(limit: usize, stream_delay: Duration) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            notify: Notify::new(),
            taken: AtomicUsize::new(0),
            downstream: AtomicUsize::new(0),
            limit,
            stream_delay,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a command; the I/O thread takes it, and all before it, at once.
    pub fn push(&self, command: Command) -> Ticket {
        let mut state = self.lock();
        state.pushed += 1;
        let ticket = Ticket(state.pushed);
        if state.ended {
            return ticket;
        }
        state.bytes += command.size();
        state.queue.push_back(command);
        let wake = !std::mem::replace(&mut state.urgent, true);
        drop(state);
        if wake {
            self.notify.notify_one();
        }
        ticket
    }

    /// Appends stream text, to the waiting text of the same stream and parent where that changes no visible order.
    pub fn stream(&self, name: Stdio, text: &str, parent: &[u8]) {
        if text.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.ended {
            return;
        }
        if let Some(last) = appendable(&mut state.queue, name, text.len(), parent) {
            last.push_str(text);
            state.bytes += text.len();
        } else {
            for piece in pieces(text) {
                let command = Command::Stream {
                    name,
                    parent: Bytes::copy_from_slice(parent),
                    text: piece.to_owned(),
                };
                state.pushed += 1;
                state.bytes += command.size();
                state.queue.push_back(command);
            }
        }
        let first = state.since.is_none();
        state.since.get_or_insert_with(Instant::now);
        let full = state.bytes > STREAM_URGENT && !std::mem::replace(&mut state.urgent, true);
        drop(state);
        if first || full {
            self.notify.notify_one();
        }
    }

    /// What is due now.
    pub fn due(&self) -> Due {
        let mut state = self.lock();
        if state.queue.is_empty() {
            return Due::Nothing;
        }
        if let Some(since) = state.since
            && !state.urgent
            && since.elapsed() < self.stream_delay
        {
            return Due::Later(since + self.stream_delay);
        }
        state.urgent = false;
        state.since = None;
        self.taken.store(state.bytes, Ordering::Release);
        state.bytes = 0;
        Due::Now(std::mem::take(&mut state.queue), Ticket(state.pushed))
    }

    /// Resolves when something may be due.
    pub async fn notified(&self) {
        self.notify.notified().await;
    }

    /// So many of the bytes that are due have reached the subscribers' queues.
    pub fn passed(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Everything up to `ticket` has been done.
    pub fn done(&self, ticket: Ticket) {
        let mut state = self.lock();
        self.taken.store(0, Ordering::Release);
        state.done = ticket.0;
        if state.waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// How many bytes wait for the slowest subscriber now.
    pub fn set_downstream(&self, bytes: usize) {
        let before = self.downstream.swap(bytes, Ordering::AcqRel);
        if before > self.limit && bytes <= self.limit {
            let _state = self.lock(); // so that a waiter is either before its check or in its wait
            self.changed.notify_all();
        }
    }

    /// The I/O thread has ended: nothing is taken any more and nobody waits.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.queue.clear();
        state.bytes = 0;
        self.changed.notify_all();
    }

    /// Waits until the I/O thread has done everything up to `ticket`.
    pub fn wait(&self, ticket: Ticket, timeout: Duration) -> Waited {
        self.wait_until(timeout, |state| state.done >= ticket.0)
    }

    /// Waits until no subscriber is more than the limit behind.
    pub fn wait_for_room(&self, timeout: Duration) -> Waited {
        self.wait_until(timeout, |state| !self.is_full(state))
    }

    /// Whether a publisher that may wait should.
    pub fn full(&self) -> bool {
        let state = self.lock();
        !state.ended && self.is_full(&state)
    }

    fn is_full(&self, state: &State) -> bool {
        let beyond = self.taken.load(Ordering::Acquire) + self.downstream.load(Ordering::Acquire);
        state.bytes + beyond > self.limit
    }

    fn wait_until(&self, timeout: Duration, ready: impl Fn(&State) -> bool) -> Waited {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        state.waiters += 1;
        let waited = loop {
            if ready(&state) {
                break Waited::Done;
            }
            if state.ended {
                break Waited::Ended;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Waited::TimeOut;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        };
        state.waiters -= 1;
        waited
    }
}

/// The waiting text that `more` bytes of stream `name` of `parent` may join: streams of other parents may be passed,
/// a different stream of the same parent may not.
fn appendable<'a>(
    queue: &'a mut VecDeque<Command>,
    name: Stdio,
    more: usize,
    parent: &[u8],
) -> Option<&'a mut String> {
    for command in queue.iter_mut().rev().take(LOOK_BACK) {
        let Command::Stream {
            name: n,
            parent: p,
            text,
        } = command
        else {
            return None;
        };
        if p[..] == *parent {
            return (*n == name && text.len() + more <= STREAM_MESSAGE).then_some(text);
        }
    }
    None
}

/// `text` in pieces of at most [`STREAM_MESSAGE`] bytes.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let mut end = text.len().min(STREAM_MESSAGE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, rest) = text.split_at(end);
        text = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn texts(ingress: &Ingress) -> Vec<(Stdio, String, String)> {
        ingress.push(Command::Flush);
        let Due::Now(commands, _) = ingress.due() else {
            panic!("a flush is due at once")
        };
        let text = |command| match command {
            Command::Stream { name, parent, text } => {
                Some((name, String::from_utf8_lossy(&parent).into_owned(), text))
            }
            _ => None,
        };
        commands.into_iter().filter_map(text).collect()
    }

    #[test]
    fn text_of_one_stream_and_parent_is_one_message_in_visible_order() {
        let ingress = Ingress::new(1 << 20, HOUR);
        for (name, text, parent) in [
            (Stdio::Stdout, "a", "1"),
            (Stdio::Stdout, "b", "1"),
            (Stdio::Stdout, "x", "2"), // another cell's thread
            (Stdio::Stdout, "c", "1"),
            (Stdio::Stderr, "e", "1"), // what comes after an error message stays after it
            (Stdio::Stdout, "d", "1"),
            (Stdio::Stdout, "y", "2"),
        ] {
            ingress.stream(name, text, parent.as_bytes());
        }
        let expected = [
            (Stdio::Stdout, "1", "abc"),
            (Stdio::Stdout, "2", "xy"),
            (Stdio::Stderr, "1", "e"),
            (Stdio::Stdout, "1", "d"),
        ];
        let expected = expected.map(|(n, p, t)| (n, p.to_owned(), t.to_owned()));
        assert_eq!(texts(&ingress), expected);
    }

    #[test]
    fn text_never_joins_what_is_before_a_message() {
        let ingress = Ingress::new(1 << 20, HOUR);
        ingress.stream(Stdio::Stdout, "a", b"1");
        ingress.push(Command::Flush);
        ingress.stream(Stdio::Stdout, "b", b"1");
        assert_eq!(texts(&ingress).len(), 2);
    }

    #[test]
    fn streams_alone_wait_for_their_delay_and_a_flood_does_not() {
        let ingress = Ingress::new(1 << 30, HOUR);
        ingress.stream(Stdio::Stdout, "a", b"1");
        assert!(matches!(ingress.due(), Due::Later(_)));
        ingress.stream(Stdio::Stdout, &"é".repeat(STREAM_URGENT), b"1");
        let Due::Now(commands, _) = ingress.due() else {
            panic!("a flood is due at once")
        };
        let sizes: Vec<usize> = commands.iter().map(Command::size).collect();
        assert!(
            sizes.len() > 2 && sizes.iter().all(|&s| s <= STREAM_MESSAGE + 100),
            "{sizes:?}"
        );
    }

    #[test]
    fn what_is_under_way_to_a_subscriber_counts_like_what_waits() {
        let ingress = Ingress::new(1000, HOUR);
        ingress.stream(Stdio::Stdout, &"a".repeat(600), b"1");
        ingress.push(Command::Flush);
        let Due::Now(_, ticket) = ingress.due() else {
            panic!("a flush is due at once")
        };
        ingress.stream(Stdio::Stdout, &"b".repeat(600), b"1");
        assert!(ingress.full());
        ingress.set_downstream(600);
        ingress.passed(600);
        assert!(ingress.full());
        ingress.done(ticket);
        assert!(ingress.full());
        ingress.set_downstream(0);
        assert!(!ingress.full());
    }

    #[test]
    fn nobody_waits_for_a_thread_that_has_ended() {
        let ingress = Ingress::new(0, HOUR);
        let ticket = ingress.push(Command::Flush);
        assert_eq!(ingress.wait(ticket, Duration::ZERO), Waited::TimeOut);
        assert!(ingress.full());
        ingress.end();
        assert_eq!(ingress.wait(ticket, HOUR), Waited::Ended);
        assert!(!ingress.full());
        assert_eq!(
            ingress.wait(ingress.push(Command::Flush), HOUR),
            Waited::Ended
        );
    }
}
