//! Which worker gets which task. Tasks wait with the pool, in order; a worker has at most one more than it runs, and
//! that one is taken back when somebody else is free before it was started.

use std::sync::Arc;

use super::board::{SLOTS, TICKETS};
use super::driver::Driver;
use super::run::{Run, Task};

impl Driver {
    pub(super) fn dispatch(&mut self) {
        if self.stop_by.is_some() {
            return;
        }
        for at in 0..self.runs.len() {
            self.dispatch_run(at);
        }
        for slot in 0..self.workers.len() {
            if self.workers[slot]
                .as_ref()
                .is_some_and(|worker| worker.process.channel.has_outgoing())
            {
                self.flush(slot);
            }
        }
    }

    fn dispatch_run(&mut self, at: usize) {
        let run = Arc::clone(&self.runs[at].run);
        if !self.runs[at].queue.is_empty() {
            let most = run.total.map_or(run.workers, |total| {
                run.workers.min(total.min(SLOTS as u64) as usize)
            });
            if self.workers.iter().flatten().count() < most {
                self.ensure(most);
            }
            if let Some(error) = &self.broken
                && self.workers.iter().all(Option::is_none)
            {
                run.fail(error.clone());
            }
        }
        loop {
            let Some(slot) = self.free_worker(&run, self.runs[at].queue.is_empty()) else {
                return;
            };
            let Some(task) = self.runs[at].queue.pop_front().or_else(|| self.steal(&run)) else {
                return;
            };
            if let Some(worker) = self.workers[slot].as_mut() {
                run.counters.set_busy(slot, true);
                worker.assign(task, &self.shared.board);
            }
        }
    }

    /// Who takes the next task: an idle worker, best one that knows the job; else, unless only idle ones are wanted,
    /// one that runs a task of this run and has nothing waiting.
    fn free_worker(&self, run: &Run, idle_only: bool) -> Option<usize> {
        let able = || {
            let workers = self.workers.iter().flatten();
            workers.filter(|worker| {
                worker.serves && !worker.closed && worker.in_flight.len() + 1 < TICKETS
            })
        };
        let using = able().filter(|worker| worker.works_for(run.id)).count();
        if using < run.workers {
            let idle = able().filter(|worker| worker.load() == 0);
            if let Some(worker) = idle.min_by_key(|worker| !worker.defined.contains(&run.job)) {
                return Some(worker.slot);
            }
        }
        if idle_only {
            return None;
        }
        able()
            .find(|worker| worker.load() == 1 && worker.works_for(run.id))
            .map(|worker| worker.slot)
    }

    /// A task that waits behind another one in some worker.
    fn steal(&mut self, run: &Run) -> Option<Task> {
        let board = &self.shared.board;
        let mut loaded = self
            .workers
            .iter_mut()
            .flatten()
            .filter(|worker| worker.load() > 1);
        loaded.find_map(|worker| worker.revoke_last(board, run.id))
    }
}
