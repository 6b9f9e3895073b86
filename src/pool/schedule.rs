//! How many items the next task should hold, and whether there should be one: a state machine without clock, threads or
//! memory, so that it can be tested in simulated time.
//!
//! Tasks start with one item a worker and grow with the measured time per item, at most [`GROWTH`] times a step, to
//! [`TARGET`] seconds of work: enough to make the cost of a task (about 0.1 ms) vanish, little enough to balance.
//! Where the total is known, no task takes more than a share of what is left, so that work that is skewed ends together.
//! Where workers share an interpreter, a task costs all of them: the more there are, the longer tasks must be.

/// Seconds of work in a task, at most.
const TARGET: f64 = 0.020;
/// Seconds of work in the first tasks of a run of which it is known how long an item took the last time.
const FIRST: f64 = 0.005;
/// Seconds of work below which a task is not cut further for balance, where tasks cost nobody but their worker.
const LEAST: f64 = 0.000_4;
/// A task is at least so many times the shortest one while there is much left.
const WORTH: f64 = 4.0;
/// A task holds at most so many times what the largest finished one held.
const GROWTH: u64 = 8;
/// Tasks on their way for each worker: one runs, one waits.
const DEPTH: usize = 2;
/// What is left is shared into so many tasks a worker.
const SHARES: u64 = 4;
/// The same, where tasks cost all workers: balance would cost more than it brings.
const COSTLY_SHARES: u64 = 2;
/// Tasks submitted and not taken, for each worker.
const AHEAD: usize = 24;
/// Bytes of results that wait to be taken.
const BYTES: u64 = 256 << 20;

/// The state of one run's schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    workers: usize,
    total: Option<u64>,
    submitted_items: u64,
    submitted: usize,
    taken: usize,
    unfinished: usize,
    waiting_bytes: u64,
    largest_finished: u64,
    seconds: f64,
    items: f64,
    measured: bool,
    shortest: f64,
    shares: u64,
}

impl Schedule {
    /// For a run on `workers` workers over `total` items, if that is known.
    pub fn new(workers: usize, total: Option<u64>) -> Self {
        Self {
            workers: workers.max(1),
            total,
            submitted_items: 0,
            submitted: 0,
            taken: 0,
            unfinished: 0,
            waiting_bytes: 0,
            largest_finished: 0,
            seconds: 0.0,
            items: 0.0,
            measured: false,
            shortest: LEAST,
            shares: SHARES,
        }
    }

    /// The same, where each task takes so many seconds in which no other worker can do anything.
    pub fn costing(mut self, each: f64) -> Self {
        self.shortest = LEAST.max(each * self.workers as f64);
        self.shares = COSTLY_SHARES;
        self
    }

    /// The same, where an item took so many seconds the last time. What is measured soon counts for more.
    pub fn expecting(mut self, each: Option<f64>) -> Self {
        if let Some(each) = each.filter(|each| *each > 0.0) {
            (self.seconds, self.items) = (each, 1.0);
            let first = FIRST.max(self.shortest);
            self.largest_finished = (first / each).round() as u64 / GROWTH;
        }
        self
    }

    /// Items for the next task; 0: wait.
    pub fn wanted(&self) -> usize {
        let full = self.unfinished >= DEPTH * self.workers
            || self.submitted - self.taken >= AHEAD * self.workers
            || self.waiting_bytes >= BYTES;
        if full { 0 } else { self.size() as usize }
    }

    fn size(&self) -> u64 {
        if self.largest_finished == 0 {
            return 1;
        }
        let each = (self.seconds / self.items).max(1e-9);
        let target = TARGET.max(WORTH * self.shortest);
        let by_time = (target / each) as u64;
        let mut size = by_time.min(self.largest_finished.saturating_mul(GROWTH));
        if let Some(total) = self.total {
            let left = total.saturating_sub(self.submitted_items);
            // What was the last time is no reason to cut a run into few tasks.
            let least = if self.measured {
                ((self.shortest / each).round() as u64).max(1)
            } else {
                1
            };
            size = size
                .min((left / (self.shares * self.workers as u64)).max(least))
                .min(left.max(1));
        }
        size.clamp(1, u64::from(u32::MAX))
    }

    /// Expected seconds of `items` items, if anything was measured.
    pub fn expected(&self, items: u64) -> Option<f64> {
        (self.items > 0.0).then(|| self.seconds / self.items * items as f64)
    }

    /// Seconds an item, if anything was measured.
    pub fn pace(&self) -> Option<f64> {
        (self.items > 0.0).then(|| self.seconds / self.items)
    }

    /// A task of `items` items was submitted.
    pub fn note_submitted(&mut self, items: u64) {
        self.submitted += 1;
        self.unfinished += 1;
        self.submitted_items += items;
    }

    /// A task of `items` items ended after `seconds`, with `bytes` of result.
    pub fn note_finished(&mut self, items: u64, seconds: f64, bytes: u64) {
        self.unfinished = self.unfinished.saturating_sub(1);
        self.waiting_bytes += bytes;
        if items == 0 {
            return;
        }
        self.measured = true;
        self.largest_finished = self.largest_finished.max(items);
        // What was measured long ago counts less: memory of about 64 tasks' worth of items.
        let keep = if self.items > 64.0 * items as f64 {
            0.97
        } else {
            1.0
        };
        self.seconds = self.seconds * keep + seconds;
        self.items = self.items * keep + items as f64;
    }

    /// The lowest task was taken, with its `bytes`.
    pub fn note_taken(&mut self, bytes: u64) {
        self.taken += 1;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
    }

    /// A task that was taken is to be run again.
    pub fn note_again(&mut self) {
        self.taken = self.taken.saturating_sub(1);
        self.unfinished += 1;
    }

    /// Tasks that were submitted and not taken.
    pub fn untaken(&self) -> usize {
        self.submitted - self.taken
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
