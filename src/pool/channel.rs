//! One end of the socket between the pool and a worker: frames out, frames in, descriptors beside them. Non-blocking
//! for the pool's thread, blocking for a worker; which one is the descriptor's own setting.

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

use super::arena::Segment;
use super::board::Board;
use super::frames::{self, Frame, PREFIX};

/// A descriptor that goes with a frame; its owner is held until it is sent.
pub enum Attachment {
    /// A segment's memory.
    Segment(Arc<Segment>),
    /// The board.
    Board(Arc<Board>),
}

impl Attachment {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Segment(segment) => segment.fd.as_fd(),
            Self::Board(board) => board.fd.as_fd(),
        }
    }
}

struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    attachment: Option<Attachment>,
}

/// How a read ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Filled {
    /// Bytes came.
    Some,
    /// Nothing now.
    Nothing,
    /// The peer is gone.
    End,
}

/// One end.
pub struct Channel {
    fd: OwnedFd,
    incoming: Vec<u8>,
    read: usize,
    descriptors: VecDeque<OwnedFd>,
    outgoing: VecDeque<Outgoing>,
    chunk: Box<[u8]>,
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl Channel {
    /// Over a connected stream socket.
    pub fn new(fd: OwnedFd) -> Self {
        Self {
            fd,
            incoming: Vec::new(),
            read: 0,
            descriptors: VecDeque::new(),
            outgoing: VecDeque::new(),
            chunk: vec![0; 128 * 1024].into_boxed_slice(),
        }
    }

    /// The socket.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Queues a frame.
    pub fn push(&mut self, frame: &Frame, attachment: Option<Attachment>) {
        debug_assert_eq!(frame.carries_fd(), attachment.is_some());
        self.outgoing.push_back(Outgoing {
            bytes: frame.encode(),
            sent: 0,
            attachment,
        });
    }

    /// Whether frames wait to be sent.
    pub fn has_outgoing(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Sends what is queued, as far as the socket takes it now.
    pub fn flush(&mut self) -> io::Result<()> {
        while let Some(head) = self.outgoing.front_mut() {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            let fds = head.attachment.as_ref().map(|attachment| [attachment.fd()]);
            if let Some(fds) = &fds {
                control.push(SendAncillaryMessage::ScmRights(fds));
            }
            let iov = [IoSlice::new(&head.bytes[head.sent..])];
            match rustix::net::sendmsg(&self.fd, &iov, &mut control, SendFlags::NOSIGNAL) {
                Ok(count) => {
                    head.sent += count;
                    head.attachment = None;
                    if head.sent == head.bytes.len() {
                        self.outgoing.pop_front();
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads what is there.
    pub fn fill(&mut self) -> io::Result<Filled> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut iov = [IoSliceMut::new(&mut self.chunk)];
        let got =
            match rustix::net::recvmsg(&self.fd, &mut iov, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Ok(got) => got.bytes,
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {
                    return Ok(Filled::Nothing);
                }
                Err(rustix::io::Errno::CONNRESET) => return Ok(Filled::End),
                Err(error) => return Err(error.into()),
            };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                self.descriptors.extend(fds);
            }
        }
        if got == 0 {
            return Ok(Filled::End);
        }
        if self.read > 0 {
            self.incoming.drain(..self.read);
            self.read = 0;
        }
        self.incoming.extend_from_slice(&self.chunk[..got]);
        Ok(Filled::Some)
    }

    /// The next whole frame that was read, with its descriptor.
    pub fn pop(&mut self) -> io::Result<Option<(Frame, Option<OwnedFd>)>> {
        let bytes = &self.incoming[self.read..];
        let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let len = frames::announced(*prefix).map_err(invalid)?;
        let Some(body) = rest.get(..len) else {
            return Ok(None);
        };
        let frame = Frame::decode(body).map_err(invalid)?;
        self.read += PREFIX + len;
        let fd = if frame.carries_fd() {
            Some(
                self.descriptors
                    .pop_front()
                    .ok_or_else(|| invalid("a frame without its descriptor"))?,
            )
        } else {
            None
        };
        Ok(Some((frame, fd)))
    }

    /// Whether nothing comes for so long: no frame stands read, and no byte arrives.
    pub fn is_quiet(&self, patience: Duration) -> io::Result<bool> {
        if self.read < self.incoming.len() {
            return Ok(false);
        }
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        match rustix::event::poll(&mut fds, Some(&patience)) {
            Ok(ready) => Ok(ready == 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Blocking: the next frame, or None when the peer is gone.
    pub fn recv(&mut self) -> io::Result<Option<(Frame, Option<OwnedFd>)>> {
        loop {
            if let Some(found) = self.pop()? {
                return Ok(Some(found));
            }
            if self.fill()? == Filled::End {
                return Ok(None);
            }
        }
    }
}
