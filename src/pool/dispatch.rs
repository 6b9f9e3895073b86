//! Which worker gets which task. Tasks wait with the pool, in order; a worker has at most one more than it runs, and
//! that one is taken back when somebody else is free before it was started.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::board::SLOTS;
use super::driver::Driver;
use super::roster::Worker;
use super::run::{Run, Task};
use super::standing::Stand;

impl Driver {
    pub(super) fn dispatch(&mut self) {
        if self.stop_by.is_some() {
            return;
        }
        let mut given = BTreeSet::new();
        for at in 0..self.runs.len() {
            self.dispatch_run(at, &mut given);
        }
        given.into_iter().for_each(|slot| self.flush(slot));
    }

    /// Gives out what can be given out of one run; `given` notes to whom.
    fn dispatch_run(&mut self, at: usize, given: &mut BTreeSet<usize>) {
        let run = Arc::clone(&self.runs[at].run);
        if !self.runs[at].queue.is_empty() && !run.own {
            let most = run.total.map_or(run.workers, |total| {
                run.workers.min(total.min(SLOTS as u64) as usize)
            });
            if self.living < most {
                self.ensure(most);
            }
            if let Some(error) = &self.broken
                && !self
                    .workers
                    .iter()
                    .flatten()
                    .any(|worker| worker.is_for(&run))
            {
                run.fail(error.clone());
            }
        }
        loop {
            let empty = self.runs[at].queue.is_empty();
            if empty && self.standings.full(run.id).next().is_none() {
                return;
            }
            let Some(slot) = self.free_worker(&run, empty) else {
                return;
            };
            let Some(task) = self.runs[at].queue.pop_front().or_else(|| self.steal(&run)) else {
                return;
            };
            if let Some(worker) = self.workers[slot].as_mut() {
                run.counters.set_busy(slot, true);
                worker.assign(task, &self.shared.board);
                given.insert(slot);
                if let Some(limit) = run.limit {
                    self.not_after(Instant::now().checked_add(Duration::from_nanos(limit)));
                }
            }
            self.note(slot);
        }
    }

    /// Who takes the next task: an idle worker, best one that knows the job; else, unless only idle ones are wanted,
    /// one that runs a task of this run and has nothing waiting.
    fn free_worker(&self, run: &Run, idle_only: bool) -> Option<usize> {
        if self.standings.using(run.id) < run.workers {
            let knows = |slot: &usize| {
                let worker = self.workers[*slot].as_ref();
                worker.is_some_and(|worker| worker.defined.contains(&run.job))
            };
            let own = run.own.then_some(run.id);
            let first = self.standings.idle(own).next();
            if let Some(slot) = self.standings.idle(own).find(knows).or(first) {
                return Some(slot);
            }
        }
        if idle_only {
            return None;
        }
        self.standings.half(run.id)
    }

    /// A task that waits behind another one in some worker.
    fn steal(&mut self, run: &Run) -> Option<Task> {
        let board = &self.shared.board;
        let (slot, task) = self.standings.full(run.id).find_map(|slot| {
            let worker = self.workers[slot].as_mut()?;
            let waits = worker.load() > 1;
            Some((slot, waits.then(|| worker.revoke_last(board, run.id))??))
        })?;
        self.note(slot);
        Some(task)
    }

    /// A worker may stand otherwise than before.
    pub(super) fn note(&mut self, slot: usize) {
        let worker = self.workers[slot].as_ref();
        self.standings
            .set(slot, worker.map_or(Stand::Away, Worker::stand));
    }
}
