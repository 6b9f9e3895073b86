//! Finished items of a run, readable by any thread at any time, also after the run's end.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

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
    seats: Mutex<Vec<Vec<usize>>>,
    failed: AtomicU64,
    /// What was counted when the run ended: its lane is another run's then.
    last: OnceLock<Vec<u64>>,
}

fn flags(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl CounterPage {
    /// For a run on `workers` of a pool's `slots` worker processes.
    pub fn of_lane(board: Arc<Board>, lane: usize, slots: usize, workers: usize) -> Arc<Self> {
        Self::new(Cells::Board { board, lane }, slots, workers)
    }

    /// For a run of `slots` threads.
    pub fn of_threads(slots: usize) -> Arc<Self> {
        Self::new(
            Cells::Here((0..slots).map(|_| Cell::default()).collect()),
            slots,
            slots,
        )
    }

    fn new(cells: Cells, slots: usize, workers: usize) -> Arc<Self> {
        Arc::new(Self {
            cells,
            slots: AtomicUsize::new(slots),
            busy: flags(slots),
            seats: Mutex::new(vec![Vec::new(); workers]),
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
        let Some(flag) = self.busy.get(slot) else {
            return;
        };
        let was = flag.swap(u64::from(busy), Ordering::Relaxed);
        if busy && was == 0 {
            self.seat(slot);
        }
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Vec<usize>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker comes to this run: it sits where it sat, or on a free seat, or follows one that has left.
    fn seat(&self, slot: usize) {
        let mut seats = self.seats();
        if seats.iter().any(|seat| seat.last() == Some(&slot)) {
            return;
        }
        seats
            .iter_mut()
            .for_each(|seat| seat.retain(|old| *old != slot));
        let empty = seats.iter().position(Vec::is_empty);
        let left = || {
            seats
                .iter()
                .position(|seat| seat.last().is_some_and(|last| !self.is_busy(*last)))
        };
        if let Some(at) = empty.or_else(left) {
            seats[at].push(slot);
        }
    }

    /// (finished items, whether it is at work) of each of the run's workers, of as many as the run asked for: one that
    /// came in the place of another counts on.
    pub fn by_seat(&self) -> Vec<(u64, bool)> {
        let counts = self.per_worker();
        let seats = self.seats();
        let state = |seat: &Vec<usize>| {
            let finished = seat.iter().filter_map(|slot| counts.get(*slot)).sum();
            (
                finished,
                seat.last().is_some_and(|slot| self.is_busy(*slot)),
            )
        };
        seats.iter().map(state).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn count(board: &Board, slot: usize, items: u64) {
        board.finished(0, slot).fetch_add(items, Ordering::Relaxed);
    }

    #[test]
    fn a_run_on_two_of_many_workers_has_two_seats_and_the_one_who_replaces_another_counts_on() {
        let board = Board::new().unwrap();
        board.open_lane(0, 8, 2, false);
        let page = CounterPage::of_lane(Arc::clone(&board), 0, 8, 2);
        assert_eq!(page.by_seat(), [(0, false), (0, false)]);
        page.set_busy(3, true);
        page.set_busy(5, true);
        count(&board, 3, 4);
        count(&board, 5, 2);
        assert_eq!(page.by_seat(), [(4, true), (2, true)]);
        // Worker 5 dies; worker 0 takes over.
        page.set_busy(5, false);
        page.set_busy(0, true);
        count(&board, 0, 10);
        assert_eq!(page.by_seat(), [(4, true), (12, true)]);
        // Worker 5 is started anew and takes the place of 3.
        page.set_busy(3, false);
        page.set_busy(5, true);
        let seats = page.by_seat();
        assert_eq!(seats.len(), 2);
        assert_eq!(
            seats.iter().map(|seat| seat.0).sum::<u64>(),
            page.finished()
        );
        assert!(seats.iter().all(|seat| seat.1));
    }

    #[test]
    fn every_thread_has_a_seat() {
        let page = CounterPage::of_threads(3);
        page.set_busy(2, true);
        page.cell(2).unwrap().fetch_add(7, Ordering::Relaxed);
        assert_eq!(page.by_seat().len(), 3);
        assert!(page.by_seat().contains(&(7, true)));
    }
}
