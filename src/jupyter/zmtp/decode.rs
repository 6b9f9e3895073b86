//! Bytes of a peer to messages and commands. Allocates as bytes arrive, never by a length that a frame claims.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

const MORE: u8 = 0b001;
const LONG: u8 = 0b010;
const COMMAND: u8 = 0b100;

/// What a frame costs beside its bytes, so that millions of empty frames count too.
const FRAME_OVERHEAD: usize = 64;

/// The least room that is made for the next read.
const READ_AHEAD: usize = 16 * 1024;

/// A buffer that has held a longer frame is not used again.
const LARGE: usize = 1 << 20;

/// Why a peer's bytes make no sense; the peer is dropped.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    #[error("a frame claims {claimed} bytes, the limit of a message is {limit}")]
    TooLong { claimed: u64, limit: usize },
    #[error("a frame has unknown flags {0:#04x}")]
    Flags(u8),
}

/// What a peer sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Message(Vec<Bytes>),
    /// The body of a command: its name's length, its name, its data.
    Command(Bytes),
}

/// The state of one connection's incoming half.
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    parts: Vec<Bytes>,
    /// Bytes of `parts` with their overhead.
    size: usize,
    limit: usize,
}

impl Decoder {
    /// `limit`: the largest message in bytes, with [`FRAME_OVERHEAD`] for each of its frames.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            parts: Vec::new(),
            size: 0,
            limit,
        }
    }

    /// Another limit from here on.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Where the next bytes of the peer belong; has room for some.
    pub fn space(&mut self) -> &mut BytesMut {
        if self.buffer.capacity() - self.buffer.len() < READ_AHEAD / 2 {
            // Doubles while a large frame arrives: what has come in pays for what is reserved.
            let more = READ_AHEAD.max(self.buffer.len());
            self.buffer.reserve(more);
        }
        &mut self.buffer
    }

    /// The next whole message or command, or None until more bytes arrive.
    pub fn event(&mut self) -> Result<Option<Event>, DecodeError> {
        loop {
            let Some((flags, header, length)) = self.header()? else {
                return Ok(None);
            };
            if self.buffer.len() - header < length {
                return Ok(None);
            }
            self.buffer.advance(header);
            let body = self.buffer.split_to(length).freeze();
            if self.buffer.is_empty() && length > LARGE {
                // Else what a large message leaves over would keep all of its memory until it is used up.
                self.buffer = BytesMut::new();
            }
            if flags & COMMAND != 0 {
                return Ok(Some(Event::Command(body)));
            }
            self.size += length + FRAME_OVERHEAD;
            self.parts.push(body);
            if flags & MORE == 0 {
                self.size = 0;
                return Ok(Some(Event::Message(std::mem::take(&mut self.parts))));
            }
        }
    }

    /// (flags, length of the header, length of the body) of the frame at the start of the buffer.
    fn header(&self) -> Result<Option<(u8, usize, usize)>, DecodeError> {
        let Some(&flags) = self.buffer.first() else {
            return Ok(None);
        };
        if flags & !(MORE | LONG | COMMAND) != 0 || flags & (COMMAND | MORE) == COMMAND | MORE {
            return Err(DecodeError::Flags(flags));
        }
        let (header, claimed) = if flags & LONG == 0 {
            let Some(&length) = self.buffer.get(1) else {
                return Ok(None);
            };
            (2, u64::from(length))
        } else {
            let Some(bytes) = self.buffer.get(1..9).and_then(|b| b.try_into().ok()) else {
                return Ok(None);
            };
            (9, u64::from_be_bytes(bytes))
        };
        let left = self.limit.checked_sub(self.size + FRAME_OVERHEAD);
        match usize::try_from(claimed) {
            Ok(length) if left.is_some_and(|l| length <= l) => Ok(Some((flags, header, length))),
            _ => Err(DecodeError::TooLong {
                claimed,
                limit: self.limit,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    fn feed(decoder: &mut Decoder, bytes: &[u8]) {
        decoder.space().extend_from_slice(bytes);
    }

    #[test]
    fn a_frame_that_claims_2_to_the_40_bytes_is_refused_before_it_is_allocated() {
        let mut decoder = Decoder::new(LIMIT);
        let mut bytes = vec![LONG];
        bytes.extend_from_slice(&(1u64 << 40).to_be_bytes());
        feed(&mut decoder, &bytes);
        let refused = decoder.event().unwrap_err();
        assert_eq!(
            refused,
            DecodeError::TooLong {
                claimed: 1 << 40,
                limit: LIMIT
            }
        );
        assert!(decoder.buffer.capacity() < 2 * READ_AHEAD);
    }

    #[test]
    fn the_limit_counts_all_frames_of_a_message() {
        let mut decoder = Decoder::new(LIMIT);
        feed(&mut decoder, &[MORE, 0].repeat(LIMIT / FRAME_OVERHEAD + 1));
        assert!(matches!(decoder.event(), Err(DecodeError::TooLong { .. })));
    }

    #[test]
    fn a_claimed_length_reserves_no_more_than_what_has_come_in() {
        let mut decoder = Decoder::new(1 << 30);
        let mut bytes = vec![LONG];
        bytes.extend_from_slice(&(1u64 << 29).to_be_bytes());
        feed(&mut decoder, &bytes);
        assert_eq!(decoder.event(), Ok(None));
        assert!(decoder.space().capacity() < 4 * READ_AHEAD);
    }

    #[test]
    fn the_memory_of_a_large_frame_goes_with_the_frame() {
        let mut decoder = Decoder::new(LIMIT * 8);
        let mut bytes = vec![LONG];
        bytes.extend_from_slice(&(5u64 << 20).to_be_bytes());
        bytes.resize(9 + (5 << 20), 7);
        for piece in bytes.chunks(READ_AHEAD) {
            feed(&mut decoder, piece);
        }
        let event = decoder.event().unwrap();
        assert!(matches!(&event, Some(Event::Message(parts)) if parts[0].len() == 5 << 20));
        drop(event);
        assert!(decoder.space().capacity() < 4 * READ_AHEAD);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600), cut in 1usize..50) {
            let mut decoder = Decoder::new(LIMIT);
            'all: for piece in bytes.chunks(cut) {
                feed(&mut decoder, piece);
                loop {
                    match decoder.event() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => break 'all,
                    }
                }
            }
        }

        #[test]
        fn what_was_encoded_is_decoded_however_it_is_cut(
            message in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 1..8),
            cut in 1usize..300,
        ) {
            let frames: Vec<Bytes> = message.into_iter().map(Bytes::from).collect();
            let wire: Vec<u8> = encode(&frames).chunks().iter().flat_map(|c| c.to_vec()).collect();
            let mut decoder = Decoder::new(LIMIT);
            let mut seen = Vec::new();
            for piece in wire.chunks(cut) {
                feed(&mut decoder, piece);
                while let Some(event) = decoder.event().unwrap() {
                    seen.push(event);
                }
            }
            prop_assert_eq!(seen, vec![Event::Message(frames)]);
        }
    }
}
