//! The handle on the five channels, for any thread. What it does is queued for the I/O thread and never waits for a
//! socket; what may wait says so and takes a time-out. In a forked child it passes on streams and displays to the kernel
//! ([`super::children`]) and does nothing else.

use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::children::Children;
use super::connection::Connection;
use super::gate::BindError;
use super::ingress::{Aborting, Command, Ingress, Stdio, Ticket, Waited};
use super::io;
use super::language::Language;
use super::limits::Limits;
use super::message::{Message, Request};

/// Why the channels cannot be served.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("cannot start the I/O thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error("the I/O thread ended while it started")]
    Died,
}

/// The channels, served until [`Wire::stop`] or drop.
pub struct Wire {
    ingress: Arc<Ingress>,
    session: String,
    pid: u32,
    children: Children,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Wire {
    /// Binds every channel and serves them from now on.
    pub fn start(
        connection: Connection,
        limits: Limits,
        language: Arc<dyn Language>,
    ) -> Result<Self, StartError> {
        let ingress = Arc::new(Ingress::new(limits.subscriber, limits.stream_delay));
        let children = Children::new()?;
        let session = uuid::Uuid::new_v4().to_string();
        let (ready, bound) = mpsc::channel();
        let task = io::Task {
            connection,
            limits,
            language,
            ingress: ingress.clone(),
            session: session.clone(),
        };
        let thread = std::thread::Builder::new()
            .name(String::from("paracell-io"))
            .spawn(move || task.run(&ready))?;
        bound.recv().map_err(|_| StartError::Died)??;
        Ok(Self {
            ingress,
            session,
            pid: std::process::id(),
            children,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Whether this is a forked child's copy.
    pub fn is_copy(&self) -> bool {
        std::process::id() != self.pid
    }

    /// The session of all our messages.
    pub fn session(&self) -> &str {
        &self.session
    }

    fn push(&self, command: Command) -> Option<Ticket> {
        if self.is_copy() {
            self.children.send(&command);
            return None;
        }
        Some(self.ingress.push(command))
    }

    /// Publishes on iopub after all that was pushed before; an empty topic: the usual one.
    pub fn publish(&self, topic: Bytes, message: Message) {
        self.push(Command::Publish { topic, message });
    }

    /// Publishes busy, idle or starting for the request whose header is `parent`.
    pub fn status(&self, state: &str, parent: Bytes) {
        let content = format!(r#"{{"execution_state":"{state}"}}"#);
        self.publish(Bytes::new(), Message::new("status", parent, content));
    }

    /// Appends to a stream of the request whose header is `parent`.
    pub fn stream(&self, name: Stdio, text: &str, parent: &[u8]) {
        if self.is_copy() {
            self.push(Command::Stream {
                name,
                parent: Bytes::copy_from_slice(parent),
                text: text.to_owned(),
            });
        } else {
            self.ingress.stream(name, text, parent);
        }
    }

    /// Readable while a forked child has something to say.
    pub fn children_fd(&self) -> BorrowedFd<'_> {
        self.children.fd()
    }

    /// Publishes what forked children have said.
    pub fn drain_children(&self) {
        self.children.drain(|command| {
            if let Command::Stream { name, parent, text } = &command {
                self.ingress.stream(*name, text, parent);
            } else {
                self.ingress.push(command);
            }
        });
    }

    /// Answers `request` where it came from. The parent of `message` is set here.
    pub fn reply(&self, request: &Request, message: Message) {
        self.push(to(request, message));
    }

    /// As [`Self::reply`], for a cell that failed: the execute requests that have arrived by the time that the reply is
    /// sent are answered with "aborted". None of them waits once the ticket is done.
    pub fn reply_failed(
        &self,
        request: &Request,
        message: Message,
        aborting: Aborting,
    ) -> Option<Ticket> {
        let reply = Box::new(to(request, message));
        self.push(Command::Failed { reply, aborting })
    }

    /// Asks the client of `request` for input. Once the ticket is done, earlier replies are forgotten.
    pub fn input_request(&self, request: &Request, content: Bytes) -> Option<Ticket> {
        self.push(Command::Input {
            identity: request.identities.first().cloned().unwrap_or_default(),
            message: Message::new("input_request", request.header.clone(), content),
        })
    }

    /// Once the ticket is done, everything before is in the subscribers' queues, and what they could take is written.
    pub fn flush(&self) -> Option<Ticket> {
        self.push(Command::Flush)
    }

    /// What the language answers to the debugger's question `ticket`.
    pub fn debug_answer(&self, ticket: u64, content: Bytes) {
        self.push(Command::DebugAnswer { ticket, content });
    }

    /// Waits for a ticket, for at most `timeout`.
    pub fn wait(&self, ticket: Ticket, timeout: Duration) -> Waited {
        self.ingress.wait(ticket, timeout)
    }

    /// Whether a subscriber is so far behind that a publisher should wait.
    pub fn full(&self) -> bool {
        !self.is_copy() && self.ingress.full()
    }

    /// Waits until no subscriber is too far behind, for at most `timeout`.
    pub fn wait_for_room(&self, timeout: Duration) -> Waited {
        self.ingress.wait_for_room(timeout)
    }

    /// Sends what is queued, for at most `linger`, closes every socket and joins the I/O thread. Idempotent.
    pub fn stop(&self, linger: Duration) {
        if self.is_copy() {
            return;
        }
        self.push(Command::Stop { linger });
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the I/O thread had panicked");
        }
    }
}

/// The command that answers `request` with `message`, wherever it came from.
fn to(request: &Request, message: Message) -> Command {
    Command::Reply {
        channel: request.channel,
        identities: request.identities.clone(),
        message: Message {
            parent: request.header.clone(),
            ..message
        },
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(1));
    }
}
