//! Messages and commands to bytes. A message is encoded once, however many peers it goes to.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

const MORE: u8 = 0b001;
const LONG: u8 = 0b010;
const COMMAND: u8 = 0b100;

/// Frames below this length are copied into one chunk with their headers; larger ones travel as they are.
const COPY_BELOW: usize = 32 * 1024;

/// A message as it goes over the wire; cheap to clone.
#[derive(Debug, Clone)]
pub struct Encoded {
    chunks: Arc<[Bytes]>,
    length: usize,
}

impl Encoded {
    /// The bytes, in order.
    pub fn chunks(&self) -> &[Bytes] {
        &self.chunks
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// A message of `frames`.
pub fn encode(frames: &[Bytes]) -> Encoded {
    let copied: usize = frames.iter().map(|f| 9 + f.len().min(COPY_BELOW)).sum();
    let mut small = BytesMut::with_capacity(copied);
    let mut chunks = Vec::new();
    for (i, frame) in frames.iter().enumerate() {
        let more = if i + 1 < frames.len() { MORE } else { 0 };
        put_header(&mut small, more, frame.len());
        if frame.len() < COPY_BELOW {
            small.put_slice(frame);
        } else {
            chunks.push(small.split().freeze());
            chunks.push(frame.clone());
        }
    }
    if !small.is_empty() {
        chunks.push(small.freeze());
    }
    let length = chunks.iter().map(Bytes::len).sum();
    Encoded {
        chunks: chunks.into(),
        length,
    }
}

/// A command: its name and its data.
pub(super) fn encode_command(name: &str, data: &[u8]) -> Encoded {
    let mut out = BytesMut::with_capacity(10 + name.len() + data.len());
    put_header(&mut out, COMMAND, 1 + name.len() + data.len());
    out.put_u8(name.len() as u8);
    out.put_slice(name.as_bytes());
    out.put_slice(data);
    let length = out.len();
    Encoded {
        chunks: Arc::new([out.freeze()]),
        length,
    }
}

fn put_header(out: &mut BytesMut, flags: u8, length: usize) {
    match u8::try_from(length) {
        Ok(short) => {
            out.put_u8(flags);
            out.put_u8(short);
        }
        Err(_) => {
            out.put_u8(flags | LONG);
            out.put_u64(length as u64);
        }
    }
}
