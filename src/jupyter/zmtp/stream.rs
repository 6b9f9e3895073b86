//! A connected tcp or unix socket. Reads and writes never block; tokio only says when to try again.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};

use bytes::{BufMut, BytesMut};
use tokio::io::{Interest, Ready};
use tokio::net::{TcpStream, UnixStream};

use crate::jupyter::forked;

enum Kind {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// One connection; a forked child closes its copy.
pub struct Stream {
    _watched: forked::Watched, // first: forgotten before the descriptor closes
    kind: Kind,
}

impl Stream {
    /// A tcp connection, with Nagle's delay off.
    pub fn tcp(stream: TcpStream) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("TCP_NODELAY: {error}");
        }
        let _watched = forked::Watched::new(stream.as_raw_fd());
        Self {
            kind: Kind::Tcp(stream),
            _watched,
        }
    }

    /// A connection to a unix socket.
    pub fn unix(stream: UnixStream) -> Self {
        let _watched = forked::Watched::new(stream.as_raw_fd());
        Self {
            kind: Kind::Unix(stream),
            _watched,
        }
    }

    fn fd(&self) -> RawFd {
        match &self.kind {
            Kind::Tcp(s) => s.as_raw_fd(),
            Kind::Unix(s) => s.as_raw_fd(),
        }
    }

    /// Waits until a read or a write is worth trying.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.kind {
            Kind::Tcp(s) => s.ready(interest).await,
            Kind::Unix(s) => s.ready(interest).await,
        }
    }

    /// Reads what has arrived, up to the room in `buffer`. 0: the peer is done. WouldBlock: nothing now.
    pub fn read(&self, buffer: &mut BytesMut) -> io::Result<usize> {
        self.read_at_most(buffer, usize::MAX)
    }

    /// As [`Self::read`], no more than `most` bytes.
    pub fn read_at_most(&self, buffer: &mut BytesMut, most: usize) -> io::Result<usize> {
        match &self.kind {
            Kind::Tcp(s) => s.try_io(Interest::READABLE, || self.receive(buffer, most)),
            Kind::Unix(s) => s.try_io(Interest::READABLE, || self.receive(buffer, most)),
        }
    }

    /// As [`Self::read`], but asks the kernel even if the reactor has not heard of new bytes yet.
    pub fn read_now(&self, buffer: &mut BytesMut) -> io::Result<usize> {
        self.receive(buffer, usize::MAX)
    }

    /// Bytes that have arrived and wait to be read.
    pub fn arrived(&self) -> u64 {
        let count = match &self.kind {
            Kind::Tcp(s) => rustix::io::ioctl_fionread(s),
            Kind::Unix(s) => rustix::io::ioctl_fionread(s),
        };
        count.unwrap_or(0)
    }

    fn receive(&self, buffer: &mut BytesMut, most: usize) -> io::Result<usize> {
        let room = buffer.chunk_mut();
        let (start, length) = (room.as_mut_ptr(), room.len().min(most));
        // SAFETY: `start` is valid for writes of `length` bytes, recv writes no more than that.
        let count = unsafe { libc::recv(self.fd(), start.cast(), length, libc::MSG_DONTWAIT) };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: recv has initialised that many bytes.
        unsafe { buffer.advance_mut(count) };
        Ok(count)
    }

    /// Writes what fits now. WouldBlock: nothing fits.
    pub fn write(&self, chunks: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.kind {
            Kind::Tcp(s) => s.try_io(Interest::WRITABLE, || self.send(chunks)),
            Kind::Unix(s) => s.try_io(Interest::WRITABLE, || self.send(chunks)),
        }
    }

    fn send(&self, chunks: &[IoSlice<'_>]) -> io::Result<usize> {
        // SAFETY: a msghdr of zeros is valid.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_iov = chunks.as_ptr().cast_mut().cast();
        message.msg_iovlen = chunks.len() as _;
        // SAFETY: IoSlice has the layout of iovec and borrows live memory, which sendmsg only reads. NOSIGNAL: a peer
        // that is gone must not raise SIGPIPE, which the user's code may have set to its default.
        let sent =
            unsafe { libc::sendmsg(self.fd(), &message, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// Tells the peer that nothing more will come.
    pub fn end(&self) {
        // SAFETY: no memory is involved.
        unsafe { libc::shutdown(self.fd(), libc::SHUT_WR) };
    }
}
