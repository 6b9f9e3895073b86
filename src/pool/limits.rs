//! Time limits of iterations. A worker of a run that has one says on the board when each iteration began; the pool's
//! thread ends the worker whose iteration is overdue, and hears of its death as of any other.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::board::Board;
use super::driver::Driver;
use super::roster::Worker;
use super::spawn;
use super::timeline;

/// The ticket whose iteration was overdue, and how many iterations of that task had finished.
pub type Overdue = (u64, u64);

impl Worker {
    /// The first unanswered task of a run with a limit: (ticket, limit in nanoseconds).
    fn limited(&self) -> Option<(u64, u64)> {
        let mut tasks = self.in_flight.iter();
        tasks.find_map(|entry| Some((entry.ticket, entry.task.as_ref()?.run.limit?)))
    }

    /// Nanoseconds until its iteration is overdue. A task that was not started yet may start at any time.
    fn patience(&self, board: &Board, now: u64) -> Option<u64> {
        let (ticket, limit) = self.limited()?;
        let cell = board.worker(self.slot);
        let running = cell.is_started(ticket) && cell.is_running();
        let since = if running {
            cell.since().load(Ordering::Relaxed)
        } else {
            now
        };
        Some(since.saturating_add(limit).saturating_sub(now))
    }
}

impl Driver {
    /// When the first worker can be overdue.
    pub(super) fn next_overdue(&self) -> Option<Instant> {
        let now = timeline::now();
        let workers = self.workers.iter().flatten();
        // One that is being ended is waited for without a time limit.
        let workers = workers.filter(|worker| worker.overdue.is_none());
        let left = workers
            .filter_map(|worker| worker.patience(&self.shared.board, now))
            .min()?;
        Instant::now().checked_add(Duration::from_nanos(left))
    }

    /// Ends the workers whose iterations are overdue.
    pub(super) fn enforce_limits(&mut self) {
        let now = timeline::now();
        let board = &self.shared.board;
        for worker in self.workers.iter_mut().flatten() {
            if worker.overdue.is_none() && worker.patience(board, now) == Some(0) {
                let Some((ticket, _)) = worker.limited() else {
                    continue;
                };
                let finished = board.worker(worker.slot).finished().load(Ordering::Relaxed);
                worker.overdue = Some((ticket, finished));
                spawn::signal(&worker.process.pidfd, Signal::KILL);
            }
        }
    }
}
