//! Workers that are started before a run needs them, and told of the job that it will be: while much is still being
//! copied for it, or when the run is over that had forks in their place.

use std::sync::Arc;
use std::time::Instant;

use super::driver::Driver;
use super::parcel::Blob;

/// What is to be done, and when.
pub(super) struct Expected {
    /// Not before.
    pub at: Instant,
    /// There are to be so many workers.
    pub workers: usize,
    /// They may prepare for this job in idle time.
    pub job: Option<(Vec<u8>, Arc<Blob>)>,
}

impl Driver {
    /// Notes it; of two such wishes, the earlier time and the greater number count.
    pub(super) fn hope_for(&mut self, mut wish: Expected) {
        self.broken = None;
        if let Some(other) = self.expected.take() {
            wish.at = wish.at.min(other.at);
            wish.workers = wish.workers.max(other.workers);
            wish.job = wish.job.or(other.job);
        }
        self.not_after(Some(wish.at));
        self.expected = Some(wish);
    }

    /// Does what is due.
    pub(super) fn start_expected(&mut self) {
        let due = |wish: &mut Expected| wish.at <= Instant::now();
        let Some(wish) = self.expected.take_if(due) else {
            return;
        };
        self.ensure(wish.workers);
        // It may have been discarded meanwhile.
        if let Some((key, blob)) = wish.job.filter(|(key, _)| self.shared.has(key)) {
            let workers = self.workers.iter_mut().flatten();
            for worker in workers.filter(|worker| worker.only.is_none()) {
                worker.define(&key, &blob);
            }
            self.flush_all();
        }
    }
}
