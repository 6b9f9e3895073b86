//! A ROUTER: peers by identity. A client that comes back under its identity takes the old connection's place.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use bytes::Bytes;

use super::connection::Channel;
use super::dispatch::Dispatch;
use super::message::{Builder, Message, Request};
use super::zmtp::{Encoded, Peer, Socket, SocketType, encode};

/// The kernel's end of shell, control or stdin.
pub struct Router {
    channel: Channel,
    builder: Rc<Builder>,
    dispatch: Weak<Dispatch>,
    peers: RefCell<HashMap<Bytes, Rc<Peer>>>,
    /// Messages for clients that have not connected to this channel yet; the last one for each.
    held: RefCell<HashMap<Bytes, Encoded>>,
}

impl Router {
    /// A router without peers; what comes in goes to `dispatch`.
    pub fn new(channel: Channel, builder: Rc<Builder>, dispatch: Weak<Dispatch>) -> Self {
        Self {
            channel,
            builder,
            dispatch,
            peers: RefCell::default(),
            held: RefCell::default(),
        }
    }

    /// Sends `message` to the client that `identities` begins with; false if it is gone.
    pub fn send(&self, identities: &[Bytes], message: &Message) -> bool {
        let Some((first, rest)) = identities.split_first() else {
            return false;
        };
        let Some(peer) = self.peers.borrow().get(first).cloned() else {
            tracing::debug!("a {} is dropped: its client is gone", message.msg_type);
            return false;
        };
        peer.send(&encode(&self.builder.frames(rest.iter().cloned(), message)));
        true
    }

    /// As [`Self::send`], but a client that is not there yet gets it when it connects.
    pub fn send_or_hold(&self, identity: &Bytes, message: &Message) {
        self.held.borrow_mut().clear();
        if !self.send(std::slice::from_ref(identity), message) {
            let encoded = encode(&self.builder.frames([], message));
            self.held.borrow_mut().insert(identity.clone(), encoded);
        }
    }

    /// Takes in everything that has arrived by now.
    pub fn drain(&self) {
        let peers: Vec<Rc<Peer>> = self.peers.borrow().values().cloned().collect();
        peers.iter().for_each(|p| p.drain());
    }
}

/// What a peer is called: its own wish, or a name that no peer can wish for.
fn identity(peer: &Peer) -> Bytes {
    if peer.identity.is_empty() {
        let mut name = vec![0];
        name.extend_from_slice(&peer.id.to_be_bytes());
        return Bytes::from(name);
    }
    Bytes::copy_from_slice(&peer.identity)
}

impl Socket for Router {
    fn kind(&self) -> SocketType {
        SocketType::Router
    }

    fn joined(&self, peer: &Rc<Peer>) {
        let name = identity(peer);
        let old = self.peers.borrow_mut().insert(name.clone(), peer.clone());
        if let Some(old) = old {
            tracing::debug!(channel = self.channel.name(), "a client has reconnected");
            old.close();
        }
        let held = self.held.borrow_mut().remove(&name);
        if let Some(held) = held {
            peer.send(&held);
        }
    }

    fn message(&self, peer: &Rc<Peer>, frames: Vec<Bytes>) {
        let Some(dispatch) = self.dispatch.upgrade() else {
            return;
        };
        match Request::parse(self.channel, identity(peer), frames, &dispatch.verifier) {
            Ok(request) => dispatch.request(request),
            Err(error) => {
                tracing::warn!(
                    channel = self.channel.name(),
                    peer = peer.id,
                    "a message is dropped: {error}"
                );
            }
        }
    }

    fn left(&self, peer: &Rc<Peer>) {
        let name = identity(peer);
        let mut peers = self.peers.borrow_mut();
        if peers.get(&name).is_some_and(|p| p.id == peer.id) {
            peers.remove(&name);
        }
    }
}
