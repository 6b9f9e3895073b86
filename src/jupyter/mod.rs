//! The wire: connection files, signatures, frames and the five channels of the Jupyter protocol. No Python here.
//!
//! [`Wire`] is the handle for every thread: it queues commands ([`ingress`]) for the I/O thread ([`io`]), which owns all
//! sockets. Connections come in through the [`gate`], speak [`zmtp`], and become peers of one [`router`] a channel, of
//! [`iopub`] or of the [`heartbeat`]. [`dispatch`] answers what needs no language and hands the rest to a [`Language`].

pub mod capture;
mod children;
mod connection;
mod debug;
mod dispatch;
mod forked;
mod gate;
mod heartbeat;
#[cfg(any(test, fuzzing))]
pub mod hostile_tests;
mod inbox;
mod ingress;
mod io;
mod iopub;
mod language;
mod limits;
pub mod logging;
mod message;
mod router;
#[cfg(any(test, fuzzing))]
mod seeds_tests;
mod signing;
mod subshells;
mod usage;
mod wire;
pub mod zmtp;

pub use connection::{Channel, Connection, ConnectionError};
pub use debug::cellfile::path as cell_file_name;
pub use inbox::Inbox;
pub use ingress::{Aborting, Stdio, Ticket, Waited};
pub use language::Language;
pub use limits::Limits;
pub use message::{Message, MessageError, Request, json_string};
pub use wire::{StartError, Wire};
