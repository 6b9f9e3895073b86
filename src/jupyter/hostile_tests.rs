//! Hostile bytes for everything here that reads bytes, a function each: the fuzzers in fuzz/ run them without end, the
//! tests at the end of this file for a while. A panic is a bug; so is an assertion here that does not hold.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio::task::LocalSet;

use super::connection::{Channel, Connection, Endpoint};
use super::debug::{dap, replies};
use super::dispatch::Dispatch;
use super::inbox::Inbox;
use super::ingress::{Aborting, Command, Ingress};
use super::language::Language;
use super::limits::Limits;
use super::message::{Request, whole_text};
use super::seeds_tests::{self as seeds, signer};
use super::signing::{SignatureError, Verifier};
use super::zmtp::greeting::{self, SocketType};
use super::zmtp::{Decoder, Event, Peers, Stream, encode, serve};

/// The largest message that the decoders take here.
const LIMIT: usize = 1 << 20;
/// What a decoder may reserve beside what has come in.
const SPARE: usize = 64 * 1024;

/// A function of this file, and the name of its fuzzer.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// Every target, with real input to begin with.
pub const TARGETS: [Target; 7] = [
    ("greeting", handshake, seeds::handshakes),
    ("frames", frames, seeds::streams),
    ("message", message, seeds::streams),
    ("signature", signature, seeds::signatures),
    ("dap", debug_adapter, seeds::adapters),
    ("connection", connection_file, seeds::connection_files),
    ("conversation", conversation, seeds::conversations),
];

/// A peer's greeting and READY.
pub fn handshake(bytes: &[u8]) {
    for end in 0..bytes.len().min(greeting::GREETING) {
        if greeting::check_greeting(&bytes[..end]).is_err() {
            // What is wrong stays wrong, whatever follows.
            assert!(greeting::check_greeting(&bytes[..=end]).is_err());
        }
    }
    let body = Bytes::copy_from_slice(bytes.get(greeting::GREETING..).unwrap_or(bytes));
    for kind in [SocketType::Router, SocketType::XPub] {
        if let Ok(identity) = greeting::check_ready(&body, kind) {
            assert!(identity.len() < 256 && identity.first() != Some(&0));
        }
    }
}

/// Bytes, cut into pieces, to messages and commands. The first byte says how large the pieces are.
fn events(bytes: &[u8]) -> Vec<Event> {
    let (mut decoder, mut found, mut come) = (Decoder::new(LIMIT), Vec::new(), 0);
    let Some((&cut, bytes)) = bytes.split_first() else {
        return found;
    };
    for piece in bytes.chunks(usize::from(cut).max(1)) {
        come += piece.len();
        decoder.space().extend_from_slice(piece);
        assert!(decoder.space().capacity() <= 2 * come + SPARE);
        loop {
            match decoder.event() {
                Ok(Some(event)) => found.push(event),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

/// Frames. What was decoded is encoded and decoded once more: the same.
pub fn frames(bytes: &[u8]) {
    for event in events(bytes) {
        let Event::Message(parts) = event else {
            continue;
        };
        assert!(parts.iter().map(Bytes::len).sum::<usize>() <= bytes.len());
        let mut again = Decoder::new(LIMIT);
        let encoded = encode(&parts);
        let chunks = encoded.chunks().iter();
        chunks.for_each(|c| again.space().extend_from_slice(c));
        assert_eq!(again.event(), Ok(Some(Event::Message(parts))));
        assert_eq!(again.event(), Ok(None));
    }
}

/// Messages with four parts of JSON, without signatures.
pub fn message(bytes: &[u8]) {
    let verifier = Verifier::new(signer(b""));
    for event in events(bytes) {
        let Event::Message(parts) = event else {
            continue;
        };
        let identity = Bytes::from_static(b"peer");
        let Ok(request) = Request::parse(Channel::Shell, identity, parts, &verifier) else {
            continue;
        };
        for json in [
            &request.header,
            &request.parent_header,
            &request.metadata,
            &request.content,
        ] {
            // What passes through must be an object for whoever reads it next.
            let json = whole_text(json);
            let read = serde_json::from_slice::<serde_json::Map<String, Value>>(&json);
            assert!(read.is_ok() || is_only_large(&json), "{json:?}");
        }
    }
}

/// JSON that serde's values cannot hold: a number, or too many brackets within each other.
fn is_only_large(json: &[u8]) -> bool {
    let read = serde_json::from_slice::<Value>(json);
    let why = read.map_or_else(|error| error.to_string(), |_| String::new());
    why.contains("out of range") || why.contains("recursion limit")
}

/// No bytes are a signature, unless they are the signature.
pub fn signature(bytes: &[u8]) {
    let signer = signer(b"a key");
    let (text, rest) = bytes.split_at(bytes.len().min(64));
    let parts: [&[u8]; 4] = [rest, b"{}", b"{}", b"{}"];
    let right = signer.sign(parts);
    let verifier = Verifier::new(signer);
    let given = Bytes::copy_from_slice(text);
    let equal = given.eq_ignore_ascii_case(&right);
    assert_eq!(verifier.accept(&given, parts).is_ok(), equal);
    if !equal {
        assert_eq!(verifier.accept(&right, parts), Ok(()));
    }
    let replayed = Err(SignatureError::Replayed);
    assert_eq!(verifier.accept(&right, parts), replayed);
}

fn adapter_messages(bytes: &[u8]) -> Vec<Value> {
    let (mut decoder, mut found) = (dap::Decoder::default(), Vec::new());
    let Some((&cut, bytes)) = bytes.split_first() else {
        return found;
    };
    for piece in bytes.chunks(usize::from(cut).max(1)) {
        decoder.push(piece);
        while let Ok(Some(message)) = decoder.next() {
            found.push(message);
        }
    }
    found
}

/// What a debug adapter sends.
pub fn debug_adapter(bytes: &[u8]) {
    for message in adapter_messages(bytes) {
        let mut again = dap::Decoder::default();
        again.push(&dap::encode(&message));
        assert!(matches!(again.next(), Ok(Some(_))));
        let _ = replies::users_thread(&message);
        replies::keep_users(&mut message.clone());
    }
}

/// A connection file.
pub fn connection_file(bytes: &[u8]) {
    if let Ok(connection) = Connection::parse(Path::new("kernel.json"), bytes) {
        for channel in Channel::ALL {
            if let Endpoint::Tcp { host, .. } = connection.endpoint(channel) {
                assert_ne!(host, "*");
            }
        }
        assert!(serde_json::from_str::<Value>(&connection.connect_reply()).is_ok());
    }
}

/// Takes everything and answers nothing.
struct Mute(Inbox<Request>);

impl Language for Mute {
    fn kernel_info(&self) -> Bytes {
        Bytes::from_static(b"{}")
    }
    fn request(&self, request: Request) {
        self.0.push_request(request);
    }
    fn debug(&self, _: u64, _: Bytes) {}
    fn open_subshell(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn close_subshell(&self, _: &str) {}
    fn take_queued_executes(&self, subshell: Option<&str>) -> Vec<Request> {
        self.0.take_executes(subshell)
    }
    fn interrupt(&self) -> Result<(), String> {
        Ok(())
    }
    fn shutdown(&self, _: Request) {}
    fn forget_input(&self) {}
    fn input_reply(&self, _: String) {}
}

/// A whole connection, from its first byte to its end, on the channel that the first byte names. The sixth is none of
/// a client's: a debug adapter answers there what a client has asked for.
pub fn conversation(bytes: &[u8]) {
    let Some((&channel, rest)) = bytes.split_first() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
    LocalSet::new().block_on(&runtime, async {
        let dispatch = kernel();
        match Channel::ALL.get(usize::from(channel) % 6) {
            Some(&channel) => drop(talk(&dispatch, channel, rest).await),
            None => adapter_messages(rest)
                .into_iter()
                .for_each(|m| dispatch.debugger.received(m)),
        }
        // Whatever was said: the next client is answered.
        let again = seeds::client(
            "DEALER",
            &[seeds::request("kernel_info_request", json!({}))],
        );
        let answered = talk(&dispatch, Channel::Shell, &[&[255], &again[..]].concat()).await;
        let reply = b"kernel_info_reply";
        assert!(answered.windows(reply.len()).any(|w| w == reply));
    });
}

fn kernel() -> Rc<Dispatch> {
    let file = Bytes::from(seeds::connection_files().swap_remove(0));
    let connection = Connection::parse(Path::new("kernel.json"), &file);
    let connection = connection.unwrap_or_else(|error| panic!("{error}"));
    let language = Inbox::new().map(|inbox| Arc::new(Mute(inbox)));
    let language = language.unwrap_or_else(|error| panic!("{error}"));
    let ingress = Arc::new(Ingress::new(1 << 20, Duration::ZERO));
    Dispatch::new(&connection, "session", ingress, language)
}

/// Sends the bytes, piece by piece; what comes back.
async fn talk(dispatch: &Rc<Dispatch>, channel: Channel, bytes: &[u8]) -> Vec<u8> {
    let Some((&cut, bytes)) = bytes.split_first() else {
        return Vec::new();
    };
    let socket = dispatch.socket(channel);
    let limits = Limits {
        message: LIMIT,
        ..Limits::default()
    };
    let (ours, theirs) = UnixStream::pair().unwrap_or_else(|error| panic!("{error}"));
    let serving = tokio::task::spawn_local(async move {
        let peers = Rc::new(Peers::default());
        let _ = serve(0, Stream::unix(ours), socket, &peers, &limits).await;
    });
    let (mut reader, mut writer) = theirs.into_split();
    let reading = tokio::task::spawn_local(async move {
        let mut got = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut got).await;
        got
    });
    for piece in bytes.chunks(usize::from(cut).max(1)) {
        if tokio::io::AsyncWriteExt::write_all(&mut writer, piece)
            .await
            .is_err()
        {
            break;
        }
        if cut < 250 {
            tokio::task::yield_now().await;
        }
    }
    dispatch.command(Command::Failed {
        reply: Box::new(Command::Flush),
        aborting: Aborting {
            subshell: None,
            taken: Vec::new(),
            metadata: Bytes::from_static(b"{}"),
        },
    });
    drop(writer);
    if let Err(error) = serving.await {
        std::panic::resume_unwind(error.into_panic());
    }
    reading.await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "fuzz/run.sh begins with it"]
    fn write_seeds() {
        for (name, _, seeds) in TARGETS {
            crate::mutation_tests::write(name, &seeds());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic_or_allocate_much() {
        for (name, target, seeds) in TARGETS {
            let rounds = if name == "conversation" { 1_000 } else { 5_000 };
            crate::mutation_tests::run(name, target, &seeds(), rounds, 1 << 20);
        }
    }
}
