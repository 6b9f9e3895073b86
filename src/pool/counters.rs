//! Finished items of a run, readable by any thread at any time, also after the run's end.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::board::{Board, Cell};

enum Cells {
    /// Worker processes count on the board.
    Board { board: Arc<Board>, lane: usize },
    /// Threads count in this process.
    Here(Box<[Cell]>),
}

/// Counters of one run.
pub struct CounterPage {
    cells: Cells,
    slots: AtomicUsize,
    busy: Box<[AtomicU64]>,
    failed: AtomicU64,
    /// What was counted when the run ended: its lane is another run's then.
    last: OnceLock<Vec<u64>>,
}

fn flags(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl CounterPage {
    /// For a run of worker processes.
    pub fn of_lane(board: Arc<Board>, lane: usize, slots: usize) -> Arc<Self> {
        Self::new(Cells::Board { board, lane }, slots)
    }

    /// For a run of `slots` threads.
    pub fn of_threads(slots: usize) -> Arc<Self> {
        Self::new(
            Cells::Here((0..slots).map(|_| Cell::default()).collect()),
            slots,
        )
    }

    fn new(cells: Cells, slots: usize) -> Arc<Self> {
        Arc::new(Self {
            cells,
            slots: AtomicUsize::new(slots),
            busy: flags(slots),
            failed: AtomicU64::new(0),
            last: OnceLock::new(),
        })
    }

    /// The counter of a thread.
    pub fn cell(&self, slot: usize) -> Option<&AtomicU64> {
        match &self.cells {
            Cells::Board { .. } => None,
            Cells::Here(cells) => cells.get(slot).map(|cell| &cell.0),
        }
    }

    /// Finished items by worker.
    pub fn per_worker(&self) -> Vec<u64> {
        if let Some(last) = self.last.get() {
            return last.clone();
        }
        let now = self.read();
        // The run may have ended, and its lane may have been used again, while we read.
        self.last.get().cloned().unwrap_or(now)
    }

    fn read(&self) -> Vec<u64> {
        let slots = self.slots.load(Ordering::Relaxed);
        match &self.cells {
            Cells::Board { board, lane } => (0..slots)
                .map(|slot| board.finished(*lane, slot).load(Ordering::Relaxed))
                .collect(),
            Cells::Here(cells) => cells
                .iter()
                .map(|cell| cell.0.load(Ordering::Relaxed))
                .collect(),
        }
    }

    /// Finished items.
    pub fn finished(&self) -> u64 {
        self.per_worker().iter().sum()
    }

    /// Keeps the numbers as they are; the run has ended.
    pub fn freeze(&self) {
        let now = self.read();
        self.last.get_or_init(|| now);
        self.busy
            .iter()
            .for_each(|flag| flag.store(0, Ordering::Relaxed));
    }

    /// Notes whether a worker works for this run.
    pub fn set_busy(&self, slot: usize, busy: bool) {
        if let Some(flag) = self.busy.get(slot) {
            flag.store(u64::from(busy), Ordering::Relaxed);
        }
    }

    /// Whether a worker works for this run.
    pub fn is_busy(&self, slot: usize) -> bool {
        self.busy
            .get(slot)
            .is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
    }

    /// Notes one failed iteration.
    pub fn note_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Failed iterations.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}
