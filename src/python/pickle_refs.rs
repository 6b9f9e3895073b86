//! Rewrites the references of a pickle to objects that the other side already holds.
//!
//! A worker pickles its result with a memo that was primed with `primed` objects it had received; a reference to one
//! of them is then a memo GET below `primed`. The kernel's unpickler cannot be primed cheaply, so those GETs become
//! persistent ids here, and all others are renumbered. Works on protocol 5 as the C pickler writes it; anything else
//! is refused rather than guessed. Knows bytes only.

/// A rewritten pickle, and which of the primed objects it refers to (ascending, without repeats).
#[derive(Debug, PartialEq, Eq)]
pub struct Rebased {
    pub payload: Vec<u8>,
    pub used: Vec<u32>,
}

const BININT: u8 = b'J';
const BINPERSID: u8 = b'Q';
const BINGET: u8 = b'h';
const LONG_BINGET: u8 = b'j';
const FRAME: u8 = 0x95;
const STOP: u8 = b'.';

/// How many bytes follow an opcode, `None` for opcodes that protocol 5 does not write.
fn argument_length(opcode: u8, rest: &[u8]) -> Option<usize> {
    let fixed = match opcode {
        b'('
        | b'.'
        | b'0'
        | b'1'
        | b'2'
        | b'N'
        | b'Q'
        | b'R'
        | b'a'
        | b'b'
        | b'd'
        | b'}'
        | b'e'
        | b'l'
        | b']'
        | b's'
        | b't'
        | b')'
        | b'u'
        | b'o'
        | 0x81
        | 0x85..=0x89
        | 0x8f..=0x94
        | 0x97
        | 0x98 => 0,
        b'K' | BINGET | 0x80 | 0x82 => 1,
        b'M' | 0x83 => 2,
        BININT | LONG_BINGET | 0x84 => 4,
        b'G' | FRAME => 8,
        b'C' | 0x8c | 0x8a => return Some(1 + usize::from(*rest.first()?)),
        b'X' | b'B' | 0x8b => {
            let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?);
            return usize::try_from(length).ok()?.checked_add(4);
        }
        0x8d | 0x8e | 0x96 => {
            let length = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
            return usize::try_from(length).ok()?.checked_add(8);
        }
        _ => return None,
    };
    Some(fixed)
}

fn memo_index(opcode: u8, argument: &[u8]) -> Option<u32> {
    match opcode {
        BINGET => argument.first().map(|&byte| u32::from(byte)),
        LONG_BINGET => Some(u32::from_le_bytes(argument.try_into().ok()?)),
        _ => None,
    }
}

fn push_get(out: &mut Vec<u8>, index: u32) {
    match u8::try_from(index) {
        Ok(byte) => out.extend_from_slice(&[BINGET, byte]),
        Err(_) => {
            out.push(LONG_BINGET);
            out.extend_from_slice(&index.to_le_bytes());
        }
    }
}

/// Rewrite `payload` (one pickle) whose writer's memo began with `primed` objects. `None` if it holds anything that
/// protocol 5 of the C pickler does not write.
pub fn rebase(payload: &[u8], primed: u32) -> Option<Rebased> {
    let mut out = Vec::with_capacity(payload.len());
    let mut used = Vec::new();
    let (mut at, mut copied) = (0, 0);
    loop {
        let opcode = *payload.get(at)?;
        let length = argument_length(opcode, &payload[at + 1..])?;
        let next = at.checked_add(1)?.checked_add(length)?;
        let argument = payload.get(at + 1..next)?;
        if opcode == FRAME {
            // Frames only help readers of files, and their lengths would be wrong now.
            out.extend_from_slice(&payload[copied..at]);
            copied = next;
        } else if let Some(index) = memo_index(opcode, argument) {
            out.extend_from_slice(&payload[copied..at]);
            copied = next;
            if index < primed {
                out.push(BININT);
                out.extend_from_slice(&i32::try_from(index).ok()?.to_le_bytes());
                out.push(BINPERSID);
                used.push(index);
            } else {
                push_get(&mut out, index - primed);
            }
        }
        at = next;
        if opcode == STOP {
            out.extend_from_slice(&payload[copied..at]);
            used.sort_unstable();
            used.dedup();
            return Some(Rebased { payload: out, used });
        }
    }
}

const EMPTY_SET: u8 = 0x8f;
const FROZENSET: u8 = 0x91;

/// Whether `payload` (one pickle) makes a set, or nobody can tell since it holds anything that protocol 5 of the C
/// pickler does not write.
pub fn makes_sets(payload: &[u8]) -> bool {
    let mut rest = payload;
    while let Some((&opcode, more)) = rest.split_first() {
        let after = argument_length(opcode, more).and_then(|length| more.get(length..));
        match (opcode, after) {
            (STOP, _) => return false,
            (EMPTY_SET | FROZENSET, _) | (_, None) => return true,
            (_, Some(after)) => rest = after,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_told_from_its_opcode_in_a_text() {
        // SHORT_BINUNICODE and BININT1 whose arguments are the opcode
        let text = [
            0x80, 5, 0x8c, 2, EMPTY_SET, FROZENSET, b'K', EMPTY_SET, STOP,
        ];
        assert!(!makes_sets(&text));
        assert!(makes_sets(&[0x80, 5, EMPTY_SET, 0x94, STOP]));
        assert!(makes_sets(&[0x80, 5, b'(', b'K', 1, FROZENSET, STOP]));
        assert!(makes_sets(&text[..7]), "cut short");
        assert!(makes_sets(&[0x80, 5, 0xff, STOP]), "unknown");
    }

    #[test]
    fn primed_gets_become_persistent_ids_and_others_move() {
        // PROTO 5, FRAME, [ ] MEMOIZE, ( GET 0, GET 300 (long), GET 2, APPENDS, STOP
        let mut pickle = vec![
            0x80, 5, FRAME, 9, 0, 0, 0, 0, 0, 0, 0, b']', 0x94, b'(', BINGET, 0,
        ];
        pickle.extend_from_slice(&[LONG_BINGET, 44, 1, 0, 0, BINGET, 2, b'e', STOP]);
        let rebased = rebase(&pickle, 2).unwrap();
        let mut want = vec![0x80, 5, b']', 0x94, b'(', BININT, 0, 0, 0, 0, BINPERSID];
        want.extend_from_slice(&[LONG_BINGET, 42, 1, 0, 0, BINGET, 0, b'e', STOP]);
        assert_eq!((rebased.payload, rebased.used), (want, vec![0]));
    }

    #[test]
    fn bytes_that_look_like_opcodes_are_left_alone() {
        let pickle = [0x80, 5, b'C', 2, BINGET, 0, STOP];
        assert_eq!(rebase(&pickle, 1).unwrap().payload, pickle);
    }

    #[test]
    fn foreign_or_cut_pickles_are_refused() {
        assert_eq!(rebase(b"cos\nsystem\n.", 1), None);
        assert_eq!(rebase(&[0x80, 5, b'C', 200, 1], 1), None);
        assert_eq!(
            rebase(&[0x8e, 255, 255, 255, 255, 255, 255, 255, 255], 1),
            None
        );
        assert_eq!(rebase(&[], 1), None);
    }
}
