//! Bytes on their way: what is sent ([`Parcel`], [`Blob`]) and what was received ([`Received`]). Small parts lie in
//! ordinary memory and travel in frames; large ones lie in shared blocks.

use std::io;
use std::sync::Arc;

use super::arena::{Arena, Block, SHARE_FROM, Segment};
use super::frames::{Body, Part, Place};
use super::shm;
use super::view::{Attached, View};

enum Stored {
    Inline(Vec<u8>),
    Shared(Arc<Block>),
}

/// A task's bytes, copied out of their buffers.
pub struct Parcel {
    payload: Stored,
    buffers: Vec<Stored>,
}

fn store(arena: &Arc<Arena>, bytes: &[u8]) -> Stored {
    if bytes.len() >= SHARE_FROM
        && let Ok(block) = arena.store(bytes)
    {
        return Stored::Shared(Arc::new(block));
    }
    Stored::Inline(bytes.to_vec())
}

fn place_of(block: &Block) -> Place {
    Place {
        segment: block.segment().id,
        offset: block.offset() as u64,
    }
}

impl Stored {
    fn part(&self) -> Part {
        match self {
            Self::Inline(bytes) => Part::Inline(bytes.clone()),
            Self::Shared(block) => Part::Shared(place_of(block), block.len() as u64),
        }
    }
}

impl Parcel {
    /// Copies.
    pub fn new(arena: &Arc<Arena>, payload: &[u8], buffers: &[&[u8]]) -> Self {
        let buffers = buffers.iter().map(|bytes| store(arena, bytes)).collect();
        Self {
            payload: store(arena, payload),
            buffers,
        }
    }

    /// As a frame holds it.
    pub fn body(&self) -> Body {
        Body {
            payload: self.payload.part(),
            buffers: self.buffers.iter().map(Stored::part).collect(),
        }
    }

    /// The shared blocks, and where they lie.
    pub fn blocks(&self) -> impl Iterator<Item = (Place, &Arc<Block>)> {
        std::iter::once(&self.payload)
            .chain(&self.buffers)
            .filter_map(|stored| match stored {
                Stored::Inline(_) => None,
                Stored::Shared(block) => Some((place_of(block), block)),
            })
    }

    /// Length in bytes.
    pub fn bytes(&self) -> u64 {
        let len = |stored: &Stored| match stored {
            Stored::Inline(bytes) => bytes.len(),
            Stored::Shared(block) => block.len(),
        };
        std::iter::once(&self.payload)
            .chain(&self.buffers)
            .map(|stored| len(stored) as u64)
            .sum()
    }
}

/// A value for all workers: one copy in a segment of its own, which every worker maps copy-on-write.
pub struct Blob {
    /// As frames hold it.
    pub body: Body,
    /// Where its large parts lie.
    pub segment: Option<Arc<Segment>>,
}

impl Blob {
    /// Copies.
    pub fn new(payload: &[u8], buffers: &[&[u8]]) -> Self {
        let large = || {
            std::iter::once(&payload)
                .chain(buffers)
                .filter(|bytes| bytes.len() >= SHARE_FROM)
        };
        let len: usize = large().map(|bytes| shm::page_up(bytes.len())).sum();
        let segment = (len > 0).then(|| Segment::new(len)).and_then(Result::ok);
        let segment = segment.filter(|segment| {
            let mut offset = 0;
            let written = large().try_for_each(|bytes| {
                shm::write(&segment.fd, offset, bytes)?;
                offset += shm::page_up(bytes.len());
                Ok::<_, io::Error>(())
            });
            written.is_ok()
        });
        let mut offset = 0;
        let mut part = |bytes: &[u8]| match &segment {
            Some(segment) if bytes.len() >= SHARE_FROM => {
                let place = Place {
                    segment: segment.id,
                    offset: offset as u64,
                };
                offset += shm::page_up(bytes.len());
                Part::Shared(place, bytes.len() as u64)
            }
            _ => Part::Inline(bytes.to_vec()),
        };
        let body = Body {
            payload: part(payload),
            buffers: buffers.iter().map(|bytes| part(bytes)).collect(),
        };
        Self { body, segment }
    }
}

/// A run of received bytes.
pub enum Chunk {
    /// Came in the frame.
    Bytes(Vec<u8>),
    /// Lies in shared memory.
    View(View),
}

impl Chunk {
    /// Length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::View(view) => view.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A received body.
pub struct Received {
    /// The pickle.
    pub payload: Chunk,
    /// Its buffers, in order.
    pub buffers: Vec<Chunk>,
}

impl Received {
    /// Looks up where the parts lie.
    pub fn new(body: Body, attached: &Attached) -> io::Result<Self> {
        let chunk = |part| match part {
            Part::Inline(bytes) => Ok(Chunk::Bytes(bytes)),
            Part::Shared(place, len) => attached.view(place, len).map(Chunk::View),
        };
        let buffers = body
            .buffers
            .into_iter()
            .map(chunk)
            .collect::<io::Result<_>>()?;
        Ok(Self {
            payload: chunk(body.payload)?,
            buffers,
        })
    }

    /// Length in bytes.
    pub fn bytes(&self) -> u64 {
        self.payload.len() as u64
            + self
                .buffers
                .iter()
                .map(|chunk| chunk.len() as u64)
                .sum::<u64>()
    }
}

/// The shared places of a body that nobody looks at.
pub fn places(body: &Body) -> Vec<Place> {
    std::iter::once(&body.payload)
        .chain(&body.buffers)
        .filter_map(|part| match part {
            Part::Inline(_) => None,
            Part::Shared(place, _) => Some(*place),
        })
        .collect()
}
