//! iopub: every subscriber has its own queue and pace. Nothing is dropped but with the subscriber itself.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use jupyter_protocol::messaging as protocol;

use super::ingress::{Ingress, STREAM_MESSAGE, Stdio};
use super::message::{Builder, Message, json_string};
use super::zmtp::{Encoded, Outbox, Peer, Socket, SocketType, encode};

/// A subscriber's outbox is refilled up to so many bytes; what is in it cannot be coalesced any more.
const STAGED: usize = 128 * 1024;
/// Bytes of topics that one subscriber may subscribe to.
const TOPICS: usize = 1 << 20;

/// Stream text of one parent, encoded when the first subscriber gets to it.
struct StreamText {
    name: Stdio,
    parent: Bytes,
    text: String,
    encoded: OnceCell<Encoded>,
}

#[derive(Clone)]
enum Item {
    Message(Encoded),
    Stream(Rc<StreamText>),
}

impl Item {
    fn size(&self) -> usize {
        match self {
            Self::Message(encoded) => encoded.len(),
            Self::Stream(stream) => stream.text.len() + stream.parent.len() + 512,
        }
    }
}

struct Subscriber {
    peer: Rc<Peer>,
    topics: RefCell<Vec<Bytes>>,
    queue: RefCell<VecDeque<Item>>,
    bytes: Cell<usize>,
}

impl Subscriber {
    fn wants(&self, topic: &[u8]) -> bool {
        self.topics.borrow().iter().any(|t| topic.starts_with(t))
    }

    fn push(&self, item: Item) {
        let mut queue = self.queue.borrow_mut();
        if let (Some(Item::Stream(last)), Item::Stream(new)) = (queue.back_mut(), &item)
            && join(last, new)
        {
            self.bytes.set(self.bytes.get() + new.text.len());
            return;
        }
        if let Some(Item::Stream(last)) = queue.back_mut()
            && let Some(own) = Rc::get_mut(last)
        {
            own.text.shrink_to_fit(); // it has grown by doubling, and waits for who knows how long
        }
        self.bytes.set(self.bytes.get() + item.size());
        queue.push_back(item);
    }
}

/// Appends `new` to `last` if they are the same stream of the same parent and the result is not too long.
fn join(last: &mut Rc<StreamText>, new: &StreamText) -> bool {
    if last.name != new.name
        || last.parent != new.parent
        || last.text.len() + new.text.len() > STREAM_MESSAGE
    {
        return false;
    }
    if Rc::get_mut(last).is_none() {
        // Other subscribers have it, too.
        *last = Rc::new(StreamText {
            name: last.name,
            parent: last.parent.clone(),
            text: last.text.clone(),
            encoded: OnceCell::new(),
        });
    }
    if let Some(own) = Rc::get_mut(last) {
        own.text.push_str(&new.text);
        own.encoded = OnceCell::new();
    }
    true
}

/// The publisher's end of iopub.
pub struct IoPub {
    builder: Rc<Builder>,
    ingress: Arc<Ingress>,
    subscribers: RefCell<Vec<Rc<Subscriber>>>,
    /// `kernel.<id>.`
    prefix: String,
}

impl IoPub {
    /// A channel without subscribers; `ident` stands in its topics.
    pub fn new(builder: Rc<Builder>, ingress: Arc<Ingress>, ident: &str) -> Self {
        Self {
            builder,
            ingress,
            subscribers: RefCell::default(),
            prefix: format!("kernel.{ident}."),
        }
    }

    /// Publishes the state of the kernel on behalf of the request whose header is `parent`.
    pub fn status(&self, state: &str, parent: &Bytes) {
        let content = format!(r#"{{"execution_state":{}}}"#, json_string(state));
        self.publish(
            self.topic("status"),
            &Message::new("status", parent.clone(), content),
        );
    }

    /// The topic of messages of this type.
    pub fn topic(&self, msg_type: &str) -> Bytes {
        Bytes::from(format!("{}{msg_type}", self.prefix))
    }

    /// Queues `message` for every subscriber of `topic`.
    pub fn publish(&self, topic: Bytes, message: &Message) {
        let subscribers = self.subscribers.borrow();
        let mut wanting = subscribers.iter().filter(|s| s.wants(&topic)).peekable();
        if wanting.peek().is_none() {
            return;
        }
        let encoded = encode(&self.builder.frames([topic.clone()], message));
        wanting.for_each(|s| s.push(Item::Message(encoded.clone())));
    }

    /// Queues stream text.
    pub fn stream(&self, name: Stdio, parent: Bytes, text: String) {
        let topic = stream_topic(name);
        let item = Item::Stream(Rc::new(StreamText {
            name,
            parent,
            text,
            encoded: OnceCell::new(),
        }));
        let subscribers = self.subscribers.borrow();
        let wanting = subscribers.iter().filter(|s| s.wants(&topic));
        wanting.for_each(|s| s.push(item.clone()));
    }

    /// Writes what the subscribers take now.
    pub fn pump(&self) {
        for subscriber in self.subscribers.borrow().iter() {
            subscriber.peer.pump();
        }
        self.report();
    }

    fn report(&self) {
        let subscribers = self.subscribers.borrow();
        let most = subscribers.iter().map(|s| s.bytes.get()).max();
        self.ingress.set_downstream(most.unwrap_or(0));
    }

    fn find(&self, peer: &Peer) -> Option<Rc<Subscriber>> {
        let subscribers = self.subscribers.borrow();
        subscribers.iter().find(|s| s.peer.id == peer.id).cloned()
    }

    fn encoded(&self, item: &Item) -> Encoded {
        let stream = match item {
            Item::Message(encoded) => return encoded.clone(),
            Item::Stream(stream) => stream,
        };
        let build = || {
            let content = protocol::StreamContent {
                name: match stream.name {
                    Stdio::Stdout => protocol::Stdio::Stdout,
                    Stdio::Stderr => protocol::Stdio::Stderr,
                },
                text: stream.text.clone(),
            };
            let content = serde_json::to_vec(&content).unwrap_or_default(); // strings always serialise
            let message = Message::new("stream", stream.parent.clone(), content);
            encode(&self.builder.frames([stream_topic(stream.name)], &message))
        };
        stream.encoded.get_or_init(build).clone()
    }

    /// One more subscription of one peer: that peer alone is welcomed, on the topic it asked for.
    fn subscribe(&self, peer: &Rc<Peer>, topic: Bytes) {
        let Some(subscriber) = self.find(peer) else {
            return;
        };
        let held: usize = subscriber
            .topics
            .borrow()
            .iter()
            .map(|t| t.len() + 32)
            .sum();
        if held + topic.len() > TOPICS {
            tracing::warn!(
                peer = peer.id,
                "a client with too many subscriptions is disconnected"
            );
            return peer.close();
        }
        subscriber.topics.borrow_mut().push(topic.clone());
        let Ok(text) = std::str::from_utf8(&topic) else {
            return;
        };
        let content = format!(r#"{{"subscription":{}}}"#, json_string(text));
        let message = Message::new("iopub_welcome", Bytes::from_static(b"{}"), content);
        let prefix = (!topic.is_empty()).then_some(topic);
        subscriber.push(Item::Message(encode(
            &self.builder.frames(prefix, &message),
        )));
        peer.pump();
    }

    fn unsubscribe(&self, peer: &Rc<Peer>, topic: &[u8]) {
        let Some(subscriber) = self.find(peer) else {
            return;
        };
        let mut topics = subscriber.topics.borrow_mut();
        if let Some(at) = topics.iter().position(|t| &t[..] == topic) {
            topics.swap_remove(at);
        }
    }
}

fn stream_topic(name: Stdio) -> Bytes {
    Bytes::from_static(match name {
        Stdio::Stdout => b"stream.stdout",
        Stdio::Stderr => b"stream.stderr",
    })
}

impl Socket for IoPub {
    fn kind(&self) -> SocketType {
        SocketType::XPub
    }

    fn joined(&self, peer: &Rc<Peer>) {
        self.subscribers.borrow_mut().push(Rc::new(Subscriber {
            peer: peer.clone(),
            topics: RefCell::default(),
            queue: RefCell::default(),
            bytes: Cell::new(0),
        }));
    }

    fn message(&self, peer: &Rc<Peer>, frames: Vec<Bytes>) {
        match frames
            .first()
            .and_then(|f| f.split_first().map(|(&kind, _)| (kind, f.slice(1..))))
        {
            // A copy: the frame is a slice of the connection's buffer, which would be kept alive.
            Some((1, topic)) => self.subscribe(peer, Bytes::copy_from_slice(&topic)),
            Some((0, topic)) => self.unsubscribe(peer, &topic),
            _ => tracing::debug!(peer = peer.id, "a message to iopub is ignored"),
        }
    }

    fn command(&self, peer: &Rc<Peer>, name: &[u8], data: &[u8]) {
        match name {
            b"SUBSCRIBE" => self.subscribe(peer, Bytes::copy_from_slice(data)),
            b"CANCEL" => self.unsubscribe(peer, data),
            _ => {}
        }
    }

    fn refill(&self, peer: &Peer, outbox: &mut Outbox) {
        let Some(subscriber) = self.find(peer) else {
            return;
        };
        while outbox.bytes() < STAGED {
            let Some(item) = subscriber.queue.borrow_mut().pop_front() else {
                break;
            };
            subscriber
                .bytes
                .set(subscriber.bytes.get().saturating_sub(item.size()));
            outbox.push(&self.encoded(&item));
        }
        self.report();
    }

    fn waiting(&self, peer: &Peer) -> usize {
        self.find(peer).map_or(0, |s| s.bytes.get())
    }

    fn left(&self, peer: &Rc<Peer>) {
        self.subscribers
            .borrow_mut()
            .retain(|s| s.peer.id != peer.id);
        self.report();
    }
}
