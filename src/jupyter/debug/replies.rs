//! Responses to debug requests, and which names and threads are the user's.

use serde_json::{Value, json};

/// Names of the namespace that are the shell's.
const SHELLS: [&str; 20] = [
    "__name__",
    "__doc__",
    "__package__",
    "__loader__",
    "__spec__",
    "__annotations__",
    "__builtins__",
    "__builtin__",
    "__display__",
    "get_ipython",
    "debugpy",
    "exit",
    "quit",
    "In",
    "Out",
    "_oh",
    "_dh",
    "_",
    "__",
    "___",
];
/// Threads of the kernel that run Python.
const KERNELS: [&str; 2] = ["IPythonHistorySavingThread", "paracell-control"];

/// The response that `message` asked for, with `body`.
pub fn succeeded(message: &Value, body: Value) -> Value {
    json!({
        "seq": message["seq"], "type": "response", "request_seq": message["seq"],
        "success": true, "command": message["command"], "body": body,
    })
}

/// The response that says why not.
pub fn failed(message: &Value, text: &str) -> Value {
    json!({
        "seq": message["seq"], "type": "response", "request_seq": message["seq"],
        "success": false, "command": message["command"], "message": text, "body": {},
    })
}

/// Takes out of a response the variables that are the shell's.
pub fn keep_users(response: &mut Value) {
    let found = response.pointer_mut("/body/variables");
    if let Some(variables) = found.and_then(Value::as_array_mut) {
        variables.retain(|v| accepted(v["name"].as_str().unwrap_or_default()));
    }
}

/// Whether a variable is shown.
fn accepted(name: &str) -> bool {
    let numbered = name
        .strip_prefix('_')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    !SHELLS.contains(&name) && !numbered && !name.starts_with("_i")
}

/// The id of a thread that may stop.
pub fn users_thread(thread: &Value) -> Option<i64> {
    let name = thread["name"].as_str().unwrap_or_default();
    (!KERNELS.contains(&name)).then(|| thread["id"].as_i64())?
}

/// Whether Python would take `name` for a name; keywords do, and fail later with their own message.
pub fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c == '_' || c.is_alphabetic())
        && letters.all(|c| c == '_' || c.is_alphanumeric())
}
