//! What forked children write and display. They have no I/O thread and no sockets of the kernel's, so it travels to the
//! kernel in packets on a socket of its own, with the parent that it has in the child.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use bytes::{Buf, Bytes};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::forked::Watched;
use super::ingress::{Command, Stdio};
use super::message::Message;

/// Bytes of a message in one packet; longer messages take several.
const PIECE: usize = 32 * 1024;
/// Room asked for in the socket; the system may give less.
const ROOM: usize = 1 << 20;
/// Packets that are read in one go: more than the socket holds.
const PACKETS: usize = 4096;
const FIRST: u8 = 1;
const LAST: u8 = 2;
/// Flags and sender, in front of each piece.
const HEAD: usize = 9;

/// Messages that a child may send. Others (a status, a reply's error) would speak for the kernel.
const KINDS: [&str; 6] = [
    "display_data",
    "update_display_data",
    "clear_output",
    "comm_open",
    "comm_msg",
    "comm_close",
];

/// The way from forked children to the kernel: both ends, inherited by fork and by nothing else.
pub struct Children {
    /// Closed in children, so that their writes fail once the kernel is gone.
    _watched: Watched,
    read: OwnedFd,
    write: OwnedFd,
    /// Messages whose last packet has not arrived, by their senders.
    partial: Mutex<HashMap<u64, Vec<u8>>>,
}

impl Children {
    /// A way that nobody uses yet.
    pub fn new() -> io::Result<Self> {
        let (read, write) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(&write, ROOM); // less will do
        rustix::fs::fcntl_setfl(&read, rustix::fs::OFlags::NONBLOCK)?;
        Ok(Self {
            _watched: Watched::new(read.as_raw_fd()),
            read,
            write,
            partial: Mutex::default(),
        })
    }

    /// Readable while something has arrived.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.read.as_fd()
    }

    /// In a child: sends a stream's text or a display to the kernel, waiting while it reads; what else there is stays
    /// unsaid.
    pub fn send(&self, command: &Command) {
        let Some(bytes) = encode(command) else { return };
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        let sender = (u64::from(std::process::id()) << 32) | u64::from(thread.cast_unsigned());
        let count = bytes.len().div_ceil(PIECE);
        for (i, piece) in bytes.chunks(PIECE).enumerate() {
            let mut flags = 0;
            if i == 0 {
                flags |= FIRST;
            }
            if i + 1 == count {
                flags |= LAST;
            }
            let mut packet = Vec::with_capacity(HEAD + piece.len());
            packet.push(flags);
            packet.extend_from_slice(&sender.to_le_bytes());
            packet.extend_from_slice(piece);
            while let Err(error) = rustix::net::send(&self.write, &packet, SendFlags::NOSIGNAL) {
                if error != Errno::INTR {
                    return; // the kernel has gone
                }
            }
        }
    }

    /// In the kernel: hands what has arrived to `take`.
    pub fn drain(&self, mut take: impl FnMut(Command)) {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        let mut packet = vec![0; HEAD + PIECE];
        for _ in 0..PACKETS {
            let Ok((length, _)) = rustix::net::recv(&self.read, &mut packet, RecvFlags::empty())
            else {
                return;
            };
            let Some((head, piece)) = packet[..length].split_at_checked(HEAD) else {
                continue;
            };
            let sender = u64::from_le_bytes(head[1..].try_into().unwrap_or_default());
            let message = partial.entry(sender).or_default();
            if head[0] & FIRST != 0 {
                message.clear(); // its sender was killed in the middle of the one before
            }
            message.extend_from_slice(piece);
            if head[0] & LAST != 0
                && let Some(bytes) = partial.remove(&sender)
                && let Some(command) = decode(Bytes::from(bytes))
            {
                take(command);
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
    bytes.extend_from_slice(part);
}

fn encode(command: &Command) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match command {
        Command::Stream { name, parent, text } => {
            bytes.push(match name {
                Stdio::Stdout => 1,
                Stdio::Stderr => 2,
            });
            put(&mut bytes, parent);
            put(&mut bytes, text.as_bytes());
        }
        Command::Publish { topic, message } if KINDS.contains(&&*message.msg_type) => {
            bytes.push(0);
            put(&mut bytes, topic);
            put(&mut bytes, message.msg_type.as_bytes());
            for part in [&message.parent, &message.metadata, &message.content] {
                put(&mut bytes, part);
            }
            for buffer in &message.buffers {
                put(&mut bytes, buffer);
            }
        }
        _ => return None,
    }
    Some(bytes)
}

fn part(bytes: &mut Bytes) -> Option<Bytes> {
    let length = usize::try_from(bytes.try_get_u64_le().ok()?).ok()?;
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

fn text(bytes: &mut Bytes) -> Option<String> {
    String::from_utf8(part(bytes)?.into()).ok()
}

/// None for what `encode` has not made.
fn decode(mut bytes: Bytes) -> Option<Command> {
    let name = match bytes.try_get_u8().ok()? {
        0 => None,
        1 => Some(Stdio::Stdout),
        2 => Some(Stdio::Stderr),
        _ => return None,
    };
    if let Some(name) = name {
        return Some(Command::Stream {
            name,
            parent: part(&mut bytes)?,
            text: text(&mut bytes)?,
        });
    }
    let topic = part(&mut bytes)?;
    let mut message = Message::new(text(&mut bytes)?, part(&mut bytes)?, Bytes::new());
    message.metadata = part(&mut bytes)?;
    message.content = part(&mut bytes)?;
    while !bytes.is_empty() {
        message.buffers.push(part(&mut bytes)?);
    }
    Some(Command::Publish { topic, message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(text: &str) -> Command {
        Command::Stream {
            name: Stdio::Stderr,
            parent: Bytes::from_static(b"{\"msg_id\":\"1\"}"),
            text: text.to_owned(),
        }
    }

    fn arrived(children: &Children) -> Vec<String> {
        let mut seen = Vec::new();
        children.drain(|command| seen.push(undated(command)));
        seen
    }

    /// A message is dated anew where it arrives.
    fn undated(mut command: Command) -> String {
        if let Command::Publish { message, .. } = &mut command {
            message.date = chrono::DateTime::UNIX_EPOCH;
        }
        format!("{command:?}")
    }

    #[test]
    fn messages_arrive_whole_whatever_their_size() {
        let children = Children::new().unwrap();
        let mut message = Message::new("display_data", Bytes::from_static(b"{}"), "{\"a\":1}");
        message.buffers = vec![Bytes::from(vec![7; 3 * PIECE]), Bytes::new()];
        let topic = Bytes::from_static(b"t");
        let sent = [stream("é"), Command::Publish { topic, message }, stream("")];
        for command in &sent {
            children.send(command);
        }
        assert_eq!(arrived(&children), sent.map(undated));
    }

    #[test]
    fn what_only_the_kernel_may_say_is_not_sent() {
        let children = Children::new().unwrap();
        let message = Message::new("status", Bytes::from_static(b"{}"), "{}");
        let topic = Bytes::new();
        children.send(&Command::Publish { topic, message });
        children.send(&Command::Flush);
        assert_eq!(arrived(&children), Vec::<String>::new());
    }

    #[test]
    fn a_message_that_was_cut_short_does_not_spoil_the_next() {
        let children = Children::new().unwrap();
        let whole = encode(&stream("x")).unwrap();
        let packet = |flags: u8, bytes: &[u8]| [&[flags], &[0; 8][..], bytes].concat();
        for packet in [packet(FIRST, &whole[..5]), packet(FIRST | LAST, &whole)] {
            rustix::net::send(&children.write, &packet, SendFlags::empty()).unwrap();
        }
        assert_eq!(arrived(&children), [format!("{:?}", stream("x"))]);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(Bytes::from(bytes));
        }
    }
}
