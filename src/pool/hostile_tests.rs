//! Hostile bytes for what reads a worker's frames, as in [`crate::jupyter::hostile`].

use std::io::Write;
use std::os::unix::net::UnixStream;

use super::channel::{Channel, Filled};
use super::frames::{Body, Ending, Frame, PREFIX, Part, Place, announced};

/// A frame without its prefix. What is read is written as the same bytes.
pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        let again = frame.encode();
        assert_eq!(&again[PREFIX..], bytes);
        let prefix = again[..PREFIX].try_into().unwrap_or_default();
        assert_eq!(announced(prefix), Ok(bytes.len()));
    }
}

/// A stream of frames, with the descriptors that the first byte counts: read until it ends or makes no sense.
pub fn channel(bytes: &[u8]) {
    let Ok((ours, mut theirs)) = UnixStream::pair() else {
        return;
    };
    let mut channel = Channel::new(ours.into());
    for piece in bytes.chunks(32 * 1024) {
        if theirs.write_all(piece).is_err() || !matches!(channel.fill(), Ok(Filled::Some)) {
            return;
        }
        loop {
            match channel.pop() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

/// Frames as they are.
pub fn frames() -> Vec<Vec<u8>> {
    let place = Place {
        segment: 3,
        offset: 4096,
    };
    let body = Body {
        payload: Part::Inline(b"a pickle".to_vec()),
        buffers: vec![Part::Shared(place, 70_000), Part::Inline(vec![0; 40])],
    };
    let frames = [
        Frame::Welcome {
            slot: 1,
            parent: 22,
        },
        Frame::Hello { pid: 33 },
        Frame::Segment {
            id: 3,
            len: 1 << 20,
            once: true,
        },
        Frame::Define {
            key: vec![9; 16],
            body: body.clone(),
        },
        Frame::Drop { key: vec![9; 16] },
        Frame::Task {
            run: 1,
            lane: 2,
            task: 3,
            ticket: 4,
            job: vec![5; 16],
            body: body.clone(),
        },
        Frame::Done {
            ticket: 4,
            ending: Ending::Done,
            begun: 1,
            nanos: 2,
            body,
        },
        Frame::Said {
            ticket: 4,
            bytes: b"text".to_vec(),
        },
        Frame::Release {
            places: vec![place, place],
        },
        Frame::Stop,
    ];
    frames.iter().map(Frame::encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies() -> Vec<Vec<u8>> {
        frames().iter().map(|f| f[PREFIX..].to_vec()).collect()
    }

    #[test]
    #[ignore = "fuzz/run.sh begins with it"]
    fn write_seeds() {
        crate::mutation_tests::write("worker_frames", &bodies());
        crate::mutation_tests::write("worker_channel", &[frames().concat()]);
    }

    #[test]
    fn no_bytes_make_a_reader_panic_or_allocate_much() {
        let (whole, bodies) = (frames(), bodies());
        crate::mutation_tests::run("frame", frame, &bodies, 20_000, 1 << 16);
        let streams: Vec<Vec<u8>> = whole.iter().cloned().chain([whole.concat()]).collect();
        crate::mutation_tests::run("channel", channel, &streams, 2_000, 1 << 20);
    }
}
