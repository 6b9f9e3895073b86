//! The thread that samples and shows.
//!
//! States: waiting (nothing shown for [`APPEARS_AFTER`]) -> showing -> finished. The thread alone moves them; `finish`
//! sets the last word under the lock, wakes the thread and joins it, so that nothing is shown after it returns.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::estimate::Estimate;
use super::render::{self, Snapshot};
use super::{APPEARS_AFTER, INTERVAL, Sink, Source, Title};

/// How the run ended, in one line.
struct Summary {
    text: String,
    failed: bool,
}

#[derive(Default)]
struct Shared {
    /// The outer Option: whether the run has ended; the inner: what is to be said of it, if anything.
    end: Mutex<Option<Option<Summary>>>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<Option<Summary>>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the display may appear; zero in tests.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub appears_after: Duration,
    pub interval: Duration,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            appears_after: APPEARS_AFTER,
            interval: INTERVAL,
        }
    }
}

/// A live display of one run.
pub struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begin to watch `source`.
    ///
    /// # Errors
    /// If the operating system gives no thread.
    pub fn start(
        title: Title,
        source: Arc<dyn Source>,
        sink: Arc<dyn Sink>,
        start: Start,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("paracell-progress".into())
            .spawn(move || watch(&title, source.as_ref(), sink.as_ref(), &watched, start))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Stop; if a display was shown it becomes the line `summary`. Returns after the last update was handed over.
    pub fn finish(mut self, summary: String, failed: bool) {
        self.end(Some(Summary {
            text: summary,
            failed,
        }));
    }

    fn end(&mut self, summary: Option<Summary>) {
        self.shared.lock().get_or_insert(summary);
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the progress thread panicked");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end(None);
    }
}

fn watch(title: &Title, source: &dyn Source, sink: &dyn Sink, shared: &Shared, start: Start) {
    let began = Instant::now();
    let mut estimate = Estimate::default();
    let mut shown = false;
    let mut wait = start.appears_after;
    loop {
        let guard = shared.lock();
        let (guard, _) = shared
            .wake
            .wait_timeout_while(guard, wait, |end| end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = guard.as_ref() {
            if let (true, Some(summary)) = (shown, end) {
                sink.show(false, &render::finished(&summary.text, summary.failed));
            }
            return;
        }
        drop(guard);
        estimate.record(began.elapsed(), source.finished());
        sink.show(
            !shown,
            &render::running(title, &snapshot(title, source, &estimate)),
        );
        shown = true;
        wait = start.interval;
    }
}

pub(super) fn snapshot(title: &Title, source: &dyn Source, estimate: &Estimate) -> Snapshot {
    Snapshot {
        finished: source.finished(),
        failed: source.failed(),
        workers: source.workers(),
        rate: estimate.rate(),
        left: title.total.and_then(|total| estimate.left(total)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::progress::{Rendered, WorkerState};

    struct Count(AtomicU64);

    impl Source for Count {
        fn finished(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
        fn failed(&self) -> u64 {
            0
        }
        fn workers(&self) -> Vec<WorkerState> {
            Vec::new()
        }
    }

    struct Shown(Mutex<Sender<(bool, Rendered)>>);

    impl Sink for Shown {
        fn show(&self, first: bool, rendered: &Rendered) {
            self.0
                .lock()
                .unwrap()
                .send((first, rendered.clone()))
                .unwrap();
        }
    }

    fn begin(appears_after: Duration) -> (Progress, Arc<Count>, Receiver<(bool, Rendered)>) {
        let (sender, receiver) = channel();
        let count = Arc::new(Count(AtomicU64::new(0)));
        let title = Title {
            region: "line 1".into(),
            backend: "threads".into(),
            workers: 4,
            total: Some(8),
        };
        let start = Start {
            appears_after,
            interval: Duration::from_millis(1),
        };
        let source = Arc::clone(&count) as Arc<dyn Source>;
        let progress =
            Progress::start(title, source, Arc::new(Shown(Mutex::new(sender))), start).unwrap();
        (progress, count, receiver)
    }

    #[test]
    fn a_run_shorter_than_the_threshold_shows_nothing() {
        let (progress, _, shown) = begin(Duration::from_secs(3600));
        progress.finish("done".into(), false);
        assert!(
            shown.recv().is_err(),
            "nothing was shown and the thread is gone"
        );
    }

    #[test]
    fn the_display_follows_the_count_and_becomes_the_summary() {
        let (progress, count, shown) = begin(Duration::ZERO);
        let (first, rendered) = shown.recv().unwrap();
        assert!(first && rendered.plain.contains("0/8"), "{rendered:?}");
        count.0.store(3, Ordering::Relaxed);
        loop {
            let (first, rendered) = shown.recv().unwrap();
            assert!(!first, "one display, updated");
            if rendered.plain.contains("3/8") {
                break;
            }
        }
        progress.finish("8 items".into(), false);
        let last = shown.iter().last().unwrap().1;
        assert_eq!(last.plain, "✓ 8 items");
    }

    #[test]
    fn dropping_it_ends_the_thread_without_a_last_word() {
        let (progress, _, shown) = begin(Duration::from_secs(3600));
        drop(progress);
        assert!(shown.recv().is_err());
    }
}
