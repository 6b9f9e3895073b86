//! Runs on threads of this process: a rayon pool of our own, the same schedule, the same order of results. What a job is
//! and what it yields is the caller's; a panic is the caller's to catch.
//!
//! A run keeps its own queue and at most `workers` pumps on the pool, each emptying the queue until nothing is left.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counters::CounterPage;
use super::error::PoolError;
use super::run::Stats;
use super::schedule::Schedule;
use super::timeline::{self, Span, Timeline};
use super::wake::Ready;

/// Stack of a thread: as roomy as a main thread's, twice over.
pub const STACK: usize = 16 << 20;

/// Seconds for which a task has the interpreter, which all threads share: to hand it out, to begin it and to take its
/// result.
const TURN: f64 = 0.000_1;

thread_local! {
    static COUNTS: RefCell<Option<(Arc<CounterPage>, usize)>> = const { RefCell::new(None) };
    static CANCELLED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
    static SAY: RefCell<Option<Say>> = const { RefCell::new(None) };
}

type Say = Box<dyn Fn(&[u8])>;

/// This thread's task says something before it ends, for whoever waits for its outcome.
pub fn say(bytes: &[u8]) {
    SAY.with_borrow(|say| {
        if let Some(say) = say {
            say(bytes);
        }
    });
}

/// Whether this thread runs a task of a run that has ended.
pub fn is_cancelled() -> bool {
    CANCELLED.with_borrow(|flag| {
        flag.as_ref()
            .is_some_and(|flag| flag.load(Ordering::SeqCst))
    })
}

/// `count` more items are finished, if this thread runs a task; else false.
pub fn item_done(count: u64) -> bool {
    COUNTS.with_borrow(|counts| {
        let cell = counts.as_ref().and_then(|(page, slot)| page.cell(*slot));
        cell.inspect(|cell| {
            cell.fetch_add(count, Ordering::Relaxed);
        })
        .is_some()
    })
}

/// A task: called with the number of its worker.
pub type Job<T> = Box<dyn FnOnce(usize) -> T + Send>;

/// What became of a task.
pub struct Outcome<T> {
    /// Its index.
    pub task: u64,
    /// What it yielded.
    pub value: T,
    /// How long it took.
    pub nanos: u64,
}

struct Queued<T> {
    index: u64,
    items: u64,
    first: u64,
    job: Job<T>,
}

struct State<T> {
    schedule: Schedule,
    queue: VecDeque<Queued<T>>,
    outcomes: HashMap<u64, Outcome<T>>,
    said: HashMap<u64, Vec<u8>>,
    submitted: u64,
    next: u64,
    free: Vec<usize>,
    ended: bool,
    stats: Stats,
    timeline: Timeline,
}

/// One run.
pub struct ThreadRun<T> {
    /// On how many threads at once.
    pub workers: usize,
    /// Finished items.
    pub counters: Arc<CounterPage>,
    /// Set when an outcome comes in, and when a thread comes out of a run that has ended.
    pub ready: Ready,
    pool: Arc<rayon::ThreadPool>,
    state: Mutex<State<T>>,
    cancelled: Arc<AtomicBool>,
    poked: AtomicBool,
}

impl<T: Send + 'static> ThreadRun<T> {
    /// A run without tasks.
    pub fn new(
        pool: Arc<rayon::ThreadPool>,
        workers: usize,
        total: Option<u64>,
    ) -> Result<Arc<Self>, PoolError> {
        let state = State {
            schedule: Schedule::new(workers, total).costing(TURN),
            queue: VecDeque::new(),
            outcomes: HashMap::new(),
            said: HashMap::new(),
            submitted: 0,
            next: 0,
            free: (0..workers).rev().collect(),
            ended: false,
            stats: Stats::default(),
            timeline: Timeline::starting_now(),
        };
        Ok(Arc::new(Self {
            workers,
            counters: CounterPage::of_threads(workers),
            ready: Ready::new().map_err(|error| PoolError::os("cannot make an eventfd", error))?,
            pool,
            state: Mutex::new(state),
            cancelled: Arc::default(),
            poked: AtomicBool::new(false),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Items for the next task; 0: wait.
    pub fn wanted(&self) -> usize {
        let state = self.lock();
        if state.ended {
            0
        } else {
            state.schedule.wanted()
        }
    }

    /// Queues a task; its index.
    pub fn submit(
        self: &Arc<Self>,
        job: Job<T>,
        (first, items): (u64, u64),
    ) -> Result<u64, PoolError> {
        let mut state = self.lock();
        if state.ended {
            return Err(PoolError::RunClosed);
        }
        let index = state.submitted;
        state.submitted += 1;
        state.schedule.note_submitted(items);
        state.queue.push_back(Queued {
            index,
            items,
            first,
            job,
        });
        if let Some(slot) = state.free.pop() {
            let run = Arc::clone(self);
            self.pool.spawn(move || run.pump(slot));
        }
        Ok(index)
    }

    fn pump(self: &Arc<Self>, slot: usize) {
        self.counters.set_busy(slot, true);
        COUNTS.set(Some((Arc::clone(&self.counters), slot)));
        CANCELLED.set(Some(Arc::clone(&self.cancelled)));
        while let Some(queued) = self.take(slot) {
            let (run, index) = (Arc::clone(self), queued.index);
            SAY.set(Some(Box::new(move |bytes| run.say(index, bytes))));
            let begun = timeline::now();
            let value = (queued.job)(slot);
            let nanos = timeline::now().saturating_sub(begun);
            self.settle(
                slot,
                (queued.first, queued.items),
                begun,
                Outcome {
                    task: queued.index,
                    value,
                    nanos,
                },
            );
        }
        SAY.set(None);
        COUNTS.set(None);
        CANCELLED.set(None);
        self.counters.set_busy(slot, false);
    }

    fn take(&self, slot: usize) -> Option<Queued<T>> {
        let mut state = self.lock();
        let queued = state.queue.pop_front();
        if queued.is_none() {
            state.free.push(slot);
            if state.ended {
                self.ready.set();
            }
        }
        queued
    }

    fn settle(&self, slot: usize, span: (u64, u64), begun: u64, outcome: Outcome<T>) {
        let items = span.1;
        let mut state = self.lock();
        if state.ended {
            // The value is dropped without the lock: dropping it may run code.
            drop(state);
            return;
        }
        state
            .schedule
            .note_finished(items, outcome.nanos as f64 / 1e9, 0);
        state.timeline.note(slot, span, begun, outcome.nanos);
        state.stats.tasks += 1;
        state.stats.items += items;
        state.stats.nanos += outcome.nanos;
        state.outcomes.insert(outcome.task, outcome);
        // Whoever waits for the outcome that is due may have tasks to submit meanwhile: any end may make room.
        self.ready.set();
    }

    /// The outcome that is due, if it is there. Clear `ready`, ask, then wait.
    pub fn try_next(&self) -> Result<Option<Outcome<T>>, PoolError> {
        let mut state = self.lock();
        let next = state.next;
        if let Some(outcome) = state.outcomes.remove(&next) {
            state.said.remove(&next);
            state.next += 1;
            state.schedule.note_taken(0);
            return Ok(Some(outcome));
        }
        if state.ended {
            return Err(PoolError::RunClosed);
        }
        if next >= state.submitted {
            Err(PoolError::NothingSubmitted)
        } else {
            Ok(None)
        }
    }

    /// Whether `try_next` has an outcome.
    pub fn is_ready(&self) -> bool {
        let state = self.lock();
        state.outcomes.contains_key(&state.next) || state.ended
    }

    /// Drops what is queued and every result to come. Whether the run was open until now.
    pub fn end(&self) -> bool {
        let mut state = self.lock();
        let was_open = !std::mem::replace(&mut state.ended, true);
        self.cancelled.store(true, Ordering::SeqCst);
        let (queue, outcomes) = (
            std::mem::take(&mut state.queue),
            std::mem::take(&mut state.outcomes),
        );
        drop(state);
        drop((queue, outcomes));
        was_open
    }

    /// Wakes whoever waits for an outcome: there is something else to look at.
    pub fn poke(&self) {
        self.poked.store(true, Ordering::SeqCst);
        self.ready.set();
    }

    /// Whether it was poked since this was asked last.
    pub fn was_poked(&self) -> bool {
        self.poked.swap(false, Ordering::SeqCst)
    }

    fn say(&self, index: u64, bytes: &[u8]) {
        let mut state = self.lock();
        if state.ended {
            return;
        }
        let said = state.said.entry(index).or_default();
        said.extend_from_slice(bytes);
        if index == state.next {
            self.ready.set();
        }
    }

    /// What the task that is due has said since this was asked last.
    pub fn said(&self) -> Vec<u8> {
        let mut state = self.lock();
        let next = state.next;
        state.said.remove(&next).unwrap_or_default()
    }

    /// Whether `said` would give something.
    pub fn is_heard(&self) -> bool {
        let state = self.lock();
        state.said.contains_key(&state.next)
    }

    /// Whether no thread is at it.
    pub fn is_quiet(&self) -> bool {
        self.lock().free.len() == self.workers
    }

    /// When which thread was busy with what, so far.
    pub fn spans(&self) -> Vec<Span> {
        self.lock().timeline.spans()
    }

    /// What it amounted to so far.
    pub fn stats(&self) -> Stats {
        self.lock().stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_items_are_counted() {
        let pool = Arc::new(
            rayon::ThreadPoolBuilder::new()
                .num_threads(3)
                .build()
                .unwrap(),
        );
        let run = ThreadRun::new(pool, 3, None).unwrap();
        for index in 0..100u64 {
            let job = Box::new(move |_| {
                item_done(2);
                index * index
            });
            run.submit(job, (2 * index, 2)).unwrap();
        }
        for index in 0..100 {
            let outcome = loop {
                run.ready.clear();
                match run.try_next().unwrap() {
                    Some(outcome) => break outcome,
                    None => run.ready.wait().unwrap(),
                };
            };
            assert_eq!((outcome.task, outcome.value), (index, index * index));
        }
        assert_eq!(run.counters.finished(), 200);
        let items = run.spans().iter().map(|span| span.items).sum::<u64>();
        assert_eq!(items, 200);
        assert!(matches!(run.try_next(), Err(PoolError::NothingSubmitted)));
        assert!(!item_done(1), "this thread runs no task");
    }
}
