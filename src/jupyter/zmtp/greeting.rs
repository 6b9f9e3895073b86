//! The first 64 bytes and the READY command of both sides.

use bytes::{BufMut, Bytes};
use thiserror::Error;

use super::decode::DecodeError;
use super::encode::{Encoded, encode_command};

/// Length of a greeting.
pub const GREETING: usize = 64;

/// Why a connection did not become a peer; it is dropped.
#[derive(Debug, Error)]
pub enum HandshakeError {
    #[error("it does not speak ZMTP")]
    NotZmtp,
    #[error("it speaks ZMTP {0}, 3 is needed")]
    Version(u8),
    #[error("it wants the security mechanism {0:?}, only NULL is offered")]
    Mechanism(String),
    #[error("its handshake is malformed")]
    Malformed,
    #[error("a {theirs} socket cannot talk to a {ours} socket")]
    Incompatible { theirs: String, ours: &'static str },
    #[error("it did not finish its handshake in time")]
    TimeOut,
    #[error("it closed the connection during the handshake")]
    Closed,
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The socket types that a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketType {
    Router,
    XPub,
}

impl SocketType {
    /// Its name in the handshake.
    pub fn name(self) -> &'static str {
        match self {
            Self::Router => "ROUTER",
            Self::XPub => "XPUB",
        }
    }

    fn accepts(self, peer: &str) -> bool {
        match self {
            Self::Router => matches!(peer, "DEALER" | "REQ" | "ROUTER"),
            Self::XPub => matches!(peer, "SUB" | "XSUB"),
        }
    }
}

/// What we send first: version 3.0, mechanism NULL.
pub fn greeting() -> [u8; GREETING] {
    let mut bytes = [0; GREETING];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

/// Checks as much of a peer's greeting as has arrived.
pub fn check_greeting(bytes: &[u8]) -> Result<(), HandshakeError> {
    let at = |i: usize| bytes.get(i).copied();
    if at(0).is_some_and(|b| b != 0xff) || at(9).is_some_and(|b| b & 1 == 0) {
        return Err(HandshakeError::NotZmtp);
    }
    if let Some(version) = at(10)
        && version < 3
    {
        return Err(HandshakeError::Version(version));
    }
    if let Some(mechanism) = bytes.get(12..32)
        && mechanism != b"NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    {
        let name = String::from_utf8_lossy(mechanism);
        let name = name.trim_end_matches('\0').to_owned();
        return Err(HandshakeError::Mechanism(name));
    }
    Ok(())
}

/// Our READY.
pub fn ready(kind: SocketType) -> Encoded {
    let mut data = Vec::new();
    for (name, value) in [("Socket-Type", kind.name()), ("Identity", "")] {
        data.put_u8(name.len() as u8);
        data.put_slice(name.as_bytes());
        data.put_u32(value.len() as u32);
        data.put_slice(value.as_bytes());
    }
    encode_command("READY", &data)
}

/// The identity that a peer's READY asks for (may be empty), once its socket type fits ours.
pub fn check_ready(body: &Bytes, ours: SocketType) -> Result<Bytes, HandshakeError> {
    let (name, mut rest) = split_command(body).ok_or(HandshakeError::Malformed)?;
    if &name[..] != b"READY" {
        return Err(HandshakeError::Malformed);
    }
    let mut kind = None;
    let mut identity = Bytes::new();
    while !rest.is_empty() {
        let (name, value) = split_property(&mut rest).ok_or(HandshakeError::Malformed)?;
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            kind = Some(String::from_utf8_lossy(&value).into_owned());
        } else if name.eq_ignore_ascii_case(b"Identity") {
            identity = value;
        }
    }
    let theirs = kind.ok_or(HandshakeError::Malformed)?;
    if !ours.accepts(&theirs) {
        let ours = ours.name();
        return Err(HandshakeError::Incompatible { theirs, ours });
    }
    if identity.len() > 255 || identity.first() == Some(&0) {
        return Err(HandshakeError::Malformed); // a leading zero is kept for identities that we give
    }
    Ok(identity)
}

/// (name, data) of a command.
pub fn split_command(body: &Bytes) -> Option<(Bytes, Bytes)> {
    let length = usize::from(*body.first()?);
    if body.len() < 1 + length {
        return None;
    }
    Some((body.slice(1..1 + length), body.slice(1 + length..)))
}

fn split_property(rest: &mut Bytes) -> Option<(Bytes, Bytes)> {
    let (name, after) = split_command(rest)?;
    let length = u32::from_be_bytes(after.get(..4)?.try_into().ok()?) as usize;
    let end = length.checked_add(4)?;
    if after.len() < end {
        return None;
    }
    *rest = after.slice(end..);
    Some((name, after.slice(4..end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_zmtp_is_refused_at_its_first_byte() {
        assert!(matches!(check_greeting(b"G"), Err(HandshakeError::NotZmtp)));
        let mut old = greeting();
        old[10] = 1;
        assert!(matches!(
            check_greeting(&old[..11]),
            Err(HandshakeError::Version(1))
        ));
        let mut curve = greeting();
        curve[12..17].copy_from_slice(b"CURVE");
        assert!(
            matches!(check_greeting(&curve), Err(HandshakeError::Mechanism(m)) if m == "CURVE")
        );
        assert!(check_greeting(&greeting()).is_ok());
    }

    #[test]
    fn a_socket_of_the_wrong_type_is_refused() {
        let theirs = ready(SocketType::XPub).chunks()[0].slice(2..);
        assert!(matches!(
            check_ready(&theirs, SocketType::Router),
            Err(HandshakeError::Incompatible { .. })
        ));
        let theirs = ready(SocketType::Router).chunks()[0].slice(2..);
        assert_eq!(
            check_ready(&theirs, SocketType::Router).unwrap(),
            Bytes::new()
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = check_greeting(&bytes);
            let mut body = b"\x05READY".to_vec();
            body.extend_from_slice(&bytes);
            let _ = check_ready(&Bytes::from(body), SocketType::Router);
            let _ = check_ready(&Bytes::from(bytes), SocketType::Router);
        }
    }
}
