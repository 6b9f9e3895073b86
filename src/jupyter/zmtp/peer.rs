//! One connection that speaks ZMTP: handshake, then messages both ways until it ends.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::Interest;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::decode::{DecodeError, Decoder, Event};
use super::encode::{Encoded, encode_command};
use super::greeting::{self, HandshakeError, SocketType};
use super::outbox::Outbox;
use super::stream::Stream;
use crate::jupyter::limits::Limits;

/// Bytes that a handshake may take.
const HANDSHAKE_LIMIT: usize = 16 * 1024;
/// Reads from one peer before others get their turn.
const READS_PER_TURN: usize = 16;
/// A socket may refill an outbox that holds less.
const LOW_WATER: usize = 128 * 1024;

/// What stands behind the peers of one bound socket. Called on the I/O thread; must not block.
pub trait Socket {
    /// Its type in the handshake.
    fn kind(&self) -> SocketType;
    /// A peer has finished its handshake.
    fn joined(&self, peer: &Rc<Peer>);
    /// A peer sent a message.
    fn message(&self, peer: &Rc<Peer>, frames: Vec<Bytes>);
    /// A peer sent a command that is none of ZMTP's own.
    fn command(&self, _peer: &Rc<Peer>, _name: &[u8], _data: &[u8]) {}
    /// There is room in the peer's outbox: move what waits elsewhere into it.
    fn refill(&self, _peer: &Peer, _outbox: &mut Outbox) {}
    /// Bytes that wait for this peer outside its outbox.
    fn waiting(&self, _peer: &Peer) -> usize {
        0
    }
    /// The peer's connection has ended.
    fn left(&self, peer: &Rc<Peer>);
}

/// One connected peer, owned by the I/O thread.
pub struct Peer {
    /// A number of its own for its connection's life.
    pub id: u64,
    /// What its READY asked to be called; may be empty.
    pub identity: Bytes,
    stream: Stream,
    socket: Rc<dyn Socket>,
    decoder: RefCell<Decoder>,
    outbox: RefCell<Outbox>,
    wake: Notify,
    /// Nothing waits any more, or the peer is gone.
    written: Notify,
    closing: Cell<bool>,
    last_progress: Cell<Instant>,
}

/// Serves one accepted connection until it ends; why it ended, if that was not the peer's own wish.
pub async fn serve(
    id: u64,
    stream: Stream,
    socket: Rc<dyn Socket>,
    peers: &Rc<Peers>,
    limits: &Limits,
) -> Result<(), HandshakeError> {
    let mut decoder = Decoder::new(HANDSHAKE_LIMIT);
    let hello = handshake(&stream, &mut decoder, socket.kind());
    let identity = match tokio::time::timeout(limits.handshake, hello).await {
        Ok(done) => done?,
        Err(_) => return Err(HandshakeError::TimeOut),
    };
    decoder.set_limit(limits.message);
    let peer = Rc::new(Peer {
        id,
        identity,
        stream,
        socket: socket.clone(),
        decoder: RefCell::new(decoder),
        outbox: RefCell::default(),
        wake: Notify::new(),
        written: Notify::new(),
        closing: Cell::new(false),
        last_progress: Cell::new(Instant::now()),
    });
    let _left = Left(peer.clone(), peers.clone());
    peers.all.borrow_mut().insert(id, peer.clone());
    socket.joined(&peer);
    peer.run(limits).await
}

/// Every peer that has finished its handshake, on all sockets.
#[derive(Default)]
pub struct Peers {
    all: RefCell<HashMap<u64, Rc<Peer>>>,
    gone: Notify,
}

impl Peers {
    /// Those that are there now.
    pub fn now(&self) -> Vec<Rc<Peer>> {
        self.all.borrow().values().cloned().collect()
    }

    /// Resolves when all have gone.
    pub async fn all_gone(&self) {
        while !self.all.borrow().is_empty() {
            self.gone.notified().await;
        }
    }
}

/// Tells the socket that its peer is gone, whatever ended it (a panic in a handler, too).
struct Left(Rc<Peer>, Rc<Peers>);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.closing.set(true);
        self.0.socket.left(&self.0);
        self.1.all.borrow_mut().remove(&self.0.id);
        self.1.gone.notify_one();
        self.0.written.notify_one();
    }
}

async fn handshake(
    stream: &Stream,
    decoder: &mut Decoder,
    kind: SocketType,
) -> Result<Bytes, HandshakeError> {
    write_all(stream, &[Bytes::copy_from_slice(&greeting::greeting())]).await?;
    let mut hello = BytesMut::with_capacity(greeting::GREETING);
    while hello.len() < greeting::GREETING {
        let mut part = BytesMut::with_capacity(greeting::GREETING - hello.len());
        if read_some(stream, &mut part, greeting::GREETING - hello.len()).await? == 0 {
            return Err(HandshakeError::Closed);
        }
        hello.extend_from_slice(&part);
        greeting::check_greeting(&hello)?;
    }
    write_all(stream, greeting::ready(kind).chunks()).await?;
    loop {
        match decoder.event()? {
            Some(Event::Command(body)) => return greeting::check_ready(&body, kind),
            Some(Event::Message(_)) => return Err(HandshakeError::Malformed),
            None => {}
        }
        if read_some(stream, decoder.space(), usize::MAX).await? == 0 {
            return Err(HandshakeError::Closed);
        }
    }
}

async fn read_some(stream: &Stream, buffer: &mut BytesMut, most: usize) -> io::Result<usize> {
    loop {
        stream.ready(Interest::READABLE).await?;
        match stream.read_at_most(buffer, most) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
}

async fn write_all(stream: &Stream, chunks: &[Bytes]) -> io::Result<()> {
    let mut outbox = Outbox::default();
    chunks.iter().for_each(|c| outbox.push_raw(c.clone()));
    while !outbox.is_empty() {
        outbox.write(stream)?;
        if !outbox.is_empty() {
            stream.ready(Interest::WRITABLE).await?;
        }
    }
    Ok(())
}

impl Peer {
    /// Queues a message and writes what the peer takes now.
    pub fn send(&self, message: &Encoded) {
        self.outbox.borrow_mut().push(message);
        self.pump();
    }

    /// Writes what the peer takes now; the peer's task goes on when it takes more.
    pub fn pump(&self) {
        if self.closing.get() {
            return;
        }
        loop {
            let mut outbox = self.outbox.borrow_mut();
            if outbox.bytes() < LOW_WATER {
                self.socket.refill(self, &mut outbox);
            }
            if outbox.is_empty() {
                return self.written.notify_one();
            }
            match outbox.write(&self.stream) {
                Ok(0) => {}
                Ok(_) => self.last_progress.set(Instant::now()),
                Err(error) => {
                    tracing::debug!(peer = self.id, "writing failed: {error}");
                    drop(outbox);
                    return self.close();
                }
            }
            if !outbox.is_empty() {
                break;
            }
        }
        self.wake.notify_one();
    }

    /// Ends the connection; what waits for the peer is dropped.
    pub fn close(&self) {
        self.closing.set(true);
        self.wake.notify_one();
        self.written.notify_one();
    }

    /// Resolves when everything that waits has been written, or the connection has ended.
    pub async fn all_written(&self) {
        while !self.closing.get() && self.waiting() > 0 {
            self.written.notified().await;
        }
    }

    /// Tells the peer that nothing more will come.
    pub fn end(&self) {
        self.stream.end();
    }

    /// Bytes that wait for this peer.
    pub fn waiting(&self) -> usize {
        self.outbox.borrow().bytes() + self.socket.waiting(self)
    }

    /// Takes in everything that has arrived by now, and not what a peer without end sends meanwhile.
    pub fn drain(self: &Rc<Self>) {
        let mut left = self.stream.arrived();
        while left > 0 {
            let read = self.stream.read_now(self.decoder.borrow_mut().space());
            match read {
                Ok(count) if count > 0 => left = left.saturating_sub(count as u64),
                _ => return, // the peer's own task finds out about its end
            }
            if let Err(error) = self.dispatch() {
                tracing::warn!(peer = self.id, "a peer was dropped: {error}");
                return self.close();
            }
        }
    }

    async fn run(self: &Rc<Self>, limits: &Limits) -> Result<(), HandshakeError> {
        self.dispatch()?; // what came together with the handshake
        loop {
            if self.closing.get() {
                return Ok(());
            }
            let blocked = !self.outbox.borrow().is_empty();
            let stalled = self.last_progress.get() + limits.stalled;
            let over = blocked && self.waiting() > limits.subscriber;
            // Who takes no answers is asked for no more questions: else they could fill the memory.
            let interest = match (blocked, over) {
                (false, _) => Interest::READABLE,
                (true, false) => Interest::READABLE | Interest::WRITABLE,
                (true, true) => Interest::WRITABLE,
            };
            tokio::select! {
                ready = self.stream.ready(interest) => {
                    let ready = ready?;
                    if ready.is_writable() {
                        self.pump();
                    }
                    if ready.is_readable() && !self.read_turn()? {
                        return Ok(());
                    }
                }
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(stalled), if over => self.check_stall(limits.stalled),
            }
        }
    }

    fn check_stall(&self, limit: Duration) {
        if self.last_progress.get().elapsed() >= limit {
            let waiting = self.waiting();
            tracing::warn!(
                peer = self.id,
                waiting,
                "a client that has taken no byte for {limit:?} is disconnected"
            );
            self.close();
        }
    }

    /// Reads for one turn; false once the peer has closed its side.
    fn read_turn(self: &Rc<Self>) -> Result<bool, HandshakeError> {
        for _ in 0..READS_PER_TURN {
            let read = self.stream.read(self.decoder.borrow_mut().space());
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => self.dispatch()?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn dispatch(self: &Rc<Self>) -> Result<(), DecodeError> {
        loop {
            let event = self.decoder.borrow_mut().event()?;
            match event {
                None => return Ok(()),
                Some(Event::Message(frames)) => self.socket.message(self, frames),
                Some(Event::Command(body)) => self.own_command(&body),
            }
        }
    }

    fn own_command(self: &Rc<Self>, body: &Bytes) {
        let Some((name, data)) = greeting::split_command(body) else {
            return tracing::debug!(peer = self.id, "a malformed command is ignored");
        };
        match &name[..] {
            // PING: two bytes of time to live, then up to 16 bytes that come back.
            b"PING" => self.send(&encode_command(
                "PONG",
                data.get(2..data.len().min(18)).unwrap_or(&[]),
            )),
            b"PONG" => {}
            _ => self.socket.command(self, &name, &data),
        }
    }
}
