//! The connection file: where to listen and how to sign.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::signing::{Signer, UnknownScheme};

/// What is wrong with a connection file; each names the file.
#[derive(Debug, Error)]
pub enum ConnectionError {
    #[error("cannot read the connection file {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("the connection file {path} is not a Jupyter connection file: {source}")]
    Parse {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("the connection file {path}: {source}")]
    Scheme {
        path: PathBuf,
        source: UnknownScheme,
    },
    #[error(
        "the connection file {path} asks for CURVE encryption, which this kernel does not offer; \
         start it without CURVE keys (over ipc, connections stay with your user)"
    )]
    Curve { path: PathBuf },
    #[error(
        "the connection file {path} names the transport {transport:?}; tcp and ipc are supported"
    )]
    Transport { path: PathBuf, transport: String },
}

/// The five channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Shell,
    Control,
    Stdin,
    IoPub,
    Heartbeat,
}

impl Channel {
    /// All of them, in the order in which they are bound.
    pub const ALL: [Self; 5] = [
        Self::Shell,
        Self::Control,
        Self::Stdin,
        Self::IoPub,
        Self::Heartbeat,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Control => "control",
            Self::Stdin => "stdin",
            Self::IoPub => "iopub",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// Where one channel listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Tcp { host: String, port: u16 },
    Ipc(PathBuf),
}

// jupyter-protocol's type knows no CURVE keys and insists on fields that have defaults elsewhere.
#[derive(Debug, Deserialize)]
struct File {
    #[serde(default = "localhost")]
    ip: String,
    #[serde(default = "tcp")]
    transport: String,
    shell_port: u16,
    iopub_port: u16,
    stdin_port: u16,
    control_port: u16,
    hb_port: u16,
    #[serde(default)]
    key: String,
    #[serde(default = "hmac_sha256")]
    signature_scheme: String,
    curve_publickey: Option<serde_json::Value>,
    curve_secretkey: Option<serde_json::Value>,
}

fn localhost() -> String {
    String::from("127.0.0.1")
}

fn tcp() -> String {
    String::from("tcp")
}

fn hmac_sha256() -> String {
    String::from("hmac-sha256")
}

/// A connection file that can be served.
#[derive(Clone)]
pub struct Connection {
    /// Where it was read from.
    pub path: PathBuf,
    /// Signs and checks messages.
    pub signer: Signer,
    ip: String,
    ipc: bool,
    ports: [u16; 5],
}

impl Connection {
    /// Reads and checks a connection file. Fields that are not known are accepted.
    pub fn read(path: &Path) -> Result<Self, ConnectionError> {
        let text = std::fs::read(path).map_err(|source| ConnectionError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// As [`Self::read`], from what the file holds.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, ConnectionError> {
        let path = path.to_owned();
        let file: File = match serde_json::from_slice(text) {
            Ok(file) => file,
            Err(source) => return Err(ConnectionError::Parse { path, source }),
        };
        if file.curve_publickey.is_some_and(|k| !k.is_null())
            || file.curve_secretkey.is_some_and(|k| !k.is_null())
        {
            return Err(ConnectionError::Curve { path });
        }
        let ipc = match file.transport.as_str() {
            "tcp" => false,
            "ipc" => true,
            _ => {
                return Err(ConnectionError::Transport {
                    path,
                    transport: file.transport,
                });
            }
        };
        let signer = match Signer::new(&file.signature_scheme, file.key.as_bytes()) {
            Ok(signer) => signer,
            Err(source) => return Err(ConnectionError::Scheme { path, source }),
        };
        let ports = [
            file.shell_port,
            file.control_port,
            file.stdin_port,
            file.iopub_port,
            file.hb_port,
        ];
        Ok(Self {
            path,
            signer,
            ip: file.ip,
            ipc,
            ports,
        })
    }

    /// Where `channel` listens.
    pub fn endpoint(&self, channel: Channel) -> Endpoint {
        let port = self.ports[channel as usize];
        if self.ipc {
            return Endpoint::Ipc(PathBuf::from(format!("{}-{port}", self.ip)));
        }
        let host = if self.ip == "*" { "0.0.0.0" } else { &self.ip };
        Endpoint::Tcp {
            host: host.to_owned(),
            port,
        }
    }

    /// The content of connect_reply.
    pub fn connect_reply(&self) -> String {
        let [shell, control, stdin, iopub, hb] = self.ports;
        format!(
            r#"{{"status":"ok","shell_port":{shell},"iopub_port":{iopub},"stdin_port":{stdin},"control_port":{control},"hb_port":{hb}}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(extra: &str) -> Result<Connection, ConnectionError> {
        let text = format!(
            r#"{{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"kernel_name":"x",
                "jupyter_session":"/a.ipynb"{extra}}}"#
        );
        Connection::parse(Path::new("/tmp/kernel-1.json"), text.as_bytes())
    }

    #[test]
    fn tcp_and_ipc_endpoints_follow_jupyters_convention() {
        let tcp = parse(r#","ip":"127.0.0.1","transport":"tcp","key":"k""#).unwrap();
        let host = String::from("127.0.0.1");
        assert_eq!(
            tcp.endpoint(Channel::Control),
            Endpoint::Tcp { host, port: 4 }
        );
        assert_eq!(
            tcp.endpoint(Channel::Heartbeat),
            parse("").unwrap().endpoint(Channel::Heartbeat)
        );
        let ipc = parse(r#","ip":"/run/k-ipc","transport":"ipc""#).unwrap();
        assert_eq!(
            ipc.endpoint(Channel::IoPub),
            Endpoint::Ipc("/run/k-ipc-2".into())
        );
    }

    #[test]
    fn what_cannot_be_served_is_named_with_the_file() {
        for (extra, word) in [
            (r#","transport":"udp""#, "udp"),
            (r#","signature_scheme":"hmac-md5","key":"k""#, "hmac-md5"),
            (r#","curve_secretkey":"x""#, "CURVE"),
            (r#","ip":3"#, "not a Jupyter connection file"),
        ] {
            let error = parse(extra).err().unwrap().to_string();
            assert!(
                error.contains(word) && error.contains("/tmp/kernel-1.json"),
                "{error}"
            );
        }
        assert!(Connection::read(Path::new("/nonexistent/kernel.json")).is_err());
    }
}
