//! Jupyter's messages: frames to requests, contents to frames. JSON that passes through stays the bytes it was.

use std::borrow::Cow;
use std::cell::Cell;
use std::str;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::connection::Channel;
use super::signing::{SignatureError, Signer, Verifier};

const DELIMITER: &[u8] = b"<IDS|MSG>";
/// The version of the protocol that our headers name (that of ipykernel 7.4).
pub const PROTOCOL_VERSION: &str = "5.4";

/// Why a message is dropped.
#[derive(Debug, Error)]
pub enum MessageError {
    #[error("it has no delimiter")]
    NoDelimiter,
    #[error("it has {0} parts after the delimiter, 5 are needed")]
    TooShort(usize),
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("its {part} is not UTF-8")]
    Utf8 { part: &'static str },
    #[error("its {part} is not a JSON object")]
    NotObject { part: &'static str },
    #[error("its {part} is malformed: {source}")]
    Json {
        part: &'static str,
        source: serde_json::Error,
    },
}

/// One message from a client, its signature verified.
#[derive(Debug, Clone)]
pub struct Request {
    pub channel: Channel,
    /// The peer's identity, and what it put before the delimiter.
    pub identities: Vec<Bytes>,
    pub msg_id: String,
    pub msg_type: String,
    pub session: String,
    pub subshell_id: Option<String>,
    pub header: Bytes,
    pub parent_header: Bytes,
    pub metadata: Bytes,
    pub content: Bytes,
    pub buffers: Vec<Bytes>,
}

#[derive(Deserialize)]
struct Header {
    msg_id: String,
    msg_type: String,
    #[serde(default)]
    session: String,
    subshell_id: Option<String>,
}

impl Request {
    /// The message in `frames`, which came from the peer called `identity`.
    pub fn parse(
        channel: Channel,
        identity: Bytes,
        mut frames: Vec<Bytes>,
        verifier: &Verifier,
    ) -> Result<Self, MessageError> {
        let delimiter = frames.iter().position(|f| &f[..] == DELIMITER);
        let delimiter = delimiter.ok_or(MessageError::NoDelimiter)?;
        let mut rest = frames.split_off(delimiter + 1).into_iter();
        frames.pop();
        frames.insert(0, identity);
        let found = rest.len();
        let mut part = || rest.next().ok_or(MessageError::TooShort(found));
        let (signature, header, parent_header, metadata, content) =
            (part()?, part()?, part()?, part()?, part()?);
        verifier.accept(&signature, [&header, &parent_header, &metadata, &content])?;
        check_object("parent header", &parent_header)?;
        check_object("metadata", &metadata)?;
        check_object("content", &content)?;
        check_object("header", &header)?;
        let names: Header =
            serde_json::from_slice(&header).map_err(|source| MessageError::Json {
                part: "header",
                source,
            })?;
        Ok(Self {
            channel,
            identities: frames,
            msg_id: names.msg_id,
            msg_type: names.msg_type,
            session: names.session,
            subshell_id: names.subshell_id,
            header,
            parent_header,
            metadata,
            content,
            buffers: rest.collect(),
        })
    }
}

fn check_object(part: &'static str, json: &Bytes) -> Result<(), MessageError> {
    let text = str::from_utf8(json).map_err(|_| MessageError::Utf8 { part })?;
    if !text
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with('{')
    {
        return Err(MessageError::NotObject { part });
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(source) => Err(MessageError::Json { part, source }),
    }
}

/// A message of ours, before it has a header and a signature. The JSON parts are trusted.
#[derive(Debug, Clone)]
pub struct Message {
    pub msg_type: Cow<'static, str>,
    /// The header of the request that this belongs to; `{}` if none.
    pub parent: Bytes,
    pub metadata: Bytes,
    pub content: Bytes,
    pub buffers: Vec<Bytes>,
    /// When it was made: what its sender does next begins later.
    pub date: DateTime<Utc>,
}

impl Message {
    /// A message without metadata and buffers.
    pub fn new(
        msg_type: impl Into<Cow<'static, str>>,
        parent: Bytes,
        content: impl Into<Bytes>,
    ) -> Self {
        Self {
            msg_type: msg_type.into(),
            parent,
            metadata: Bytes::from_static(b"{}"),
            content: content.into(),
            buffers: Vec::new(),
            date: Utc::now(),
        }
    }

    /// Bytes of all parts.
    pub fn size(&self) -> usize {
        let buffers: usize = self.buffers.iter().map(Bytes::len).sum();
        512 + self.parent.len() + self.metadata.len() + self.content.len() + buffers
    }
}

/// Gives messages their headers and signatures; one session for the kernel's life.
pub struct Builder {
    signer: Signer,
    session: String,
    /// username, session and version, as JSON.
    fixed: String,
    pid: u32,
    count: Cell<u64>,
}

impl Builder {
    /// Messages of `session`, by the user that `USER` names.
    pub fn new(signer: Signer, session: String) -> Self {
        let user = std::env::var("USER").unwrap_or_else(|_| String::from("username"));
        let fixed = format!(
            r#""username":{},"session":"{session}","version":"{PROTOCOL_VERSION}""#,
            json_string(&user)
        );
        Self {
            signer,
            session,
            fixed,
            pid: std::process::id(),
            count: Cell::new(0),
        }
    }

    /// The frames of `message` from the delimiter on, after `prefix`.
    pub fn frames(&self, prefix: impl IntoIterator<Item = Bytes>, message: &Message) -> Vec<Bytes> {
        let number = self.count.replace(self.count.get() + 1);
        let header = format!(
            r#"{{"msg_id":"{}_{}_{number}","msg_type":{},{},"date":"{}"}}"#,
            self.session,
            self.pid,
            json_string(&message.msg_type),
            self.fixed,
            message.date.to_rfc3339_opts(SecondsFormat::Micros, true),
        );
        let header = Bytes::from(header);
        let parts = [
            &header[..],
            &message.parent,
            &message.metadata,
            &message.content,
        ];
        let signature = self.signer.sign(parts);
        let mut frames: Vec<Bytes> = prefix.into_iter().collect();
        frames.extend([
            Bytes::from_static(DELIMITER),
            signature,
            header,
            message.parent.clone(),
            message.metadata.clone(),
            message.content.clone(),
        ]);
        frames.extend(message.buffers.iter().cloned());
        frames
    }
}

/// JSON whose strings are text: half a surrogate pair, which browsers may send and Python's reader takes, becomes U+FFFD.
pub fn whole_text(json: &[u8]) -> Cow<'_, [u8]> {
    const SURROGATES: std::ops::Range<u32> = 0xd800..0xe000;
    let mut out = Cow::Borrowed(json);
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'\\' {
            at += 1;
            continue;
        }
        at += match (escaped(json, at), escaped(json, at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(code), _) if SURROGATES.contains(&code) => {
                out.to_mut()[at..at + 6].copy_from_slice(br"\ufffd");
                6
            }
            _ => 2,
        };
    }
    out
}

/// The number in the escape `\uXXXX` at this place, if there is one.
fn escaped(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// `text` as a JSON string.
pub fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair() -> (Builder, Verifier) {
        let signer = Signer::new("hmac-sha256", b"key").unwrap();
        (
            Builder::new(signer.clone(), String::from("s-1")),
            Verifier::new(signer),
        )
    }

    fn parse(frames: Vec<Bytes>, verifier: &Verifier) -> Result<Request, MessageError> {
        Request::parse(Channel::Shell, Bytes::from_static(b"me"), frames, verifier)
    }

    #[test]
    fn what_we_build_can_be_read_and_has_every_header_field() {
        let (builder, verifier) = pair();
        let message = Message::new("status", Bytes::from_static(b"{}"), r#"{"a":"b"}"#);
        let frames = builder.frames([Bytes::new()], &message);
        let request = parse(frames, &verifier).unwrap();
        assert_eq!(request.identities, [&b"me"[..], b""]);
        let header: serde_json::Value = serde_json::from_slice(&request.header).unwrap();
        for field in [
            "msg_id", "msg_type", "username", "session", "date", "version",
        ] {
            assert!(header[field].is_string(), "{field}");
        }
        assert!(header["date"].as_str().unwrap().ends_with('Z'));
        assert_eq!(
            (request.msg_type.as_str(), request.session.as_str()),
            ("status", "s-1")
        );
    }

    #[test]
    fn malformed_messages_are_told_apart() {
        let (builder, verifier) = pair();
        assert!(matches!(
            parse(vec![], &verifier),
            Err(MessageError::NoDelimiter)
        ));
        let short = vec![Bytes::from_static(DELIMITER), Bytes::new()];
        assert!(matches!(
            parse(short, &verifier),
            Err(MessageError::TooShort(1))
        ));
        for content in ["[]", "{", "{\"a\":NaN}", ""] {
            let message = Message::new("x", Bytes::from_static(b"{}"), content);
            let error = parse(builder.frames([], &message), &verifier).unwrap_err();
            assert!(matches!(
                error,
                MessageError::NotObject { part: "content" }
                    | MessageError::Json {
                        part: "content",
                        ..
                    }
            ));
        }
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        for (json, text) in [
            (r#""a\ud83d\ude00""#, "a😀"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00\ud83d\ud83d\ude00x""#, "\u{fffd}\u{fffd}😀x"),
            (r#""\\ud83d \n é""#, "\\ud83d \n é"),
        ] {
            let whole = whole_text(json.as_bytes());
            assert_eq!(serde_json::from_slice::<String>(&whole).unwrap(), text);
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..9)) {
            let verifier = Verifier::new(Signer::new("hmac-sha256", b"").unwrap());
            let mut frames = vec![Bytes::from_static(DELIMITER)];
            frames.extend(parts.into_iter().map(Bytes::from));
            prop_assert!(parse(frames, &verifier).is_err());
        }
    }
}
