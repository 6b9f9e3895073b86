//! The Debug Adapter Protocol's framing: `Content-Length: N`, an empty line, N bytes of JSON.
//! <https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol>

use serde_json::Value;
use thiserror::Error;

const SEPARATOR: &[u8] = b"\r\n\r\n";
/// No header is longer.
const MAX_HEADER: usize = 4096;
/// Large enough for any variable that a person looks at.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// Why what came in cannot be read any further.
#[derive(Debug, Error)]
pub enum DapError {
    #[error("a header without Content-Length")]
    NoLength,
    #[error("a header of more than {MAX_HEADER} bytes")]
    LongHeader,
    #[error("a message of {0} bytes")]
    TooLong(usize),
    #[error("malformed JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// One message as it travels.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Bytes in, messages out.
#[derive(Default)]
pub struct Decoder {
    waiting: Vec<u8>,
}

impl Decoder {
    /// Takes in what has arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    pub fn next(&mut self) -> Result<Option<Value>, DapError> {
        let Some(end) = find(&self.waiting, SEPARATOR) else {
            if self.waiting.len() > MAX_HEADER {
                return Err(DapError::LongHeader);
            }
            return Ok(None);
        };
        let length = length(&self.waiting[..end]).ok_or(DapError::NoLength)?;
        if length > MAX_BODY {
            return Err(DapError::TooLong(length));
        }
        let body = end + SEPARATOR.len();
        if self.waiting.len() - body < length {
            return Ok(None);
        }
        let message = serde_json::from_slice(&self.waiting[body..body + length]);
        self.waiting.drain(..body + length);
        Ok(Some(message?))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

fn length(header: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(header).ok()?;
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.trim().eq_ignore_ascii_case("content-length");
        named.then(|| value.trim().parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let sent = [json!({"seq": 1}), json!({"text": "é\r\n\r\n"}), json!([])];
        let bytes: Vec<u8> = sent.iter().flat_map(encode).collect();
        for size in 1..bytes.len() {
            let (mut decoder, mut got) = (Decoder::default(), Vec::new());
            for piece in bytes.chunks(size) {
                decoder.push(piece);
                while let Some(message) = decoder.next().unwrap() {
                    got.push(message);
                }
            }
            assert_eq!(got, sent);
        }
    }

    #[test]
    fn what_is_not_dap_is_an_error() {
        for bytes in [
            &b"Host: x\r\n\r\n"[..],
            b"Content-Length: 999999999999\r\n\r\n",
            b"Content-Length: 2\r\n\r\n{{",
            &[b'x'; MAX_HEADER + 1],
        ] {
            let mut decoder = Decoder::default();
            decoder.push(bytes);
            assert!(decoder.next().is_err());
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next() {}
        }
    }
}
