//! The debugger's start and end: Python starts the adapter, we connect to it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::adapter::Adapter;
use super::replies::failed;
use super::{After, Asked, Debugger, Then};

impl Debugger {
    pub(super) fn start(&self, asked: Asked) {
        let question = Bytes::from_static(br#"{"command":"start"}"#);
        self.question(asked, After::Started, question);
    }

    pub(super) fn connect(&self, asked: Asked, mut answer: Value) {
        let port = answer["port"].as_u64().and_then(|p| u16::try_from(p).ok());
        let Some(port) = port else {
            let text = answer["message"]
                .as_str()
                .unwrap_or("debugpy did not start");
            return self.reply(&asked, failed(&asked.message, text));
        };
        self.state.borrow_mut().rules = answer.get_mut("rules").map_or(Value::Null, Value::take);
        let this = self.this.clone();
        tokio::task::spawn_local(async move {
            let connected = Adapter::connect(port, this.clone()).await;
            let Some(debugger) = this.upgrade() else {
                return;
            };
            match connected {
                Ok(adapter) => {
                    debugger.state.borrow_mut().adapter = Some((port, adapter));
                    debugger.forward(asked, Then::Forward);
                }
                Err(error) => {
                    let text = format!("the debug adapter cannot be reached: {error}");
                    debugger.reply(&asked, failed(&asked.message, &text));
                    debugger.go_on();
                }
            }
        });
    }

    pub(super) fn attach(&self, mut asked: Asked) {
        let state = self.state.borrow();
        if let Some((port, _)) = &state.adapter
            && let Some(message) = asked.message.as_object_mut()
            && let Some(arguments) = message
                .entry("arguments")
                .or_insert_with(|| json!({}))
                .as_object_mut()
        {
            arguments.insert(
                String::from("connect"),
                json!({"host": "127.0.0.1", "port": port}),
            );
            arguments.insert(String::from("debugOptions"), json!(["DebugStdLib"]));
            arguments.insert(String::from("rules"), state.rules.clone());
        }
        drop(state);
        self.forward(asked, Then::Forward);
    }

    pub(super) fn stop(&self) {
        let mut state = self.state.borrow_mut();
        state.adapter = None;
        state.breakpoints.clear();
        state.stopped.clear();
        state.threads.clear();
        state.tickets += 1;
        let ticket = state.tickets;
        drop(state);
        let question = Bytes::from_static(br#"{"command":"stop"}"#);
        self.language.debug(ticket, question);
    }

    /// The connection to the adapter on `port` is over.
    pub fn adapter_ended(&self, port: u16, why: &str) {
        let current = self.state.borrow().adapter.as_ref().map(|(p, _)| *p);
        if current != Some(port) {
            return;
        }
        tracing::debug!("debugger: {why}");
        self.stop();
        let lost: Vec<Asked> = {
            let mut state = self.state.borrow_mut();
            state.sent.drain().map(|(_, (asked, _))| asked).collect()
        };
        for asked in lost {
            self.reply(&asked, failed(&asked.message, why));
        }
        self.go_on();
    }
}
