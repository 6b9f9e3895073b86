//! How long an item took when a job was last run. A cell that is run again begins with tasks of the right size, where it
//! would otherwise feel its way with small ones.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Jobs remembered.
const MOST: usize = 64;

/// Seconds an item, by job; the latest last.
#[derive(Default)]
pub struct Paces(Mutex<VecDeque<(Vec<u8>, f64)>>);

impl Paces {
    /// Of the job's last run.
    pub fn of(&self, job: &[u8]) -> Option<f64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(name, _)| name == job);
        found.map(|(_, each)| *each)
    }

    /// The job's run has ended.
    pub fn note(&self, job: &[u8], each: f64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(name, _)| name != job);
        known.push_back((job.to_vec(), each));
        if known.len() > MOST {
            known.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_a_job_counts_and_old_jobs_are_forgotten() {
        let paces = Paces::default();
        paces.note(b"job", 1.0);
        paces.note(b"job", 2.0);
        assert_eq!(paces.of(b"job"), Some(2.0));
        for other in 0..MOST {
            paces.note(&other.to_le_bytes(), 1.0);
        }
        assert_eq!(paces.of(b"job"), None);
        assert_eq!(paces.of(&0usize.to_le_bytes()), Some(1.0));
    }
}
