//! The process pool as Python sees it (`_native.pyi`): arguments in, GIL released around every wait, errors out.

use std::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::{PyIndexError, PyKeyError, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::buffer::ByteView;
use super::fork;
use super::memory;
use super::timeline::Recorded;
use crate::pool::counters::CounterPage;
use crate::pool::error::PoolError;
use crate::pool::processes as native;
use crate::pool::run;
use crate::pool::shm;
use crate::pool::spawn::Launch;
use crate::pool::timeline::Span;

impl From<PoolError> for PyErr {
    fn from(error: PoolError) -> Self {
        let text = error.to_string();
        match error {
            PoolError::Spawn { source, .. } | PoolError::Os { source, .. } => {
                PyOSError::new_err((source.raw_os_error().unwrap_or(0), text))
            }
            PoolError::Start { .. } => PyOSError::new_err(text),
            PoolError::UnknownKey(_) => PyKeyError::new_err(text),
            PoolError::NothingSubmitted => PyIndexError::new_err(text),
            PoolError::Closed | PoolError::RunClosed | PoolError::Forked(_) => {
                PyRuntimeError::new_err(text)
            }
        }
    }
}

fn views(buffers: &[Bound<'_, PyAny>]) -> PyResult<Vec<ByteView>> {
    buffers.iter().map(ByteView::get).collect()
}

/// What became of one task.
#[pyclass(frozen, module = "paracell._native", get_all)]
pub struct Outcome {
    task: u64,
    status: &'static str,
    payload: Py<PyAny>,
    buffers: Py<PyList>,
    worker: usize,
    seconds: f64,
    pid: u32,
    signal: Option<i32>,
    exit_code: Option<i32>,
    peak_memory: Option<u64>,
    overdue: bool,
    finished: u64,
}

impl Outcome {
    fn new(py: Python<'_>, outcome: run::Outcome) -> PyResult<Self> {
        let (status, exit, payload, buffers) = match outcome.result {
            Ok(received) => {
                let payload = memory::payload(py, received.payload)?;
                let buffers = received
                    .buffers
                    .into_iter()
                    .map(|chunk| memory::buffer(py, chunk));
                let buffers = buffers.collect::<PyResult<Vec<_>>>()?;
                ("done", run::Exit::default(), payload, buffers)
            }
            Err(exit) => ("died", exit, PyBytes::new(py, b"").into_any(), Vec::new()),
        };
        Ok(Self {
            task: outcome.task,
            status,
            payload: payload.unbind(),
            buffers: PyList::new(py, buffers)?.unbind(),
            worker: outcome.worker,
            seconds: outcome.nanos as f64 / 1e9,
            pid: outcome.pid,
            signal: exit.signal,
            exit_code: exit.code,
            peak_memory: exit.peak,
            overdue: exit.overdue,
            finished: outcome.finished,
        })
    }
}

/// What a run amounted to.
#[pyclass(frozen, module = "paracell._native", get_all)]
pub struct RunStats {
    pub(super) tasks: u64,
    pub(super) items: u64,
    pub(super) seconds: f64,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) workers: usize,
    timeline: Py<Recorded>,
}

impl RunStats {
    pub(super) fn new(
        py: Python<'_>,
        stats: run::Stats,
        workers: usize,
        spans: Vec<Span>,
    ) -> PyResult<Self> {
        Ok(Self {
            tasks: stats.tasks,
            items: stats.items,
            seconds: stats.nanos as f64 / 1e9,
            bytes_in: stats.bytes_in,
            bytes_out: stats.bytes_out,
            workers,
            timeline: Py::new(py, Recorded(spans))?,
        })
    }
}

/// Finished items of a run.
#[pyclass(frozen, module = "paracell._native")]
pub struct Counters {
    /// For Rust threads: needs no GIL.
    pub page: Arc<CounterPage>,
    pub(super) workers: usize,
}

#[pymethods]
impl Counters {
    fn finished(&self) -> u64 {
        self.page.finished()
    }

    fn failed(&self) {
        self.page.note_failed();
    }

    fn per_worker(&self) -> Vec<u64> {
        let mut counts = self.page.per_worker();
        let used = counts
            .iter()
            .rposition(|count| *count > 0)
            .map_or(0, |last| last + 1);
        counts.truncate(used.max(self.workers));
        counts
    }
}

/// Worker processes.
#[pyclass(frozen, module = "paracell._native")]
pub struct ProcessPool {
    inner: native::ProcessPool,
}

#[pymethods]
impl ProcessPool {
    #[new]
    #[pyo3(signature = (argv, env=None))]
    fn new(
        argv: Vec<String>,
        env: Option<std::collections::HashMap<String, String>>,
    ) -> PyResult<Self> {
        let launch = Launch {
            argv,
            env: env.map(|env| env.into_iter().collect()),
        };
        Ok(Self {
            inner: native::ProcessPool::new(launch)?,
        })
    }

    #[pyo3(signature = (workers, after=0.0, job=None))]
    fn prestart(&self, workers: usize, after: f64, job: Option<&[u8]>) -> PyResult<()> {
        let after = Duration::try_from_secs_f64(after).unwrap_or_default();
        Ok(self.inner.prestart(workers, after, job)?)
    }

    fn put(
        &self,
        key: &[u8],
        payload: &Bound<'_, PyAny>,
        buffers: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let payload = ByteView::get(payload)?;
        let buffers = views(&buffers)?;
        let slices: Vec<_> = buffers.iter().map(ByteView::as_slice).collect();
        Ok(self.inner.put(key, payload.as_slice(), &slices)?)
    }

    fn has(&self, key: &[u8]) -> bool {
        self.inner.has(key)
    }

    fn discard(&self, key: &[u8]) -> PyResult<()> {
        Ok(self.inner.discard(key)?)
    }

    #[pyo3(signature = (workers, job, needs, total, limit=None))]
    fn open(
        &self,
        workers: usize,
        job: &[u8],
        needs: Vec<Vec<u8>>,
        total: Option<u64>,
        limit: Option<f64>,
    ) -> PyResult<ProcessRun> {
        let limit = limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Ok(ProcessRun {
            inner: self.inner.open(workers, job, &needs, total, limit)?,
        })
    }

    /// A run that has workers of its own, forked from this process.
    #[pyo3(signature = (workers, job, total, limit=None))]
    fn open_own(
        &self,
        workers: usize,
        job: &[u8],
        total: Option<u64>,
        limit: Option<f64>,
    ) -> PyResult<ProcessRun> {
        let limit = limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Ok(ProcessRun {
            inner: self.inner.open_own(workers, job, total, limit)?,
        })
    }

    fn pids(&self) -> Vec<u32> {
        self.inner.pids()
    }

    fn serving(&self) -> usize {
        self.inner.serving()
    }

    fn shutdown(&self, py: Python<'_>) {
        py.detach(|| self.inner.shutdown());
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        // The pool's thread needs no GIL, so joining it while attached cannot deadlock; it takes at most a moment.
        self.inner.shutdown();
    }
}

/// One region's tasks on worker processes.
#[pyclass(frozen, module = "paracell._native")]
pub struct ProcessRun {
    inner: native::ProcessRun,
}

impl ProcessRun {
    fn stop(&self, py: Python<'_>) {
        if self.inner.cancel() {
            py.detach(|| self.inner.wait_quiet());
            self.inner.close();
            self.inner.run.release();
        }
    }
}

#[pymethods]
impl ProcessRun {
    fn wanted(&self) -> PyResult<usize> {
        Ok(self.inner.wanted()?)
    }

    #[pyo3(signature = (payload, buffers, items, first=0))]
    fn submit(
        &self,
        payload: &Bound<'_, PyAny>,
        buffers: Vec<Bound<'_, PyAny>>,
        items: u64,
        first: u64,
    ) -> PyResult<u64> {
        let payload = ByteView::get(payload)?;
        let buffers = views(&buffers)?;
        let slices: Vec<_> = buffers.iter().map(ByteView::as_slice).collect();
        Ok(self
            .inner
            .submit(payload.as_slice(), &slices, (first, items))?)
    }

    fn again(&self, task: u64) -> PyResult<bool> {
        Ok(self.inner.again(task)?)
    }

    fn fork(&self, py: Python<'_>) -> PyResult<Option<c_int>> {
        fork::fork(py, &self.inner)
    }

    fn take_lost(&self) -> usize {
        self.inner.run.take_lost()
    }

    fn next(&self, py: Python<'_>) -> PyResult<Option<Outcome>> {
        let run = &self.inner.run;
        loop {
            run.ready.clear();
            if let Some(outcome) = run.try_next()? {
                return Outcome::new(py, outcome).map(Some);
            }
            if run.lost() > 0 {
                return Ok(None);
            }
            py.detach(|| run.ready.wait())?;
            py.check_signals()?;
        }
    }

    #[pyo3(signature = (more=true, listen=None))]
    fn hungry(&self, py: Python<'_>, more: bool, listen: Option<u64>) -> PyResult<bool> {
        let run = &self.inner.run;
        loop {
            run.ready.clear();
            if run.is_ready() {
                return Ok(false);
            }
            if run.lost() > 0
                || (more && self.inner.wanted()? > 0)
                || listen.is_some_and(|task| run.has_said(task))
            {
                return Ok(true);
            }
            py.detach(|| run.ready.wait())?;
            py.check_signals()?;
        }
    }

    fn ready(&self) -> bool {
        self.inner.run.is_ready()
    }

    fn said<'py>(&self, py: Python<'py>, task: u64) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.run.take_said(task))
    }

    fn cancel(&self, py: Python<'_>) {
        self.stop(py);
    }

    fn close(&self, py: Python<'_>) -> PyResult<RunStats> {
        self.stop(py);
        let run = &self.inner.run;
        RunStats::new(py, run.stats(), run.workers, run.spans())
    }

    #[getter]
    fn counters(&self) -> Counters {
        Counters {
            page: Arc::clone(&self.inner.run.counters),
            workers: self.inner.run.workers,
        }
    }
}

impl Drop for ProcessRun {
    fn drop(&mut self) {
        // A run that was forgotten: nobody waits for it, the pool's thread cancels and closes it by itself.
        self.inner.abandon();
    }
}

/// See [`shm::trouble`].
#[pyfunction]
fn shared_memory_trouble() -> Option<&'static str> {
    shm::trouble()
}

/// Adds this room's classes.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(shared_memory_trouble, module)?)?;
    module.add_class::<ProcessPool>()?;
    module.add_class::<ProcessRun>()?;
    module.add_class::<Outcome>()?;
    module.add_class::<RunStats>()?;
    module.add_class::<Counters>()?;
    module.add_class::<Recorded>()
}
