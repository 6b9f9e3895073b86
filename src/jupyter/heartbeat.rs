//! The heartbeat: what comes in goes back.

use std::rc::Rc;

use bytes::Bytes;

use super::zmtp::{Peer, Socket, SocketType, encode};

/// The kernel's end of the heartbeat channel.
pub struct Heartbeat;

impl Socket for Heartbeat {
    fn kind(&self) -> SocketType {
        SocketType::Router
    }

    fn joined(&self, _peer: &Rc<Peer>) {}

    fn message(&self, peer: &Rc<Peer>, frames: Vec<Bytes>) {
        peer.send(&encode(&frames));
    }

    fn left(&self, _peer: &Rc<Peer>) {}
}
