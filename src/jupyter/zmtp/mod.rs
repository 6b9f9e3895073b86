//! The server's side of ZMTP 3.0 (<https://rfc.zeromq.org/spec/23/>): greeting, NULL handshake, frames, peers.
//!
//! Only what a Jupyter kernel needs: sockets that are bound, the NULL mechanism, and the socket types ROUTER and XPUB.
//! Knows nothing of Jupyter's messages. Every byte that comes in is hostile until proven otherwise: nothing here
//! allocates by a length that a peer claims, panics on input, or waits for a peer without a limit.

mod decode;
mod encode;
pub(super) mod greeting;
mod outbox;
mod peer;
mod stream;

pub use decode::{DecodeError, Decoder, Event};
pub use encode::{Encoded, encode};
pub use greeting::{HandshakeError, SocketType};
pub use outbox::Outbox;
pub use peer::{Peer, Peers, Socket, serve};
pub use stream::Stream;
