//! What waits to be written to one peer, as encoded bytes in order.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};

use super::encode::Encoded;
use super::stream::Stream;

/// Chunks handed to one system call.
const BATCH: usize = 64;

/// Encoded messages on their way to a peer.
#[derive(Debug, Default)]
pub struct Outbox {
    chunks: VecDeque<Bytes>,
    bytes: usize,
}

impl Outbox {
    /// Appends a message.
    pub fn push(&mut self, message: &Encoded) {
        self.bytes += message.len();
        self.chunks.extend(message.chunks().iter().cloned());
    }

    /// Appends bytes that are no message (a greeting).
    pub(super) fn push_raw(&mut self, bytes: Bytes) {
        self.bytes += bytes.len();
        self.chunks.push_back(bytes);
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Writes as much as the peer takes now; how many bytes that was. What is left waits for the peer.
    pub fn write(&mut self, stream: &Stream) -> io::Result<usize> {
        let mut total = 0;
        while !self.chunks.is_empty() {
            let slices: Vec<IoSlice<'_>> = self
                .chunks
                .iter()
                .take(BATCH)
                .map(|c| IoSlice::new(c))
                .collect();
            match stream.write(&slices) {
                Ok(count) => {
                    total += count;
                    self.advance(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while let Some(front) = self.chunks.front_mut() {
            if front.len() > count {
                front.advance(count);
                return;
            }
            count -= front.len();
            self.chunks.pop_front();
        }
    }
}
