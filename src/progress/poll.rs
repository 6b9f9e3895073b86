//! A display without a thread: whoever shows it asks now and then what there is to show.

use std::sync::Arc;
use std::time::Instant;

use super::estimate::Estimate;
use super::render;
use super::ticker::{Start, snapshot};
use super::{Rendered, Source, Title};

/// What a display of one run would show, at the pace of one that is live.
pub struct Poll {
    title: Title,
    source: Arc<dyn Source>,
    start: Start,
    began: Instant,
    estimate: Estimate,
    shown: Option<Instant>,
}

impl Poll {
    /// Begin to watch `source`.
    pub fn new(title: Title, source: Arc<dyn Source>, start: Start) -> Self {
        Self {
            title,
            source,
            start,
            began: Instant::now(),
            estimate: Estimate::default(),
            shown: None,
        }
    }

    /// What is to be shown now, if it is time; whether it is the first.
    pub fn now(&mut self) -> Option<(bool, Rendered)> {
        let now = Instant::now();
        let due = match self.shown {
            None => self.began + self.start.appears_after,
            Some(last) => last + self.start.interval,
        };
        if now < due {
            return None;
        }
        self.estimate
            .record(self.began.elapsed(), self.source.finished());
        let first = self.shown.replace(now).is_none();
        let snapshot = snapshot(&self.title, self.source.as_ref(), &self.estimate);
        Some((first, render::running(&self.title, &snapshot)))
    }

    /// The one line that stays, where something was shown.
    pub fn finished(&self, summary: &str, failed: bool) -> Option<Rendered> {
        self.shown.map(|_| render::finished(summary, failed))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::progress::WorkerState;

    struct Seven;

    impl Source for Seven {
        fn finished(&self) -> u64 {
            7
        }
        fn failed(&self) -> u64 {
            0
        }
        fn workers(&self) -> Vec<WorkerState> {
            Vec::new()
        }
    }

    fn poll(appears_after: Duration, interval: Duration) -> Poll {
        let title = Title {
            region: "line 1".into(),
            backend: "threads".into(),
            workers: 4,
            total: Some(8),
        };
        let start = Start {
            appears_after,
            interval,
        };
        Poll::new(title, Arc::new(Seven), start)
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn a_run_shorter_than_the_threshold_shows_nothing() {
        let mut poll = poll(LONG, Duration::ZERO);
        assert!(poll.now().is_none());
        assert!(poll.finished("done", false).is_none());
    }

    #[test]
    fn it_shows_updates_at_its_pace_and_a_last_word() {
        let mut poll = poll(Duration::ZERO, LONG);
        let (first, shown) = poll.now().unwrap();
        assert!(first && shown.plain.contains("7/8"), "{}", shown.plain);
        assert!(poll.now().is_none(), "not twice in an interval");
        poll.start.interval = Duration::ZERO;
        assert!(!poll.now().unwrap().0, "an update of what was shown");
        assert_eq!(poll.finished("done", true).unwrap().plain, "✗ done");
    }
}
