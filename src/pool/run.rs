//! One run: its schedule and its outcomes, between the thread that submits and takes and the thread that works the
//! workers. Both hold the state's mutex only for moments and never while they wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counters::CounterPage;
use super::error::PoolError;
use super::parcel::{Blob, Parcel, Received};
use super::schedule::Schedule;
use super::timeline::{Span, Timeline};
use super::wake::Ready;

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exit {
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Or its exit code. Neither: somebody else reaped it.
    pub code: Option<i32>,
    /// The most memory that it had in use, in bytes.
    pub peak: Option<u64>,
    /// Whether the pool has ended it, since one iteration took longer than the run allows.
    pub overdue: bool,
}

/// What became of a task.
pub struct Outcome {
    /// Its index.
    pub task: u64,
    /// The result, or how its worker died.
    pub result: Result<Received, Exit>,
    /// The worker's slot.
    pub worker: usize,
    /// The worker's process.
    pub pid: u32,
    /// When it was begun, on the clock of `timeline::now`.
    pub begun: u64,
    /// Busy time.
    pub nanos: u64,
    /// Items of the task that had finished.
    pub finished: u64,
}

/// A task, until its outcome is known.
pub struct Task {
    /// Whose it is.
    pub run: Arc<Run>,
    /// Its index in the run.
    pub index: u64,
    /// Its items.
    pub items: u64,
    /// The iteration that its first item is.
    pub first: u64,
    /// Its bytes.
    pub parcel: Parcel,
    /// How many workers died before they could start it.
    pub misses: u32,
}

/// What a run amounted to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    /// Tasks that ended with a result.
    pub tasks: u64,
    /// Their items.
    pub items: u64,
    /// Busy time of all workers.
    pub nanos: u64,
    /// Bytes sent with tasks.
    pub bytes_in: u64,
    /// Bytes received with results.
    pub bytes_out: u64,
}

struct State {
    schedule: Schedule,
    outcomes: HashMap<u64, Outcome>,
    died: HashMap<u64, Task>,
    /// What tasks that still run have said, by their index.
    said: HashMap<u64, Vec<u8>>,
    submitted: u64,
    next: u64,
    /// Workers of its own that have ended and were not replaced.
    lost: usize,
    error: Option<PoolError>,
    /// Cancelled or closed: results are dropped.
    ended: bool,
    /// No worker runs a task of this run, and none will.
    quiet: bool,
    stats: Stats,
    timeline: Timeline,
}

/// A run of worker processes.
pub struct Run {
    /// Unique in this process; 0 is none.
    pub id: u64,
    /// Its lane on the board.
    pub lane: usize,
    /// On how many workers at once.
    pub workers: usize,
    /// What each task calls.
    pub job: Vec<u8>,
    needs: Mutex<Needs>,
    /// Whether only workers that were forked for it run its tasks.
    pub own: bool,
    /// Number of items, if known.
    pub total: Option<u64>,
    /// Nanoseconds after which an iteration is overdue and its worker is ended.
    pub limit: Option<u64>,
    /// Finished items.
    pub counters: Arc<CounterPage>,
    /// Set when an outcome comes in.
    pub ready: Ready,
    state: Mutex<State>,
}

/// Blobs by key, in the order in which workers define them.
pub type Needs = Arc<[(Vec<u8>, Arc<Blob>)]>;

/// What `Run` is made from.
pub struct Setting {
    pub id: u64,
    pub lane: usize,
    pub workers: usize,
    pub job: Vec<u8>,
    pub needs: Needs,
    pub own: bool,
    pub total: Option<u64>,
    pub limit: Option<u64>,
    /// Seconds an item took the last time, if that is known.
    pub pace: Option<f64>,
    pub counters: Arc<CounterPage>,
}

impl Run {
    /// A run without tasks.
    pub fn new(s: Setting) -> Result<Arc<Self>, PoolError> {
        let state = State {
            schedule: Schedule::new(s.workers, s.total).expecting(s.pace),
            outcomes: HashMap::new(),
            died: HashMap::new(),
            said: HashMap::new(),
            submitted: 0,
            next: 0,
            lost: 0,
            error: None,
            ended: false,
            quiet: false,
            stats: Stats::default(),
            timeline: Timeline::starting_now(),
        };
        Ok(Arc::new(Self {
            id: s.id,
            lane: s.lane,
            workers: s.workers,
            job: s.job,
            needs: Mutex::new(s.needs),
            own: s.own,
            total: s.total,
            limit: s.limit,
            counters: s.counters,
            ready: Ready::new().map_err(|error| PoolError::os("cannot make an eventfd", error))?,
            state: Mutex::new(state),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the submitting thread

    /// Items for the next task; 0: wait.
    pub fn wanted(&self) -> Result<usize, PoolError> {
        let state = self.lock();
        match &state.error {
            Some(error) => Err(error.clone()),
            None if state.ended => Ok(0),
            None => Ok(state.schedule.wanted()),
        }
    }

    /// Counts a task in.
    pub fn submit(
        self: &Arc<Self>,
        parcel: Parcel,
        (first, items): (u64, u64),
    ) -> Result<Task, PoolError> {
        let mut state = self.lock();
        if state.ended {
            return Err(PoolError::RunClosed);
        }
        let index = state.submitted;
        state.submitted += 1;
        state.schedule.note_submitted(items);
        state.stats.bytes_in += parcel.bytes();
        Ok(Task {
            run: Arc::clone(self),
            index,
            items,
            first,
            parcel,
            misses: 0,
        })
    }

    /// The outcome that is due, if it is there. Clear `ready`, ask, then wait: so no wake-up is lost.
    pub fn try_next(&self) -> Result<Option<Outcome>, PoolError> {
        let mut state = self.lock();
        let next = state.next;
        if let Some(outcome) = state.outcomes.remove(&next) {
            state.next += 1;
            state.said.remove(&next);
            state
                .schedule
                .note_taken(outcome.result.as_ref().map_or(0, Received::bytes));
            return Ok(Some(outcome));
        }
        match &state.error {
            Some(error) => Err(error.clone()),
            None if state.ended => Err(PoolError::RunClosed),
            None if next >= state.submitted => Err(PoolError::NothingSubmitted),
            None => Ok(None),
        }
    }

    /// Whether a task that still runs has said something that was not taken.
    pub fn has_said(&self, index: u64) -> bool {
        self.lock().said.contains_key(&index)
    }

    /// What a task that still runs has said since it was asked last.
    pub fn take_said(&self, index: u64) -> Vec<u8> {
        self.lock().said.remove(&index).unwrap_or_default()
    }

    /// How many of its own workers have ended and are to be replaced.
    pub fn lost(&self) -> usize {
        self.lock().lost
    }

    /// As `lost`; they are being replaced now.
    pub fn take_lost(&self) -> usize {
        std::mem::take(&mut self.lock().lost)
    }

    /// Whether `try_next` has something to say.
    pub fn is_ready(&self) -> bool {
        let state = self.lock();
        state.outcomes.contains_key(&state.next) || state.error.is_some() || state.ended
    }

    /// A task that died and was taken last, to be run again under its index.
    pub fn again(&self, index: u64) -> Option<Task> {
        let mut state = self.lock();
        if state.ended || index + 1 != state.next {
            return None;
        }
        let task = state.died.remove(&index)?;
        state.next = index;
        state.schedule.note_again();
        Some(task)
    }

    /// From now on results are dropped. Whether it was open until now.
    pub fn end(&self) -> bool {
        let mut state = self.lock();
        let was_open = !state.ended;
        state.ended = true;
        // Outcomes and tasks give their blocks back.
        state.outcomes.clear();
        state.died.clear();
        state.said.clear();
        was_open
    }

    /// Whether no worker is at it any more.
    pub fn is_quiet(&self) -> bool {
        self.lock().quiet
    }

    /// Seconds an item, if anything was measured.
    pub fn pace(&self) -> Option<f64> {
        self.lock().schedule.pace()
    }

    /// What it amounted to so far.
    pub fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// When which worker was busy with what, so far.
    pub fn spans(&self) -> Vec<Span> {
        self.lock().timeline.spans()
    }

    // ---- the pool's thread

    /// Expected seconds of `items` items.
    pub fn expected(&self, items: u64) -> Option<f64> {
        self.lock().schedule.expected(items)
    }

    /// An outcome came in, of the iterations `first .. first + items`.
    pub fn settle(&self, (first, items): (u64, u64), outcome: Outcome, died: Option<Task>) {
        let mut state = self.lock();
        if state.ended {
            drop(state);
            return;
        }
        let bytes = outcome.result.as_ref().map_or(0, Received::bytes);
        let measured = if outcome.result.is_ok() { items } else { 0 };
        state
            .schedule
            .note_finished(measured, outcome.nanos as f64 / 1e9, bytes);
        state.stats.nanos += outcome.nanos;
        if outcome.result.is_ok() {
            let span = (first, items);
            state
                .timeline
                .note(outcome.worker, span, outcome.begun, outcome.nanos);
            state.stats.tasks += 1;
            state.stats.items += items;
            state.stats.bytes_out += bytes;
        }
        let index = outcome.task;
        state.outcomes.insert(index, outcome);
        state.died.extend(died.map(|task| (index, task)));
        // Whoever waits for the outcome that is due may have tasks to submit meanwhile: any end may make room.
        self.ready.set();
    }

    /// A task that still runs says something. It is dropped with the worker if that dies.
    pub fn say(&self, index: u64, bytes: &[u8]) {
        let mut state = self.lock();
        if !state.ended {
            state
                .said
                .entry(index)
                .or_default()
                .extend_from_slice(bytes);
            self.ready.set();
        }
    }

    /// One of its own workers has ended.
    pub fn lose(&self) {
        self.lock().lost += 1;
        self.ready.set();
    }

    /// The run cannot go on.
    pub fn fail(&self, error: PoolError) {
        self.lock().error.get_or_insert(error);
        self.ready.set();
    }

    /// What is defined in a worker before its first task.
    pub fn needs(&self) -> Needs {
        Arc::clone(&self.needs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets go of descriptors and shared memory: nothing of a closed run is left but numbers, however long its handle
    /// lives (a traceback keeps it).
    pub fn release(&self) {
        self.ready.release();
        *self.needs.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new([]);
    }

    /// The pool has nothing of this run any more.
    pub fn set_quiet(&self) {
        self.lock().quiet = true;
        self.ready.set();
    }
}
