//! A kernel without Python, and clients for it: zeromq's sockets, and raw ones that can misbehave.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // each test binary uses its part; tests may panic

use std::io::{Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use paracell::jupyter::zmtp::{Decoder, Event, encode};
use paracell::jupyter::{
    Aborting, Channel, Connection, Inbox, Language, Limits, Message, Request, Stdio, Wire,
    json_string,
};
use serde_json::{Value, json};
use zeromq::util::PeerIdentity;
use zeromq::{DealerSocket, Socket, SocketOptions, SocketRecv, SocketSend, SubSocket, ZmqMessage};

/// Only turns a deadlock into an error.
pub const DEADLOCK: Duration = Duration::from_secs(20);

/// The toy language: what it is asked to execute comes back on stdout.
pub struct Echo {
    pub requests: Inbox<Request>,
    pub input: Inbox<String>,
    pub interrupts: AtomicUsize,
    pub subshells: Mutex<Vec<String>>,
    gate: Mutex<bool>,
    opened: Condvar,
}

impl Echo {
    /// Lets the request "wait" go on.
    pub fn open(&self) {
        *self.gate.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn run(&self, wire: &Wire) {
        loop {
            readable(self.requests.fd());
            let Some(request) = self.requests.take() else {
                continue;
            };
            if request.msg_type == "shutdown_request" {
                return;
            }
            wire.status("busy", request.header.clone());
            self.answer(wire, &request);
            wire.status("idle", request.header.clone());
        }
    }

    fn answer(&self, wire: &Wire, request: &Request) {
        if request.msg_type != "execute_request" {
            let reply = request.msg_type.replace("_request", "_reply");
            wire.reply(
                request,
                Message::new(reply, Bytes::new(), r#"{"status":"ok"}"#),
            );
            return;
        }
        let content: Value = serde_json::from_slice(&request.content).unwrap();
        let mut status = "ok";
        match content["code"].as_str().unwrap() {
            "wait" => drop(
                self.opened
                    .wait_while(self.gate.lock().unwrap(), |open| !*open)
                    .unwrap(),
            ),
            "wait, then fail" => {
                drop(
                    self.opened
                        .wait_while(self.gate.lock().unwrap(), |open| !*open)
                        .unwrap(),
                );
                status = "error";
            }
            "input" => {
                let ticket = wire.input_request(
                    request,
                    Bytes::from_static(br#"{"prompt":"?","password":false}"#),
                );
                wire.wait(ticket.unwrap(), DEADLOCK);
                readable(self.input.fd());
                wire.stream(Stdio::Stdout, &self.input.take().unwrap(), &request.header);
            }
            code => wire.stream(Stdio::Stdout, code, &request.header),
        }
        let content = format!(r#"{{"status":{}}}"#, json_string(status));
        let reply = Message::new("execute_reply", Bytes::new(), content);
        if status == "ok" {
            wire.reply(request, reply);
            return;
        }
        let aborting = Aborting {
            subshell: None,
            taken: Vec::new(),
            metadata: Bytes::from_static(b"{}"),
        };
        let ticket = wire.reply_failed(request, reply, aborting);
        wire.wait(ticket.unwrap(), DEADLOCK);
    }
}

impl Language for Echo {
    fn kernel_info(&self) -> Bytes {
        Bytes::from_static(br#"{"status":"ok","implementation":"echo"}"#)
    }

    fn request(&self, request: Request) {
        self.requests.push_request(request);
    }

    fn take_queued_executes(&self, subshell: Option<&str>) -> Vec<Request> {
        self.requests.take_executes(subshell)
    }

    fn debug(&self, _ticket: u64, _question: Bytes) {}

    fn open_subshell(&self, name: &str) -> Result<(), String> {
        self.subshells.lock().unwrap().push(name.to_owned());
        Ok(())
    }

    fn close_subshell(&self, name: &str) {
        self.subshells.lock().unwrap().retain(|n| n != name);
    }

    fn interrupt(&self) -> Result<(), String> {
        self.interrupts.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn shutdown(&self, request: Request) {
        self.requests.push_request(request);
    }

    fn forget_input(&self) {
        self.input.take_all(|_| true);
    }

    fn input_reply(&self, value: String) {
        self.input.push(value, false);
    }
}

fn readable(fd: i32) {
    use rustix::event::{PollFd, PollFlags, poll};
    // SAFETY: the inbox outlives the call.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    poll(&mut [PollFd::new(&fd, PollFlags::IN)], None).unwrap();
}

/// A running toy kernel on unix sockets in a directory of its own.
pub struct Kernel {
    pub wire: Arc<Wire>,
    pub echo: Arc<Echo>,
    pub connection: Connection,
    pub directory: tempfile::TempDir,
    thread: Option<JoinHandle<()>>,
}

/// A connection file in `directory`.
pub fn connection(directory: &tempfile::TempDir) -> Connection {
    let path = directory.path().join("kernel.json");
    let ip = directory.path().join("k");
    let file = json!({"transport": "ipc", "ip": ip, "key": "a key", "signature_scheme": "hmac-sha256",
        "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5});
    std::fs::write(&path, file.to_string()).unwrap();
    Connection::read(&path).unwrap()
}

impl Kernel {
    pub fn start(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let connection = connection(&directory);
        let echo = Arc::new(Echo {
            requests: Inbox::new().unwrap(),
            input: Inbox::new().unwrap(),
            interrupts: AtomicUsize::new(0),
            subshells: Mutex::default(),
            gate: Mutex::new(false),
            opened: Condvar::new(),
        });
        let wire = Arc::new(Wire::start(connection.clone(), limits, echo.clone()).unwrap());
        let (e, w) = (echo.clone(), wire.clone());
        let thread = Some(std::thread::spawn(move || e.run(&w)));
        Self {
            wire,
            echo,
            connection,
            directory,
            thread,
        }
    }

    pub fn path(&self, channel: Channel) -> PathBuf {
        let port = match channel {
            Channel::Shell => 1,
            Channel::IoPub => 2,
            Channel::Stdin => 3,
            Channel::Control => 4,
            Channel::Heartbeat => 5,
        };
        self.directory.path().join(format!("k-{port}"))
    }

    pub fn url(&self, channel: Channel) -> String {
        format!("ipc://{}", self.path(channel).display())
    }

    pub async fn dealer(&self, channel: Channel, identity: &str) -> Client {
        let mut options = SocketOptions::default();
        options.peer_identity(PeerIdentity::try_from(identity.as_bytes().to_vec()).unwrap());
        let mut socket = DealerSocket::with_options(options);
        socket.connect(&self.url(channel)).await.unwrap();
        Client {
            socket,
            connection: self.connection.clone(),
            count: 0,
        }
    }

    /// A subscriber to everything, once it has been welcomed.
    pub async fn subscriber(&self) -> Subscriber {
        let mut socket = SubSocket::new();
        socket.connect(&self.url(Channel::IoPub)).await.unwrap();
        socket.subscribe("").await.unwrap();
        let mut subscriber = Subscriber { socket };
        assert_eq!(subscriber.next().await.kind(), "iopub_welcome");
        subscriber
    }

    pub fn raw(&self, channel: Channel) -> Raw {
        let stream = UnixStream::connect(self.path(channel)).unwrap();
        stream.set_read_timeout(Some(DEADLOCK)).unwrap();
        Raw {
            stream,
            decoder: Decoder::new(1 << 30),
        }
    }

    pub fn publish(&self, content: String) {
        let message = Message::new("display_data", Bytes::from_static(b"{}"), content);
        self.wire.publish(Bytes::new(), message);
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        self.echo.open();
        let end = Request {
            channel: Channel::Control,
            identities: vec![],
            msg_id: String::new(),
            msg_type: String::from("shutdown_request"),
            session: String::new(),
            subshell_id: None,
            header: Bytes::from_static(b"{}"),
            parent_header: Bytes::new(),
            metadata: Bytes::new(),
            content: Bytes::from_static(b"{}"),
            buffers: vec![],
        };
        self.echo.requests.push_request(end);
        let ended = self.thread.take().unwrap().join();
        self.wire.stop(Duration::from_secs(1));
        if !std::thread::panicking() {
            ended.unwrap();
            let left: Vec<_> = std::fs::read_dir(self.directory.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "only the connection file is left: {left:?}");
        }
    }
}

/// A message that a client received.
#[derive(Debug)]
pub struct Received {
    pub prefix: Vec<Bytes>,
    pub header: Value,
    pub parent: Value,
    pub content: Value,
    pub buffers: Vec<Bytes>,
}

impl Received {
    pub fn parse(frames: Vec<Bytes>) -> Self {
        let at = frames.iter().position(|f| &f[..] == b"<IDS|MSG>").unwrap();
        let value = |i: usize| serde_json::from_slice(&frames[at + i]).unwrap();
        Self {
            prefix: frames[..at].to_vec(),
            header: value(2),
            parent: value(3),
            content: value(5),
            buffers: frames[at + 6..].to_vec(),
        }
    }

    pub fn kind(&self) -> &str {
        self.header["msg_type"].as_str().unwrap()
    }

    pub fn parent_id(&self) -> &str {
        self.parent["msg_id"].as_str().unwrap_or("")
    }
}

/// A zeromq DEALER that signs.
pub struct Client {
    pub socket: DealerSocket,
    connection: Connection,
    count: usize,
}

impl Client {
    pub fn frames(&mut self, kind: &str, content: &Value) -> Vec<Bytes> {
        self.count += 1;
        let id = format!("{kind}-{}", self.count);
        let header = json!({"msg_id": id, "msg_type": kind, "session": "c", "username": "u", "version": "5.3"});
        let parts = [
            header.to_string(),
            "{}".into(),
            "{}".into(),
            content.to_string(),
        ]
        .map(Bytes::from);
        let signature = self
            .connection
            .signer
            .sign([&parts[0], &parts[1], &parts[2], &parts[3]]);
        [Bytes::from_static(b"<IDS|MSG>"), signature]
            .into_iter()
            .chain(parts)
            .collect()
    }

    pub async fn send_frames(&mut self, frames: Vec<Bytes>) {
        self.socket
            .send(ZmqMessage::try_from(frames).unwrap())
            .await
            .unwrap();
    }

    /// The message's id.
    pub async fn send(&mut self, kind: &str, content: Value) -> String {
        let frames = self.frames(kind, &content);
        self.send_frames(frames).await;
        format!("{kind}-{}", self.count)
    }

    pub async fn execute(&mut self, code: &str) -> String {
        self.send("execute_request", json!({"code": code})).await
    }

    pub async fn next(&mut self) -> Received {
        let message = tokio::time::timeout(DEADLOCK, self.socket.recv()).await;
        Received::parse(message.expect("no reply").unwrap().into_vec())
    }
}

/// A zeromq SUB.
pub struct Subscriber {
    pub socket: SubSocket,
}

impl Subscriber {
    pub async fn next(&mut self) -> Received {
        let message = tokio::time::timeout(DEADLOCK, self.socket.recv()).await;
        Received::parse(message.expect("nothing on iopub").unwrap().into_vec())
    }
}

/// A peer that speaks ZMTP by hand.
pub struct Raw {
    pub stream: UnixStream,
    decoder: Decoder,
}

impl Raw {
    pub fn greet(&mut self) {
        let mut greeting = [0; 64];
        greeting[0] = 0xff;
        greeting[9] = 0x7f;
        greeting[10] = 3;
        greeting[12..16].copy_from_slice(b"NULL");
        self.stream.write_all(&greeting).unwrap();
        self.stream.read_exact(&mut greeting).unwrap();
    }

    pub fn handshake(&mut self, kind: &str) {
        self.greet();
        let mut body = b"\x05READY\x0bSocket-Type".to_vec();
        body.extend_from_slice(&(kind.len() as u32).to_be_bytes());
        body.extend_from_slice(kind.as_bytes());
        self.command(&body);
        assert!(
            matches!(self.next(), Some(Event::Command(ready)) if ready.starts_with(b"\x05READY"))
        );
    }

    pub fn command(&mut self, body: &[u8]) {
        self.stream.write_all(&[4, body.len() as u8]).unwrap();
        self.stream.write_all(body).unwrap();
    }

    pub fn send(&mut self, frames: &[Bytes]) {
        for chunk in encode(frames).chunks() {
            self.stream.write_all(chunk).unwrap();
        }
    }

    /// A subscriber to everything, once it has been welcomed; it reads only when told to.
    pub fn subscribe(&mut self) {
        self.handshake("SUB");
        self.send(&[Bytes::from_static(b"\x01")]);
        assert_eq!(self.receive().unwrap().kind(), "iopub_welcome");
    }

    /// The next event, or None when the kernel has closed the connection.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.decoder.event().unwrap() {
                return Some(event);
            }
            let mut bytes = vec![0; 1 << 16];
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(count) => self.decoder.space().extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    pub fn receive(&mut self) -> Option<Received> {
        match self.next()? {
            Event::Message(frames) => Some(Received::parse(frames)),
            Event::Command(body) => panic!("a command: {body:?}"),
        }
    }
}
