//! For tests: real input, changed at random a few thousand times over, and what reading it may allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator; counts what each thread holds.
struct Counting;

fn count(bytes: isize) {
    // A thread that ends may free after its counters are gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(start, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that this thread held at once while `work` ran, beside those that it held before.
pub fn peak(work: impl FnOnce()) -> usize {
    let before = LIVE.get();
    PEAK.set(before);
    work();
    usize::try_from(PEAK.get() - before).unwrap_or(0)
}

/// Numbers that lengths like to be.
const LENGTHS: [u64; 9] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0xffff_ffff,
    1 << 40,
    1 << 63,
    u64::MAX,
];
/// Words that mean something to one reader or another.
const WORDS: [&[u8]; 14] = [
    b"<IDS|MSG>",
    b"{",
    b"}",
    b"[[[[[[[[[[[[[[[[",
    b"\"",
    b"\\ud800",
    b"1e999",
    b"-",
    b"NaN",
    b"\xff\xfe",
    b"Content-Length: 99999999999999999999\r\n\r\n",
    b"\r\n\r\n",
    b"\x04\x06\x05ERROR",
    b"\xff\0\0\0\0\0\0\0\x01\x7f",
];

/// Changes input, the same way for the same seed.
pub struct Mutator(u64);

impl Mutator {
    /// A mutator with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// One of `seeds`, with a few changes.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..self.below(6) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + 1 + self.below(16)).min(bytes.len());
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.next() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again = bytes[at..end].repeat(1 + self.below(20));
                bytes.splice(at..at, again);
            }
            4 => {
                let length = LENGTHS[self.below(LENGTHS.len())];
                let length = match self.below(2) {
                    0 => length.to_be_bytes(),
                    _ => length.to_le_bytes(),
                };
                let room = (at + 8).min(bytes.len());
                bytes[at..room].copy_from_slice(&length[8 - (room - at)..]);
            }
            5 => {
                let word = WORDS[self.below(WORDS.len())].iter().copied();
                bytes.splice(at..at, word);
            }
            6 => bytes.truncate(at),
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
}

/// Runs `target` on `rounds` changed inputs: none may panic, nor allocate more than `bound` bytes and 64 for each byte
/// of the input. The input is printed if one does.
pub fn run(name: &str, target: fn(&[u8]), seeds: &[Vec<u8>], rounds: usize, bound: usize) {
    seeds.iter().for_each(|seed| target(seed));
    let mut mutator = Mutator::new(1);
    for round in 0..rounds {
        let input = mutator.input(seeds);
        let done = std::panic::catch_unwind(|| peak(|| target(&input)));
        let (bound, input) = (bound + 64 * input.len(), input.escape_ascii());
        match done {
            Ok(bytes) => assert!(bytes <= bound, "{name}: {bytes} bytes for b\"{input}\""),
            Err(_) => panic!("{name} {round} panics on b\"{input}\""),
        }
    }
}

/// Writes `seeds` where the fuzzer of this name begins.
pub fn write(name: &str, seeds: &[Vec<u8>]) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
    }
}
