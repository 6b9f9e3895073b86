//! `_native.Progress`: the progress thread between the pool's counters and the kernel's iopub. The thread takes no GIL.
//! `_native.ProgressPoll`: the same display where the kernel is somebody else's, for Python to publish.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::kernel::Kernel;
use super::pool::Counters;
use crate::jupyter::{Message, Wire};
use crate::pool::counters::CounterPage;
use crate::progress::{self, Poll, Rendered, Sink, Source, Start, Title, WorkerState};

/// Adds the class of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Progress>()?;
    module.add_class::<ProgressPoll>()
}

impl Source for CounterPage {
    fn finished(&self) -> u64 {
        self.finished()
    }

    fn failed(&self) -> u64 {
        self.failed()
    }

    fn workers(&self) -> Vec<WorkerState> {
        let state = |(finished, busy)| WorkerState { finished, busy };
        self.by_seat().into_iter().map(state).collect()
    }
}

/// One display on iopub, shown and then updated.
struct Display {
    wire: Arc<Wire>,
    parent: Bytes,
    id: String,
}

impl Sink for Display {
    fn show(&self, first: bool, rendered: &Rendered) {
        // A display that goes on may skip a turn where a client is far behind; its first and last words may not.
        if !first && !rendered.last && self.wire.full() {
            return;
        }
        let content = json!({
            "data": {"text/html": rendered.html, "text/plain": rendered.plain},
            "metadata": {"paracell": {"progress": true}},
            "transient": {"display_id": self.id},
        });
        let kind = if first {
            "display_data"
        } else {
            "update_display_data"
        };
        self.wire.publish(
            Bytes::new(),
            Message::new(kind, self.parent.clone(), content.to_string()),
        );
    }
}

/// A live display of a run.
#[pyclass(frozen, module = "paracell._native")]
pub struct Progress {
    running: Mutex<Option<progress::Progress>>,
}

#[pymethods]
impl Progress {
    #[new]
    #[pyo3(signature = (kernel, counters, *, parent, title, backend, workers, total))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        kernel: &Kernel,
        counters: &Counters,
        parent: &[u8],
        title: String,
        backend: String,
        workers: usize,
        total: Option<u64>,
    ) -> PyResult<Self> {
        let title = Title {
            region: title,
            backend,
            workers,
            total,
        };
        let display = Display {
            wire: kernel.wire(),
            parent: Bytes::copy_from_slice(parent),
            id: Uuid::new_v4().to_string(),
        };
        let source: Arc<dyn Source> = counters.page.clone();
        let running = progress::Progress::start(title, source, Arc::new(display), Start::default())
            .map_err(|error| {
                PyOSError::new_err(format!("cannot start the progress thread: {error}"))
            })?;
        Ok(Self {
            running: Mutex::new(Some(running)),
        })
    }

    #[pyo3(signature = (summary, *, failed = false))]
    fn finish(&self, py: Python<'_>, summary: String, failed: bool) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(running) = running {
            py.detach(|| running.finish(summary, failed));
        }
    }
}

/// What a live display of a run would show.
#[pyclass(frozen, module = "paracell._native")]
pub struct ProgressPoll {
    poll: Mutex<Poll>,
}

#[pymethods]
impl ProgressPoll {
    #[new]
    #[pyo3(signature = (counters, *, title, backend, workers, total))]
    fn new(
        counters: &Counters,
        title: String,
        backend: String,
        workers: usize,
        total: Option<u64>,
    ) -> Self {
        let title = Title {
            region: title,
            backend,
            workers,
            total,
        };
        let poll = Poll::new(title, counters.page.clone(), Start::default());
        Self {
            poll: Mutex::new(poll),
        }
    }

    fn now(&self) -> Option<(bool, String, String)> {
        let mut poll = self.poll.lock().unwrap_or_else(PoisonError::into_inner);
        poll.now()
            .map(|(first, shown)| (first, shown.plain, shown.html))
    }

    #[pyo3(signature = (summary, *, failed = false))]
    fn finished(&self, summary: &str, failed: bool) -> Option<(String, String)> {
        let poll = self.poll.lock().unwrap_or_else(PoisonError::into_inner);
        poll.finished(summary, failed)
            .map(|shown| (shown.plain, shown.html))
    }
}
