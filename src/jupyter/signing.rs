//! HMAC signatures of messages: made, checked in constant time, and remembered so that none is accepted twice.

use std::cell::RefCell;
use std::collections::HashSet;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use thiserror::Error;

/// Signatures that are remembered, twice that for a time (jupyter_client remembers 65,536).
const REMEMBERED: usize = 1 << 16;

/// Why a message is not accepted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SignatureError {
    #[error("it is not signed")]
    Missing,
    #[error("its signature is wrong")]
    Wrong,
    #[error("its signature has been used before")]
    Replayed,
}

/// A scheme that is not known.
#[derive(Debug, Error)]
#[error("signature scheme {0:?} is not supported; use hmac-sha256 (or -sha224, -sha384, -sha512)")]
pub struct UnknownScheme(pub String);

#[derive(Clone)]
enum Key {
    None,
    Sha224(Hmac<Sha224>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

/// Signs with the connection file's key; an empty key signs nothing and accepts everything.
#[derive(Clone)]
pub struct Signer {
    key: Key,
}

macro_rules! keyed {
    ($hmac:ty, $key:expr) => {
        <$hmac>::new_from_slice($key).map_err(|_| UnknownScheme(String::from("hmac")))
    };
}

impl Signer {
    /// A signer for `scheme` ("hmac-sha256", …) and `key`.
    pub fn new(scheme: &str, key: &[u8]) -> Result<Self, UnknownScheme> {
        let key = match scheme {
            _ if key.is_empty() => Key::None,
            "hmac-sha256" => Key::Sha256(keyed!(Hmac<Sha256>, key)?),
            "hmac-sha224" => Key::Sha224(keyed!(Hmac<Sha224>, key)?),
            "hmac-sha384" => Key::Sha384(keyed!(Hmac<Sha384>, key)?),
            "hmac-sha512" => Key::Sha512(keyed!(Hmac<Sha512>, key)?),
            other => return Err(UnknownScheme(other.to_owned())),
        };
        Ok(Self { key })
    }

    /// The signature of a message's four JSON parts, in hex; empty without a key.
    pub fn sign(&self, parts: [&[u8]; 4]) -> Bytes {
        fn hex<M: Mac + Clone>(mac: &M, parts: [&[u8]; 4]) -> Bytes {
            let mut mac = mac.clone();
            parts.iter().for_each(|p| mac.update(p));
            to_hex(&mac.finalize().into_bytes())
        }
        match &self.key {
            Key::None => Bytes::new(),
            Key::Sha224(m) => hex(m, parts),
            Key::Sha256(m) => hex(m, parts),
            Key::Sha384(m) => hex(m, parts),
            Key::Sha512(m) => hex(m, parts),
        }
    }

    /// Whether `signature` (hex) is that of `parts`; compared in constant time.
    pub fn verify(&self, signature: &[u8], parts: [&[u8]; 4]) -> Result<(), SignatureError> {
        fn check<M: Mac + Clone>(
            mac: &M,
            signature: &[u8],
            parts: [&[u8]; 4],
        ) -> Result<(), SignatureError> {
            let mut mac = mac.clone();
            parts.iter().for_each(|p| mac.update(p));
            mac.verify_slice(signature)
                .map_err(|_| SignatureError::Wrong)
        }
        if matches!(self.key, Key::None) {
            return Ok(());
        }
        if signature.is_empty() {
            return Err(SignatureError::Missing);
        }
        let signature = from_hex(signature).ok_or(SignatureError::Wrong)?;
        match &self.key {
            Key::None => Ok(()),
            Key::Sha224(m) => check(m, &signature, parts),
            Key::Sha256(m) => check(m, &signature, parts),
            Key::Sha384(m) => check(m, &signature, parts),
            Key::Sha512(m) => check(m, &signature, parts),
        }
    }

    /// Whether messages are signed at all.
    pub fn signs(&self) -> bool {
        !matches!(self.key, Key::None)
    }
}

/// Checks what comes in on all channels.
pub struct Verifier {
    signer: Signer,
    seen: RefCell<Seen>,
}

/// The signatures of the newest messages: of each the first eight bytes, which is enough to tell them apart.
#[derive(Default)]
struct Seen {
    /// Single ones are never taken out of a set, which would make it grow for a while: the older one is forgotten as a
    /// whole.
    older: HashSet<u64>,
    newer: HashSet<u64>,
}

impl Seen {
    /// Whether this one is new.
    fn insert(&mut self, signature: u64) -> bool {
        if self.older.contains(&signature) || !self.newer.insert(signature) {
            return false;
        }
        if self.newer.len() == REMEMBERED {
            std::mem::swap(&mut self.older, &mut self.newer);
            self.newer.clear(); // and keeps its room
        }
        true
    }
}

impl Verifier {
    /// A verifier with no memory yet.
    pub fn new(signer: Signer) -> Self {
        Self {
            signer,
            seen: RefCell::default(),
        }
    }

    /// Accepts a message once. Only right signatures are remembered, so a stranger cannot make us forget.
    pub fn accept(&self, signature: &Bytes, parts: [&[u8]; 4]) -> Result<(), SignatureError> {
        self.signer.verify(signature, parts)?;
        if !self.signer.signs() {
            return Ok(());
        }
        let start = from_hex(signature).and_then(|s| Some(u64::from_be_bytes(*s.first_chunk()?)));
        let start = start.ok_or(SignatureError::Wrong)?;
        if !self.seen.borrow_mut().insert(start) {
            return Err(SignatureError::Replayed);
        }
        Ok(())
    }
}

fn to_hex(bytes: &[u8]) -> Bytes {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .collect()
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks(2)
        .map(|p| Some(digit(p[0])? << 4 | digit(p[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [&[u8]; 4] = [b"{\"a\":1}", b"{}", b"{}", b"{\"b\":2}"];

    #[test]
    fn agrees_with_hmac_sha256_as_python_computes_it() {
        let signer = Signer::new("hmac-sha256", b"key").unwrap();
        // hmac.new(b"key", b'{"a":1}{}{}{"b":2}', "sha256").hexdigest()
        let expected = "0206f42f4ae2a48f6054ab91271f90c100f7022f55fb1f23de6377624d533752";
        assert_eq!(&signer.sign(PARTS)[..], expected.as_bytes());
    }

    #[test]
    fn wrong_missing_and_replayed_signatures_are_told_apart() {
        for scheme in ["hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"] {
            let signer = Signer::new(scheme, b"key").unwrap();
            let verifier = Verifier::new(signer.clone());
            let right = signer.sign(PARTS);
            let other = Signer::new(scheme, b"other").unwrap().sign(PARTS);
            assert_eq!(verifier.accept(&other, PARTS), Err(SignatureError::Wrong));
            assert_eq!(
                verifier.accept(&Bytes::from_static(b"zz"), PARTS),
                Err(SignatureError::Wrong)
            );
            assert_eq!(
                verifier.accept(&Bytes::new(), PARTS),
                Err(SignatureError::Missing)
            );
            assert_eq!(verifier.accept(&right, PARTS), Ok(()));
            assert_eq!(
                verifier.accept(&right, PARTS),
                Err(SignatureError::Replayed)
            );
        }
    }

    #[test]
    fn the_newest_signatures_are_remembered_and_memory_is_bounded() {
        let mut seen = Seen::default();
        let count = 3 * REMEMBERED as u64;
        assert!((0..count).all(|i| seen.insert(i)));
        assert!((count - REMEMBERED as u64..count).all(|i| !seen.insert(i)));
        assert!(seen.older.len() + seen.newer.len() <= 2 * REMEMBERED);
        assert!(seen.insert(0), "long forgotten");
    }

    #[test]
    fn an_empty_key_accepts_everything_and_signs_nothing() {
        let signer = Signer::new("hmac-sha256", b"").unwrap();
        assert!(signer.sign(PARTS).is_empty());
        let verifier = Verifier::new(signer);
        assert_eq!(verifier.accept(&Bytes::new(), PARTS), Ok(()));
        assert_eq!(verifier.accept(&Bytes::new(), PARTS), Ok(()));
    }

    #[test]
    fn an_unknown_scheme_is_named() {
        let error = Signer::new("hmac-md5", b"key").err().unwrap();
        assert!(error.to_string().contains("hmac-md5"));
    }
}
