//! Subshells: names under which a client may have requests handled beside the main shell. Answered on control, at once,
//! whatever the language does.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::language::Language;
use super::message::Request;

/// The name of every error here.
const UNKNOWN: &str = "UnknownSubshellError";

/// The subshells that there are.
#[derive(Default)]
pub struct Subshells {
    names: RefCell<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Named {
    subshell_id: String,
}

impl Subshells {
    /// The content of the reply to `request`, if it is about subshells.
    /// <https://jupyter-client.readthedocs.io/en/latest/messaging.html#subshells>
    pub fn answer(&self, request: &Request, language: &dyn Language) -> Option<String> {
        let content = match request.msg_type.as_str() {
            "create_subshell_request" => self.create(language),
            "list_subshell_request" => {
                Ok(json!({"status": "ok", "subshell_id": *self.names.borrow()}))
            }
            "delete_subshell_request" => self.delete(request, language),
            _ => return None,
        };
        let content = content.unwrap_or_else(|text| failure(UNKNOWN, &text));
        Some(content.to_string())
    }

    /// Whether `request` may be handled: it names no subshell, or one that there is.
    pub fn knows(&self, request: &Request) -> bool {
        match &request.subshell_id {
            None => true,
            Some(name) => self.names.borrow().contains(name),
        }
    }

    /// The content of the reply to a request whose subshell does not exist.
    pub fn unknown(request: &Request) -> String {
        let name = request.subshell_id.as_deref().unwrap_or_default();
        failure(UNKNOWN, &no_subshell(name)).to_string()
    }

    fn create(&self, language: &dyn Language) -> Result<serde_json::Value, String> {
        let name = uuid::Uuid::new_v4().to_string();
        language.open_subshell(&name)?;
        self.names.borrow_mut().insert(name.clone());
        Ok(json!({"status": "ok", "subshell_id": name}))
    }

    fn delete(
        &self,
        request: &Request,
        language: &dyn Language,
    ) -> Result<serde_json::Value, String> {
        let named: Named = serde_json::from_slice(&request.content)
            .map_err(|error| format!("delete_subshell_request needs a subshell_id: {error}"))?;
        if !self.names.borrow_mut().remove(&named.subshell_id) {
            return Err(no_subshell(&named.subshell_id));
        }
        language.close_subshell(&named.subshell_id);
        Ok(json!({"status": "ok"}))
    }
}

fn no_subshell(name: &str) -> String {
    // ipykernel's words: clients compare them.
    format!("Unknown subshell_id '{name}'")
}

/// The content of an error reply.
pub fn failure(kind: &str, text: &str) -> serde_json::Value {
    json!({"status": "error", "ename": kind, "evalue": text, "traceback": []})
}
