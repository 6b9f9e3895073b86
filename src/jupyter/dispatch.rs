//! What to do with each message that comes in, and with each command of the language. Runs on the I/O thread.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::connection::{Channel, Connection};
use super::debug::Debugger;
use super::heartbeat::Heartbeat;
use super::ingress::{Aborting, Command, Ingress};
use super::iopub::IoPub;
use super::language::Language;
use super::message::{Builder, Message, Request, json_string, whole_text};
use super::router::Router;
use super::signing::Verifier;
use super::subshells::Subshells;
use super::usage::Usage;
use super::zmtp::Socket;

/// The five channels and the language behind them.
pub struct Dispatch {
    pub verifier: Verifier,
    pub iopub: Rc<IoPub>,
    pub shell: Rc<Router>,
    pub control: Rc<Router>,
    pub stdin: Rc<Router>,
    language: Arc<dyn Language>,
    subshells: Subshells,
    pub debugger: Rc<Debugger>,
    connect_reply: String,
    usage: Usage,
    ingress: Arc<Ingress>,
    first: RefCell<First>,
}

/// The first request for the main shell. It is announced as busy when it comes, not when the language takes it: a
/// language that starts takes a while, and the idle of a kernel_info that was answered before must not be what a client
/// finds last.
enum First {
    Awaited,
    /// The header of the request that is busy; the language says so once more.
    Announced(Bytes),
    Over,
}

#[derive(Default, Deserialize)]
struct Shutdown {
    #[serde(default)]
    restart: bool,
}

#[derive(Deserialize)]
struct InputReply {
    #[serde(default)]
    value: String,
}

impl Dispatch {
    /// What serves a channel.
    pub fn socket(&self, channel: Channel) -> Rc<dyn Socket> {
        match channel {
            Channel::Shell => self.shell.clone(),
            Channel::Control => self.control.clone(),
            Channel::Stdin => self.stdin.clone(),
            Channel::IoPub => self.iopub.clone(),
            Channel::Heartbeat => Rc::new(Heartbeat),
        }
    }

    /// Channels without peers.
    pub fn new(
        connection: &Connection,
        session: &str,
        ingress: Arc<Ingress>,
        language: Arc<dyn Language>,
    ) -> Rc<Self> {
        let builder = Rc::new(Builder::new(connection.signer.clone(), session.to_owned()));
        Rc::new_cyclic(|this| {
            let router = |channel| Rc::new(Router::new(channel, builder.clone(), this.clone()));
            let iopub = Rc::new(IoPub::new(builder.clone(), ingress.clone(), session));
            let control = router(Channel::Control);
            let debugger = Debugger::new(iopub.clone(), control.clone(), language.clone());
            Self {
                verifier: Verifier::new(connection.signer.clone()),
                iopub,
                shell: router(Channel::Shell),
                control,
                stdin: router(Channel::Stdin),
                language,
                subshells: Subshells::default(),
                debugger,
                connect_reply: connection.connect_reply(),
                usage: Usage::default(),
                ingress,
                first: RefCell::new(First::Awaited),
            }
        })
    }

    /// A message that has come in.
    pub fn request(&self, request: Request) {
        if request.channel == Channel::Stdin {
            return self.on_stdin(&request);
        }
        match (request.channel, request.msg_type.as_str()) {
            (_, "kernel_info_request") => {
                self.answer(&request, "kernel_info_reply", self.language.kernel_info());
            }
            (_, "connect_request") => {
                self.answer(
                    &request,
                    "connect_reply",
                    Bytes::from(self.connect_reply.clone()),
                );
            }
            (Channel::Control, "interrupt_request") => self.interrupt(&request),
            (Channel::Control, "shutdown_request") => self.shutdown(request),
            (Channel::Control, "debug_request") => self.debugger.request(request),
            (Channel::Control, "usage_request") => {
                self.usage.answer(request, self.ingress.clone());
            }
            (Channel::Control, _) => self.on_control(request),
            _ if !self.subshells.knows(&request) => {
                self.answer_as(&request, Bytes::from(Subshells::unknown(&request)));
            }
            _ => {
                self.announce_first(&request);
                self.language.request(request);
            }
        }
    }

    fn announce_first(&self, request: &Request) {
        let mut first = self.first.borrow_mut();
        if matches!(*first, First::Awaited) && request.subshell_id.is_none() {
            self.iopub.status("busy", &request.header);
            self.iopub.pump();
            *first = First::Announced(request.header.clone());
        }
    }

    /// Whether this is the language's word on the request that has been announced here.
    fn is_known(&self, message: &Message) -> bool {
        let mut first = self.first.borrow_mut();
        let known = matches!(&*first, First::Announced(header) if *header == message.parent)
            && message.msg_type == "status";
        if known {
            *first = First::Over;
        }
        known
    }

    fn on_control(&self, request: Request) {
        match self.subshells.answer(&request, &*self.language) {
            Some(content) => self.answer_as(&request, Bytes::from(content)),
            None => self.language.request(request),
        }
    }

    /// Answers a request under the name that its type implies.
    fn answer_as(&self, request: &Request, content: Bytes) {
        let kind = request.msg_type.strip_suffix("_request");
        let kind = kind.unwrap_or(&request.msg_type);
        self.answer(request, format!("{kind}_reply"), content);
    }

    /// Answers a request here, between busy and idle.
    fn answer(&self, request: &Request, msg_type: impl Into<Cow<'static, str>>, content: Bytes) {
        self.answer_with(request, msg_type, content, || {});
    }

    /// As [`Self::answer`]; `publish` may say more on iopub.
    fn answer_with(
        &self,
        request: &Request,
        msg_type: impl Into<Cow<'static, str>>,
        content: Bytes,
        publish: impl FnOnce(),
    ) {
        self.iopub.status("busy", &request.header);
        self.reply(
            request,
            Message::new(msg_type, request.header.clone(), content),
        );
        publish();
        self.iopub.status("idle", &request.header);
        self.iopub.pump();
    }

    fn reply(&self, request: &Request, message: Message) {
        if let Some(router) = self.router(request.channel) {
            router.send(&request.identities, &message);
        }
    }

    fn interrupt(&self, request: &Request) {
        let content = match self.language.interrupt() {
            Ok(()) => String::from(r#"{"status":"ok"}"#),
            Err(text) => {
                let text = json_string(&text);
                format!(r#"{{"status":"error","ename":"OSError","evalue":{text},"traceback":[]}}"#)
            }
        };
        self.answer(request, "interrupt_reply", Bytes::from(content));
    }

    /// Answered here: what holds the language up does not hold up the answer.
    fn shutdown(&self, request: Request) {
        let asked: Shutdown =
            serde_json::from_slice(&whole_text(&request.content)).unwrap_or_default();
        let content = format!(r#"{{"status":"ok","restart":{}}}"#, asked.restart);
        let content = Bytes::from(content);
        self.answer_with(&request, "shutdown_reply", content.clone(), || {
            let told = Message::new("shutdown_reply", request.header.clone(), content.clone());
            self.iopub
                .publish(self.iopub.topic("shutdown_reply"), &told);
        });
        self.language.shutdown(request);
    }

    fn on_stdin(&self, request: &Request) {
        if request.msg_type != "input_reply" {
            return tracing::debug!("a {} on stdin is ignored", request.msg_type);
        }
        match serde_json::from_slice::<InputReply>(&whole_text(&request.content)) {
            Ok(reply) => self.language.input_reply(reply.value),
            Err(error) => tracing::warn!("an input_reply is dropped: {error}"),
        }
    }

    fn router(&self, channel: Channel) -> Option<&Router> {
        match channel {
            Channel::Shell => Some(&self.shell),
            Channel::Control => Some(&self.control),
            Channel::Stdin => Some(&self.stdin),
            Channel::IoPub | Channel::Heartbeat => None,
        }
    }

    /// Does what the language asked for. `Stop` is not for here.
    pub fn command(&self, command: Command) {
        match command {
            Command::Stream { name, parent, text } => self.iopub.stream(name, parent, text),
            Command::Publish { message, .. } if self.is_known(&message) => {}
            Command::Publish { topic, message } => {
                let topic = if topic.is_empty() {
                    self.default_topic(&message.msg_type)
                } else {
                    topic
                };
                self.iopub.publish(topic, &message);
            }
            Command::Reply {
                channel,
                identities,
                message,
            } => {
                // A client that has the reply shall find the output on its way.
                self.iopub.pump();
                if let Some(router) = self.router(channel) {
                    router.send(&identities, &message);
                }
            }
            Command::Input { identity, message } => {
                self.iopub.pump();
                self.stdin.drain();
                self.language.forget_input();
                self.stdin.send_or_hold(&identity, &message);
            }
            Command::DebugAnswer { ticket, content } => self.debugger.answered(ticket, &content),
            Command::Failed { reply, aborting } => self.failed(*reply, aborting),
            Command::Flush | Command::Stop { .. } => {}
        }
    }

    /// ipykernel's topics.
    fn default_topic(&self, msg_type: &str) -> Bytes {
        match msg_type {
            "display_data" | "update_display_data" | "clear_output" => {
                Bytes::from_static(b"display_data")
            }
            _ => self.iopub.topic(msg_type),
        }
    }

    /// Aborts the execute requests that have arrived by now, those included that no one has read from the socket yet.
    /// They are collected before the failed cell's reply goes out: what a client sends once it has read that reply runs.
    fn failed(&self, reply: Command, aborting: Aborting) {
        self.shell.drain();
        let mut waiting = aborting.taken;
        waiting.extend(
            self.language
                .take_queued_executes(aborting.subshell.as_deref()),
        );
        self.command(reply);
        for request in waiting {
            let message = Message {
                metadata: aborting.metadata.clone(),
                ..Message::new(
                    "execute_reply",
                    request.header.clone(),
                    r#"{"status":"aborted"}"#,
                )
            };
            self.iopub.status("busy", &request.header);
            self.reply(&request, message);
            self.iopub.status("idle", &request.header);
        }
        self.iopub.pump();
    }
}
