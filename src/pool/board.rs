//! One page of words that the pool and its workers share: how far each worker is, what is cancelled, which tasks were
//! started. It says where a worker stood when it died, and progress reads it without asking anybody.
//!
//! Layout (64-byte cells): a cell for each worker slot, then [`LANES`] lanes. A lane belongs to one open run: its head
//! says whether the run is cancelled and on how many workers it runs, and a cell for each slot counts finished items.
//! All words are written with `SeqCst` where two sides race ([`Claim`], cancel), else `Relaxed`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::shm::{self, Mapping};

/// Worker slots of a pool.
pub const SLOTS: usize = 512;
/// Runs that may be open at once.
pub const LANES: usize = 256;
/// Tasks that may be on their way to one worker.
pub const TICKETS: usize = 4;

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Phase {
    /// Waits, reads, or writes a result.
    Idle = 0,
    /// Runs `define`.
    Defining = 1,
    /// Runs a task.
    Running = 2,
}

/// A worker's cell. A claim holds `ticket * 4 + state`: offered by the pool, then either started by the worker or
/// revoked by the pool; whoever's compare-and-swap comes first decides.
#[repr(C, align(64))]
pub struct WorkerCell {
    phase: AtomicU64,
    finished: AtomicU64,
    since: AtomicU64,
    claims: [AtomicU64; TICKETS],
}

#[repr(C, align(64))]
struct Lane {
    cancelled: AtomicU64,
    workers: AtomicU64,
    limited: AtomicU64,
    _pad: [u64; 5],
    finished: [Cell; SLOTS],
}

/// A counter alone on its cache line.
#[repr(C, align(64))]
#[derive(Default)]
pub struct Cell(pub AtomicU64);

#[repr(C)]
struct Layout {
    workers: [WorkerCell; SLOTS],
    lanes: [Lane; LANES],
}

const OFFERED: u64 = 0;
const STARTED: u64 = 1;
const REVOKED: u64 = 2;

/// The shared words.
pub struct Board {
    /// To pass on.
    pub fd: OwnedFd,
    map: Mapping,
}

impl Board {
    /// A new board, all zero.
    pub fn new() -> io::Result<Arc<Self>> {
        let fd = shm::segment(shm::page_up(size_of::<Layout>()))?;
        Self::attach(fd)
    }

    /// Maps a board that was received.
    pub fn attach(fd: OwnedFd) -> io::Result<Arc<Self>> {
        let map = Mapping::shared(fd.as_fd(), shm::page_up(size_of::<Layout>()))?;
        Ok(Arc::new(Self { fd, map }))
    }

    fn layout(&self) -> &Layout {
        // SAFETY: the mapping is as large as Layout, page-aligned, and every bit pattern of it is valid.
        unsafe { &*self.map.at(0).cast::<Layout>() }
    }

    /// The cell of a worker. `slot` is taken modulo [`SLOTS`]: a peer cannot make it point elsewhere.
    pub fn worker(&self, slot: usize) -> &WorkerCell {
        &self.layout().workers[slot % SLOTS]
    }

    fn lane(&self, lane: usize) -> &Lane {
        &self.layout().lanes[lane % LANES]
    }

    /// Finished items of a run by a worker.
    pub fn finished(&self, lane: usize, slot: usize) -> &AtomicU64 {
        &self.lane(lane).finished[slot % SLOTS].0
    }

    /// Takes back items that were counted for a task whose result is lost: when it runs again they are counted again.
    pub fn uncount(&self, lane: usize, slot: usize, count: u64) {
        let cell = self.finished(lane, slot);
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| {
            Some(now.saturating_sub(count))
        });
    }

    /// Prepares a lane for a run on `workers` workers; `limited`: whether its iterations have a time limit.
    pub fn open_lane(&self, lane: usize, slots: usize, workers: usize, limited: bool) {
        let head = self.lane(lane);
        head.cancelled.store(0, Ordering::SeqCst);
        head.workers.store(workers as u64, Ordering::Relaxed);
        head.limited.store(u64::from(limited), Ordering::Relaxed);
        head.finished[..slots.min(SLOTS)]
            .iter()
            .for_each(|cell| cell.0.store(0, Ordering::Relaxed));
    }

    /// Marks a run as cancelled.
    pub fn cancel(&self, lane: usize, run: u64) {
        self.lane(lane).cancelled.store(run, Ordering::SeqCst);
    }

    /// Whether a run is cancelled.
    pub fn is_cancelled(&self, lane: usize, run: u64) -> bool {
        self.lane(lane).cancelled.load(Ordering::SeqCst) == run
    }

    /// Whether iterations of the lane's run have a time limit: then workers say when each began.
    pub fn is_limited(&self, lane: usize) -> bool {
        self.lane(lane).limited.load(Ordering::Relaxed) != 0
    }

    /// On how many workers the lane's run runs.
    pub fn run_workers(&self, lane: usize) -> usize {
        self.lane(lane).workers.load(Ordering::Relaxed) as usize
    }
}

impl WorkerCell {
    fn claim(&self, ticket: u64) -> &AtomicU64 {
        &self.claims[ticket as usize % TICKETS]
    }

    /// A new worker sits here.
    pub fn reset(&self) {
        self.set_phase(Phase::Idle);
        self.finished.store(0, Ordering::Relaxed);
        self.claims
            .iter()
            .for_each(|claim| claim.store(u64::MAX, Ordering::SeqCst));
    }

    /// Pool: the task may be started.
    pub fn offer(&self, ticket: u64) {
        self.claim(ticket)
            .store(ticket * 4 + OFFERED, Ordering::SeqCst);
    }

    /// Worker: start it, unless it was revoked.
    pub fn start(&self, ticket: u64) -> bool {
        self.swap(ticket, STARTED)
    }

    /// Pool: take it back, unless it was started.
    pub fn revoke(&self, ticket: u64) -> bool {
        self.swap(ticket, REVOKED)
    }

    /// Whether the worker has started it.
    pub fn is_started(&self, ticket: u64) -> bool {
        self.claim(ticket).load(Ordering::SeqCst) == ticket * 4 + STARTED
    }

    fn swap(&self, ticket: u64, state: u64) -> bool {
        let (from, to) = (ticket * 4 + OFFERED, ticket * 4 + state);
        self.claim(ticket)
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// What the worker does now.
    pub fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u64, Ordering::Relaxed);
    }

    /// Whether the worker defines a blob.
    pub fn is_defining(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Defining as u64
    }

    /// Whether the worker runs a task.
    pub fn is_running(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Running as u64
    }

    /// When the running iteration (of a run without a time limit: the running task) began: `timeline::now`.
    pub fn since(&self) -> &AtomicU64 {
        &self.since
    }

    /// Finished items of the task that runs.
    pub fn finished(&self) -> &AtomicU64 {
        &self.finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_started_or_revoked_but_not_both() {
        let board = Board::new().unwrap();
        let cell = board.worker(3);
        cell.offer(7);
        assert!(cell.start(7) && !cell.revoke(7) && cell.is_started(7));
        cell.offer(8);
        assert!(cell.revoke(8) && !cell.start(8) && !cell.is_started(8));
        assert!(
            !cell.start(12),
            "a ticket that was never offered, in the same word"
        );
    }
}
