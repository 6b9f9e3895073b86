//! Real input for [`super::hostile_tests`] to begin with.

use bytes::Bytes;
use serde_json::{Value, json};

use super::connection::Channel;
use super::debug::dap;
use super::message::{Builder, Message};
use super::signing::Signer;
use super::zmtp::{encode, greeting};

/// A signer that knows its scheme.
pub fn signer(key: &[u8]) -> Signer {
    Signer::new("hmac-sha256", key).unwrap_or_else(|error| panic!("{error}"))
}

pub fn request(kind: &str, content: Value) -> Vec<Bytes> {
    let builder = Builder::new(signer(b""), String::from("client"));
    let message = Message::new(
        kind.to_owned(),
        Bytes::from_static(b"{}"),
        content.to_string(),
    );
    builder.frames([Bytes::new()], &message)
}

fn debug(command: &str, arguments: Value) -> Vec<Bytes> {
    let content = json!({"type": "request", "seq": 7, "command": command, "arguments": arguments});
    request("debug_request", content)
}

fn requests() -> Vec<Vec<Bytes>> {
    let comm = json!({"comm_id": "c", "target_name": "t", "data": {"a": [1, 2.5e3, null]}});
    let mut buffers = request("comm_msg", comm.clone());
    buffers.extend([Bytes::from_static(b"\0\x01"), Bytes::from(vec![7; 300])]);
    vec![
        request("kernel_info_request", json!({})),
        request("connect_request", json!({})),
        request(
            "execute_request",
            json!({"code": "print('é \\ud83d\\ude00')", "silent": false, "user_expressions": {"a": "b"}}),
        ),
        request("complete_request", json!({"code": "imp", "cursor_pos": 3})),
        request("comm_open", comm),
        buffers,
        request("input_reply", json!({"value": "yes"})),
        request("interrupt_request", json!({})),
        request("shutdown_request", json!({"restart": false})),
        request("usage_request", json!({})),
        request("create_subshell_request", json!({})),
        request("list_subshell_request", json!({})),
        request("delete_subshell_request", json!({"subshell_id": "x"})),
        debug("debugInfo", json!({})),
        debug(
            "initialize",
            json!({"clientID": "x", "linesStartAt1": true}),
        ),
        debug("attach", json!({})),
        debug("inspectVariables", json!({})),
        debug(
            "richInspectVariables",
            json!({"variableName": "x", "frameId": 1}),
        ),
        debug(
            "copyToGlobals",
            json!({"srcVariableName": "x", "srcFrameId": 1}),
        ),
        debug("source", json!({"source": {"path": "cell.py"}})),
        debug(
            "setBreakpoints",
            json!({"source": {"path": "cell.py"}, "breakpoints": [{"line": 1}]}),
        ),
    ]
}

fn stream(messages: &[Vec<Bytes>]) -> Vec<u8> {
    let chunks = |m: &Vec<Bytes>| encode(m).chunks().concat();
    messages.iter().flat_map(chunks).collect()
}

fn ready(kind: &str) -> Vec<u8> {
    let mut body = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
    body.push(kind.len() as u8);
    body.extend_from_slice(kind.as_bytes());
    body.extend_from_slice(b"\x08Identity\0\0\0\x02me");
    body
}

/// What libzmq sends first: ZMTP 3.1.
fn hello(kind: &str) -> Vec<u8> {
    let mut bytes = greeting::greeting().to_vec();
    bytes[8] = 1;
    bytes[11] = 1;
    let body = ready(kind);
    bytes.extend_from_slice(&[4, body.len() as u8]);
    bytes.extend(body);
    bytes
}

pub fn client(kind: &str, messages: &[Vec<Bytes>]) -> Vec<u8> {
    [hello(kind), stream(messages)].concat()
}

pub fn handshakes() -> Vec<Vec<u8>> {
    let whole = |kind| [&greeting::greeting()[..], &ready(kind)].concat();
    vec![whole("DEALER"), whole("SUB"), whole("REQ"), ready("XSUB")]
}

pub fn streams() -> Vec<Vec<u8>> {
    let all = stream(&requests());
    let each = requests().into_iter().map(|r| stream(&[r]));
    each.chain([all])
        .map(|bytes| [&[100], &bytes[..]].concat())
        .collect()
}

pub fn signatures() -> Vec<Vec<u8>> {
    let parts: [&[u8]; 4] = [b"{\"msg_id\":1}", b"{}", b"{}", b"{}"];
    let right = signer(b"a key").sign(parts);
    vec![[&right[..], parts[0]].concat(), right.to_vec()]
}

pub fn adapters() -> Vec<Vec<u8>> {
    let messages = [
        json!({"type": "event", "event": "initialized"}),
        json!({"type": "event", "event": "stopped", "body": {"threadId": 1, "allThreadsStopped": true}}),
        json!({"type": "event", "event": "continued", "body": {"threadId": 1, "allThreadsContinued": false}}),
        json!({"type": "response", "request_seq": 1, "success": true, "command": "threads",
            "body": {"threads": [{"id": 1, "name": "MainThread"}]}}),
        json!({"type": "response", "request_seq": 2, "success": true, "command": "variables",
            "body": {"variables": [{"name": "x", "value": "1"}]}}),
        json!({"type": "request", "command": "runInTerminal"}),
    ];
    let all: Vec<u8> = messages.iter().flat_map(dap::encode).collect();
    let each = messages.iter().map(dap::encode);
    each.chain([all])
        .map(|bytes| [&[50], &bytes[..]].concat())
        .collect()
}

pub fn connection_files() -> Vec<Vec<u8>> {
    let file = |more: Value| {
        let mut file = json!({"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5,
            "ip": "127.0.0.1", "key": "", "transport": "tcp", "signature_scheme": "hmac-sha256"});
        for (name, value) in more.as_object().into_iter().flatten() {
            file[name] = value.clone();
        }
        file.to_string().into_bytes()
    };
    vec![
        file(json!({"kernel_name": "paracell"})),
        file(json!({"transport": "ipc", "ip": "/tmp/k", "key": "é"})),
        file(json!({"ip": "*", "curve_publickey": null})),
    ]
}

pub fn conversations() -> Vec<Vec<u8>> {
    let on = |channel: Channel, bytes: Vec<u8>| [&[channel as u8, 200], &bytes[..]].concat();
    let mut seeds: Vec<Vec<u8>> = requests()
        .iter()
        .flat_map(|r| {
            [Channel::Shell, Channel::Control, Channel::Stdin]
                .map(|channel| on(channel, client("DEALER", std::slice::from_ref(r))))
        })
        .collect();
    seeds.push(on(Channel::Control, client("DEALER", &requests())));
    seeds.push(on(Channel::Shell, client("REQ", &requests())));
    let subscribe = |text: &'static [u8]| vec![Bytes::from_static(text)];
    let topics = [
        subscribe(b"\x01"),
        subscribe(b"\x01status"),
        subscribe(b"\0status"),
    ];
    seeds.push(on(Channel::IoPub, client("SUB", &topics)));
    let commands = b"\x04\x0c\x09SUBSCRIBEab\x04\x09\x06CANCELab\x04\x0d\x04PING\0\x01context";
    seeds.push(on(
        Channel::IoPub,
        [hello("XSUB"), commands.to_vec()].concat(),
    ));
    seeds.push(on(
        Channel::Heartbeat,
        client("REQ", &[vec![Bytes::new(), Bytes::from_static(b"ping")]]),
    ));
    seeds.extend(
        adapters()
            .into_iter()
            .map(|bytes| [&[5], &bytes[..]].concat()),
    );
    seeds
}
