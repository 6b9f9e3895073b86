//! Every message between the pool and a worker: one enum, written and read here and nowhere else. Reading believes
//! nothing: lengths are checked against what is there before anything is allocated.
//!
//! On the wire: `u64` length of the rest, `u8` version, `u8` kind, then the fields, little-endian. A [`Frame::Segment`]
//! and a [`Frame::Welcome`] come with one descriptor each, attached to their first byte.

/// Grows with every change of a frame.
pub const VERSION: u8 = 2;
/// No frame is longer (bytes).
pub const LIMIT: u64 = 1 << 36;
/// Bytes before the version.
pub const PREFIX: usize = 8;

/// Where a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The sender's segment.
    pub segment: u32,
    /// Byte in it; a whole number of pages.
    pub offset: u64,
}

/// A run of bytes: in the frame, or in a shared block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The bytes themselves.
    Inline(Vec<u8>),
    /// Where they lie.
    Shared(Place, u64),
}

/// A pickle and its out-of-band buffers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The pickle.
    pub payload: Part,
    /// Its buffers, in order.
    pub buffers: Vec<Part>,
}

/// How a task ended in a worker that lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a result.
    Done,
    /// Cancelled or revoked: there is no result.
    Skipped,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// To a worker, first: its slot on the board (the descriptor), and the pool's process.
    Welcome { slot: u32, parent: u32 },
    /// From a worker: it serves.
    Hello { pid: u32 },
    /// A segment that later frames refer to. `once`: its blocks are not given back.
    Segment { id: u32, len: u64, once: bool },
    /// Keep this under `key`.
    Define { key: Vec<u8>, body: Body },
    /// Forget `key`.
    Drop { key: Vec<u8> },
    /// Run this. `ticket` counts the tasks sent to this worker.
    Task {
        run: u64,
        lane: u32,
        task: u64,
        ticket: u64,
        job: Vec<u8>,
        body: Body,
    },
    /// What became of a task.
    Done {
        ticket: u64,
        ending: Ending,
        /// When it was begun, on the clock of `timeline::now`, and for how long it ran.
        begun: u64,
        nanos: u64,
        body: Body,
    },
    /// What a task that still runs has to say already.
    Said { ticket: u64, bytes: Vec<u8> },
    /// These blocks may be used again.
    Release { places: Vec<Place> },
    /// End.
    Stop,
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Another version.
    #[error("frame version {0}, this side speaks {VERSION}")]
    Version(u8),
    /// No such kind or choice.
    #[error("unknown frame kind or choice {0}")]
    Kind(u8),
    /// It ends inside a field.
    #[error("frame ends inside a field")]
    Short,
    /// Bytes are left over.
    #[error("{0} bytes after the last field")]
    Long(usize),
    /// Longer than [`LIMIT`].
    #[error("frame of {0} bytes")]
    Limit(u64),
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }
    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
    fn bytes(&mut self, value: &[u8]) {
        self.u64(value.len() as u64);
        self.0.extend_from_slice(value);
    }
    fn place(&mut self, place: Place) {
        self.u32(place.segment);
        self.u64(place.offset);
    }
    fn part(&mut self, part: &Part) {
        match part {
            Part::Inline(bytes) => {
                self.u8(0);
                self.bytes(bytes);
            }
            Part::Shared(place, len) => {
                self.u8(1);
                self.place(*place);
                self.u64(*len);
            }
        }
    }
    fn body(&mut self, body: &Body) {
        self.part(&body.payload);
        self.u64(body.buffers.len() as u64);
        for part in &body.buffers {
            self.part(part);
        }
    }
}

impl Frame {
    /// The frame's bytes, prefix included.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer(vec![0; PREFIX]);
        w.u8(VERSION);
        match self {
            Self::Welcome { slot, parent } => {
                w.u8(1);
                w.u32(*slot);
                w.u32(*parent);
            }
            Self::Hello { pid } => {
                w.u8(2);
                w.u32(*pid);
            }
            Self::Segment { id, len, once } => {
                w.u8(3);
                w.u32(*id);
                w.u64(*len);
                w.u8(u8::from(*once));
            }
            Self::Define { key, body } => {
                w.u8(4);
                w.bytes(key);
                w.body(body);
            }
            Self::Drop { key } => {
                w.u8(5);
                w.bytes(key);
            }
            Self::Task {
                run,
                lane,
                task,
                ticket,
                job,
                body,
            } => {
                w.u8(6);
                w.u64(*run);
                w.u32(*lane);
                w.u64(*task);
                w.u64(*ticket);
                w.bytes(job);
                w.body(body);
            }
            Self::Done {
                ticket,
                ending,
                begun,
                nanos,
                body,
            } => {
                w.u8(7);
                w.u64(*ticket);
                w.u8(u8::from(*ending == Ending::Skipped));
                w.u64(*begun);
                w.u64(*nanos);
                w.body(body);
            }
            Self::Release { places } => {
                w.u8(8);
                w.u64(places.len() as u64);
                places.iter().for_each(|place| w.place(*place));
            }
            Self::Stop => w.u8(9),
            Self::Said { ticket, bytes } => {
                w.u8(10);
                w.u64(*ticket);
                w.bytes(bytes);
            }
        }
        let len = (w.0.len() - PREFIX) as u64;
        w.0[..PREFIX].copy_from_slice(&len.to_le_bytes());
        w.0
    }

    /// Reads what follows the prefix.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut r = Reader(bytes);
        let version = r.u8()?;
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let frame = match r.u8()? {
            1 => Self::Welcome {
                slot: r.u32()?,
                parent: r.u32()?,
            },
            2 => Self::Hello { pid: r.u32()? },
            3 => Self::Segment {
                id: r.u32()?,
                len: r.u64()?,
                once: r.flag()?,
            },
            4 => Self::Define {
                key: r.bytes()?,
                body: r.body()?,
            },
            5 => Self::Drop { key: r.bytes()? },
            6 => Self::Task {
                run: r.u64()?,
                lane: r.u32()?,
                task: r.u64()?,
                ticket: r.u64()?,
                job: r.bytes()?,
                body: r.body()?,
            },
            7 => Self::Done {
                ticket: r.u64()?,
                ending: if r.flag()? {
                    Ending::Skipped
                } else {
                    Ending::Done
                },
                begun: r.u64()?,
                nanos: r.u64()?,
                body: r.body()?,
            },
            8 => {
                let count = r.count(12)?;
                Self::Release {
                    places: (0..count).map(|_| r.place()).collect::<Result<_, _>>()?,
                }
            }
            9 => Self::Stop,
            10 => Self::Said {
                ticket: r.u64()?,
                bytes: r.bytes()?,
            },
            kind => return Err(FrameError::Kind(kind)),
        };
        if r.0.is_empty() {
            Ok(frame)
        } else {
            Err(FrameError::Long(r.0.len()))
        }
    }

    /// Whether one descriptor comes with it.
    pub fn carries_fd(&self) -> bool {
        matches!(self, Self::Welcome { .. } | Self::Segment { .. })
    }
}

/// The length that a prefix announces.
pub fn announced(prefix: [u8; PREFIX]) -> Result<usize, FrameError> {
    let len = u64::from_le_bytes(prefix);
    if len > LIMIT {
        Err(FrameError::Limit(len))
    } else {
        Ok(len as usize)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(FrameError::Short)?;
        self.0 = rest;
        Ok(*head)
    }
    fn u8(&mut self) -> Result<u8, FrameError> {
        Ok(self.array::<1>()?[0])
    }
    fn flag(&mut self) -> Result<bool, FrameError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(FrameError::Kind(other)),
        }
    }
    fn u32(&mut self) -> Result<u32, FrameError> {
        Ok(u32::from_le_bytes(self.array()?))
    }
    fn u64(&mut self) -> Result<u64, FrameError> {
        Ok(u64::from_le_bytes(self.array()?))
    }
    /// A count of things that take at least `least` bytes each: no more than can be there.
    fn count(&mut self, least: usize) -> Result<usize, FrameError> {
        let count = self.u64()?;
        if count > (self.0.len() / least) as u64 {
            Err(FrameError::Short)
        } else {
            Ok(count as usize)
        }
    }
    fn bytes(&mut self) -> Result<Vec<u8>, FrameError> {
        let len = self.count(1)?;
        let (head, rest) = self.0.split_at(len);
        self.0 = rest;
        Ok(head.to_vec())
    }
    fn place(&mut self) -> Result<Place, FrameError> {
        Ok(Place {
            segment: self.u32()?,
            offset: self.u64()?,
        })
    }
    fn part(&mut self) -> Result<Part, FrameError> {
        if self.flag()? {
            Ok(Part::Shared(self.place()?, self.u64()?))
        } else {
            Ok(Part::Inline(self.bytes()?))
        }
    }
    fn body(&mut self) -> Result<Body, FrameError> {
        let payload = self.part()?;
        let count = self.count(9)?;
        let buffers = (0..count).map(|_| self.part()).collect::<Result<_, _>>()?;
        Ok(Body { payload, buffers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = Place> {
        (any::<u32>(), any::<u64>()).prop_map(|(segment, offset)| Place { segment, offset })
    }
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..200)
    }
    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            bytes().prop_map(Part::Inline),
            (place(), any::<u64>()).prop_map(|(place, len)| Part::Shared(place, len)),
        ]
    }
    fn body() -> impl Strategy<Value = Body> {
        (part(), proptest::collection::vec(part(), 0..5))
            .prop_map(|(payload, buffers)| Body { payload, buffers })
    }
    fn frame() -> impl Strategy<Value = Frame> {
        let ending = prop_oneof![Just(Ending::Done), Just(Ending::Skipped)];
        prop_oneof![
            (any::<u32>(), any::<u32>()).prop_map(|(slot, parent)| Frame::Welcome { slot, parent }),
            any::<u32>().prop_map(|pid| Frame::Hello { pid }),
            (any::<u32>(), any::<u64>(), any::<bool>())
                .prop_map(|(id, len, once)| Frame::Segment { id, len, once }),
            (bytes(), body()).prop_map(|(key, body)| Frame::Define { key, body }),
            bytes().prop_map(|key| Frame::Drop { key }),
            (
                any::<u64>(),
                any::<u32>(),
                any::<u64>(),
                any::<u64>(),
                bytes(),
                body()
            )
                .prop_map(|(run, lane, task, ticket, job, body)| Frame::Task {
                    run,
                    lane,
                    task,
                    ticket,
                    job,
                    body
                }),
            (any::<u64>(), ending, any::<u64>(), any::<u64>(), body()).prop_map(
                |(ticket, ending, begun, nanos, body)| Frame::Done {
                    ticket,
                    ending,
                    begun,
                    nanos,
                    body
                }
            ),
            (any::<u64>(), bytes()).prop_map(|(ticket, bytes)| Frame::Said { ticket, bytes }),
            proptest::collection::vec(place(), 0..20).prop_map(|places| Frame::Release { places }),
            Just(Frame::Stop),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(frame in frame()) {
            let wire = frame.encode();
            let len = announced(wire[..PREFIX].try_into().unwrap()).unwrap();
            prop_assert_eq!(len, wire.len() - PREFIX);
            prop_assert_eq!(Frame::decode(&wire[PREFIX..]), Ok(frame));
        }

        #[test]
        fn no_bytes_make_it_panic_or_allocate(bytes in bytes()) {
            let _ = Frame::decode(&bytes);
            let _ = Frame::decode(&[&[VERSION][..], &bytes].concat());
        }

        #[test]
        fn a_cut_frame_is_an_error(frame in frame(), cut in any::<prop::sample::Index>()) {
            let wire = frame.encode();
            let body = &wire[PREFIX..];
            prop_assert!(Frame::decode(&body[..cut.index(body.len())]).is_err());
        }
    }

    #[test]
    fn absurd_lengths_and_other_versions_are_refused() {
        assert_eq!(
            announced(u64::MAX.to_le_bytes()),
            Err(FrameError::Limit(u64::MAX))
        );
        assert_eq!(
            Frame::decode(&[VERSION + 1, 9]),
            Err(FrameError::Version(VERSION + 1))
        );
        assert_eq!(Frame::decode(&[VERSION, 99]), Err(FrameError::Kind(99)));
    }
}
