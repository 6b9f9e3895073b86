//! The debugger: a client's debug requests on control to debugpy's adapter and back, on the I/O thread. What is known
//! here is answered here, whatever Python does; what only Python knows is asked of the [`Language`].
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request>

mod adapter;
pub(super) mod cellfile;
pub(super) mod dap;
mod lifecycle;
pub(super) mod replies;
mod rich;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::iopub::IoPub;
use super::language::Language;
use super::message::{Message, Request, whole_text};
use super::router::Router;
use adapter::Adapter;
use replies::{failed, succeeded};

/// A debug request of a client and its DAP message.
struct Asked {
    request: Request,
    message: Value,
}

/// What is done with the adapter's response.
enum Then {
    /// It goes to the client.
    Forward,
    /// As `Forward`; it tells where the breakpoints of this file really are.
    Breakpoints(String),
    /// As `Forward`, without the names that are not the user's.
    Variables,
    /// As `Forward`; then no thread is stopped any more.
    Continue,
    /// As `Forward`; then the debugger is off.
    Disconnect,
    /// A value's representations, as Python source.
    Rich,
}

/// What is done with Python's answer.
enum After {
    /// It is the response.
    Reply,
    /// It is the response, once the names are gone that are not the user's.
    Variables,
    /// It says where the adapter listens: then the client's `initialize` goes there.
    Started,
}

#[derive(Default)]
struct State {
    adapter: Option<(u16, Adapter)>,
    /// Whether a request is being answered, and those that wait for their turn.
    answering: bool,
    waiting: VecDeque<Request>,
    breakpoints: Map<String, Value>,
    stopped: BTreeSet<i64>,
    /// Our sequence numbers towards the adapter.
    sequence: i64,
    sent: HashMap<i64, (Asked, Then)>,
    /// A `threads` request of ours -> the "stopped" event that waits for it.
    threads: HashMap<i64, Value>,
    tickets: u64,
    asked: HashMap<u64, (Asked, After)>,
    /// From Python, when it started the adapter: what not to stop in.
    rules: Value,
    /// The header of the last request: the parent of events.
    parent: Bytes,
}

/// The debugger of one kernel.
pub struct Debugger {
    this: Weak<Self>,
    iopub: Rc<IoPub>,
    control: Rc<Router>,
    language: Arc<dyn Language>,
    state: RefCell<State>,
}

impl Drop for Debugger {
    fn drop(&mut self) {
        cellfile::remove_all();
    }
}

impl Debugger {
    /// A debugger that is off.
    pub fn new(iopub: Rc<IoPub>, control: Rc<Router>, language: Arc<dyn Language>) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            iopub,
            control,
            language,
            state: RefCell::default(),
        })
    }

    /// A debug_request of a client. One is answered after the other.
    pub fn request(&self, request: Request) {
        self.state.borrow_mut().waiting.push_back(request);
        self.go_on();
    }

    /// Answers what waits until an answer has to be waited for. A loop: thousands may wait, and each that is answered at
    /// once would else be answered from within the one before it.
    pub(super) fn go_on(&self) {
        loop {
            let next = {
                let mut state = self.state.borrow_mut();
                if state.answering {
                    return;
                }
                let Some(next) = state.waiting.pop_front() else {
                    return;
                };
                state.answering = true;
                next
            };
            self.answer(next);
        }
    }

    fn answer(&self, request: Request) {
        self.iopub.status("busy", &request.header);
        self.state.borrow_mut().parent = request.header.clone();
        let message = serde_json::from_slice(&whole_text(&request.content)).unwrap_or(Value::Null);
        let asked = Asked { request, message };
        let command = asked.command().to_owned();
        if let Some(body) = self.known(&command, &asked) {
            return self.reply(&asked, body);
        }
        match command.as_str() {
            "variables" if self.state.borrow().stopped.is_empty() => {
                self.ask(asked, After::Variables)
            }
            "inspectVariables" => self.ask(asked, After::Variables),
            "modules" => self.ask(asked, After::Reply),
            "richInspectVariables" => self.rich(asked),
            "initialize" if !self.started() => self.start(asked),
            _ if !self.started() => {
                let text = "the debugger has not been started: send initialize first";
                self.reply(&asked, failed(&asked.message, text));
            }
            "variables" => self.forward(asked, Then::Variables),
            "setBreakpoints" => {
                let source = &asked.message["arguments"]["source"]["path"];
                let then = Then::Breakpoints(source.as_str().unwrap_or_default().to_owned());
                self.forward(asked, then);
            }
            "attach" => self.attach(asked),
            "copyToGlobals" => self.copy(asked),
            "continue" | "next" | "stepIn" | "stepOut" => self.forward(asked, Then::Continue),
            "disconnect" => self.forward(asked, Then::Disconnect),
            _ => self.forward(asked, Then::Forward),
        }
    }

    /// The response to what needs neither Python nor the adapter.
    fn known(&self, command: &str, asked: &Asked) -> Option<Value> {
        let arguments = &asked.message["arguments"];
        Some(match command {
            "debugInfo" => succeeded(&asked.message, self.info()),
            "dumpCell" => match cellfile::write(arguments["code"].as_str().unwrap_or_default()) {
                Ok(path) => succeeded(&asked.message, json!({"sourcePath": path})),
                Err(error) => failed(
                    &asked.message,
                    &format!("the cell cannot be written to a file: {error}"),
                ),
            },
            "source" => {
                let path = arguments["source"]["path"].as_str().unwrap_or_default();
                match cellfile::read(path) {
                    Ok(text) => succeeded(&asked.message, json!({"content": text})),
                    Err(_) => failed(&asked.message, "source unavailable"),
                }
            }
            "configurationDone" => succeeded(&asked.message, json!({})),
            _ => return None,
        })
    }

    fn info(&self) -> Value {
        let state = self.state.borrow();
        let breakpoints: Vec<Value> = state
            .breakpoints
            .iter()
            .map(|(source, lines)| json!({"source": source, "breakpoints": lines}))
            .collect();
        json!({
            "isStarted": state.adapter.is_some(),
            "hashMethod": "Murmur2",
            "hashSeed": cellfile::SEED,
            "tmpFilePrefix": format!("{}/", cellfile::folder().display()),
            "tmpFileSuffix": ".py",
            "breakpoints": breakpoints,
            "stoppedThreads": state.stopped,
            "richRendering": true,
            "exceptionPaths": ["Python Exceptions"],
            "copyToGlobals": true,
        })
    }

    fn started(&self) -> bool {
        self.state.borrow().adapter.is_some()
    }

    // ------------------------------------------------------------------------------------------------ to Python

    fn ask(&self, asked: Asked, after: After) {
        let question = Bytes::from(asked.message.to_string());
        self.question(asked, after, question);
    }

    fn question(&self, asked: Asked, after: After, question: Bytes) {
        let ticket = {
            let mut state = self.state.borrow_mut();
            state.tickets += 1;
            let ticket = state.tickets;
            state.asked.insert(ticket, (asked, after));
            ticket
        };
        self.language.debug(ticket, question);
    }

    /// What the language answers to a question.
    pub fn answered(&self, ticket: u64, content: &Bytes) {
        let Some((asked, after)) = self.state.borrow_mut().asked.remove(&ticket) else {
            return;
        };
        let mut answer: Value = serde_json::from_slice(content).unwrap_or(Value::Null);
        match after {
            After::Reply => self.reply(&asked, answer),
            After::Variables => {
                replies::keep_users(&mut answer);
                self.reply(&asked, answer);
            }
            After::Started => self.connect(asked, answer),
        }
        self.go_on();
    }

    // ------------------------------------------------------------------------------------------- the adapter

    fn forward(&self, asked: Asked, then: Then) {
        let message = asked.message.clone();
        self.send(message, Some((asked, then)));
    }

    /// Sends a message under a number of ours; that number.
    fn send(&self, mut message: Value, asked: Option<(Asked, Then)>) -> i64 {
        let mut state = self.state.borrow_mut();
        state.sequence += 1;
        let number = state.sequence;
        message["seq"] = json!(number);
        message["type"] = json!("request");
        if let Some(asked) = asked {
            state.sent.insert(number, asked);
        }
        if let Some((_, adapter)) = &state.adapter {
            adapter.send(&message);
        }
        number
    }

    /// A message of the adapter.
    pub fn received(&self, message: Value) {
        match message["type"].as_str() {
            Some("event") => self.event(message),
            Some("response") => self.response(message),
            _ => tracing::debug!("debugger: the adapter asks for {}", message["command"]),
        }
        self.go_on();
    }

    fn event(&self, event: Value) {
        let thread = event["body"]["threadId"].as_i64();
        match event["event"].as_str() {
            Some("initialized") => {
                self.send(json!({"command": "configurationDone"}), None);
            }
            Some("stopped") if event["body"]["allThreadsStopped"] == json!(true) => {
                let number = self.send(json!({"command": "threads"}), None);
                self.state.borrow_mut().threads.insert(number, event);
                return; // the client hears of it when we know which threads
            }
            Some("stopped") => self.state.borrow_mut().stopped.extend(thread),
            Some("continued") if event["body"]["allThreadsContinued"] == json!(false) => {
                if let Some(thread) = thread {
                    self.state.borrow_mut().stopped.remove(&thread);
                }
            }
            Some("continued") => self.state.borrow_mut().stopped.clear(),
            _ => {}
        }
        self.publish(&event);
    }

    fn publish(&self, event: &Value) {
        let parent = self.state.borrow().parent.clone();
        let message = Message::new("debug_event", parent, event.to_string());
        self.iopub
            .publish(self.iopub.topic("debug_event"), &message);
        self.iopub.pump();
    }

    fn response(&self, mut message: Value) {
        let number = message["request_seq"].as_i64().unwrap_or(-1);
        let stopped = self.state.borrow_mut().threads.remove(&number);
        if let Some(event) = stopped {
            let threads = message["body"]["threads"].as_array();
            let users = threads
                .into_iter()
                .flatten()
                .filter_map(replies::users_thread);
            self.state.borrow_mut().stopped.extend(users);
            return self.publish(&event);
        }
        let found = self.state.borrow_mut().sent.remove(&number);
        let Some((asked, then)) = found else { return };
        message["request_seq"] = asked.message["seq"].clone();
        match then {
            Then::Forward => {}
            Then::Breakpoints(source) => self.note_breakpoints(source, &asked, &message),
            Then::Variables => replies::keep_users(&mut message),
            Then::Continue if message["success"] == json!(true) => {
                self.state.borrow_mut().stopped.clear();
            }
            Then::Continue => {}
            Then::Disconnect => self.stop(),
            Then::Rich => return self.rich_found(asked, &message),
        }
        self.reply(&asked, message);
    }

    /// debugpy may set breakpoints on other lines than those that were asked for.
    fn note_breakpoints(&self, source: String, asked: &Asked, response: &Value) {
        let lines = match response["body"]["breakpoints"].as_array() {
            Some(set) if response["success"] == json!(true) => {
                set.iter().map(|b| json!({"line": b["line"]})).collect()
            }
            _ => asked.message["arguments"]["breakpoints"].clone(),
        };
        self.state.borrow_mut().breakpoints.insert(source, lines);
    }

    fn reply(&self, asked: &Asked, content: Value) {
        let header = &asked.request.header;
        self.iopub.pump();
        let message = Message::new("debug_reply", header.clone(), content.to_string());
        self.control.send(&asked.request.identities, &message);
        self.iopub.status("idle", header);
        self.iopub.pump();
        self.state.borrow_mut().answering = false;
    }
}

impl Asked {
    fn command(&self) -> &str {
        self.message["command"].as_str().unwrap_or_default()
    }
}
