//! Values as a notebook shows them, and copies of them, while a thread is stopped.

use bytes::Bytes;
use serde_json::{Value, json};

use super::replies::{failed, is_identifier, succeeded};
use super::{After, Asked, Debugger, Then};

impl Debugger {
    pub(super) fn rich(&self, asked: Asked) {
        let arguments = &asked.message["arguments"];
        let name = arguments["variableName"].as_str().unwrap_or_default();
        if !is_identifier(name) {
            let body = json!({"data": {}, "metadata": {}});
            let special = ["special variables", "function variables"].contains(&name);
            let reply = if special {
                succeeded(&asked.message, body)
            } else {
                failed(&asked.message, "only a name can be looked at")
            };
            return self.reply(&asked, reply);
        }
        if self.state.borrow().stopped.is_empty() {
            return self.ask(asked, After::Reply);
        }
        let expression = format!("get_ipython().display_formatter.format({name})");
        let arguments = json!({
            "expression": expression, "frameId": arguments["frameId"], "context": "clipboard",
        });
        let message = json!({"command": "evaluate", "arguments": arguments});
        self.send(message, Some((asked, Then::Rich)));
    }

    pub(super) fn rich_found(&self, asked: Asked, response: &Value) {
        if response["success"] != json!(true) {
            let text = response["message"].as_str().unwrap_or("it cannot be shown");
            return self.reply(&asked, failed(&asked.message, text));
        }
        let question = json!({
            "command": "representations", "seq": asked.message["seq"], "text": response["body"]["result"],
        });
        self.question(asked, After::Reply, Bytes::from(question.to_string()));
    }

    pub(super) fn copy(&self, asked: Asked) {
        let arguments = &asked.message["arguments"];
        let name = |key: &str| arguments[key].as_str().unwrap_or_default().to_owned();
        let (to, from) = (name("dstVariableName"), name("srcVariableName"));
        if !is_identifier(&to) || !is_identifier(&from) {
            let text = "dstVariableName and srcVariableName must be valid identifiers";
            return self.reply(&asked, failed(&asked.message, text));
        }
        let arguments = json!({
            "expression": format!("globals()['{to}']"), "value": from, "frameId": arguments["srcFrameId"],
        });
        let message = json!({"command": "setExpression", "arguments": arguments});
        self.send(message, Some((asked, Then::Forward)));
    }
}
