//! A worker process's Python side: the service that calls `define` and `task`, and the interrupt handler.

use std::borrow::Cow;
use std::ffi::c_int;

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::buffer::ByteView;
use super::memory;
use crate::pool::frames::Body;
use crate::pool::parcel::Received;
use crate::pool::worker::{self, Outbox, Service};

/// Exit code of a worker whose callback raised.
const RAISED: i32 = 70;

struct Callbacks {
    define: Py<PyAny>,
    task: Py<PyAny>,
    forget: Option<Py<PyAny>>,
    idle: Option<Py<PyAny>>,
}

fn arguments<'py>(
    py: Python<'py>,
    body: Received,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyList>)> {
    let payload = memory::payload(py, body.payload)?;
    let buffers = body
        .buffers
        .into_iter()
        .map(|chunk| memory::buffer(py, chunk))
        .collect::<PyResult<Vec<_>>>()?;
    Ok((payload, PyList::new(py, buffers)?))
}

/// An exception out of a callback ends the worker: it is shown, and becomes the exit code.
fn ended(py: Python<'_>, error: PyErr) -> i32 {
    if error.is_instance_of::<PySystemExit>(py) {
        return error
            .value(py)
            .getattr("code")
            .and_then(|code| code.extract())
            .unwrap_or(1);
    }
    error.print(py);
    RAISED
}

impl Callbacks {
    fn run(
        &self,
        py: Python<'_>,
        job: &[u8],
        body: Received,
        outbox: &mut Outbox,
    ) -> PyResult<Body> {
        let (payload, buffers) = arguments(py, body)?;
        let reply = self
            .task
            .bind(py)
            .call1((PyBytes::new(py, job), payload, buffers))?;
        let (payload, buffers): (Bound<'_, PyAny>, Bound<'_, PyAny>) = reply.extract()?;
        let payload = outbox.part(ByteView::get(&payload)?.as_slice());
        let mut parts = Vec::new();
        for buffer in buffers.try_iter()? {
            parts.push(outbox.part(ByteView::get(&buffer?)?.as_slice()));
        }
        Ok(Body {
            payload,
            buffers: parts,
        })
    }
}

impl Service for Callbacks {
    fn define(&mut self, key: &[u8], body: Received) -> Result<(), i32> {
        Python::attach(|py| {
            let done = arguments(py, body).and_then(|(payload, buffers)| {
                self.define
                    .bind(py)
                    .call1((PyBytes::new(py, key), payload, buffers))
            });
            done.map(drop).map_err(|error| ended(py, error))
        })
    }

    fn forget(&mut self, key: &[u8]) -> Result<(), i32> {
        let Some(forget) = &self.forget else {
            return Ok(());
        };
        Python::attach(|py| {
            forget
                .bind(py)
                .call1((PyBytes::new(py, key),))
                .map(drop)
                .map_err(|error| ended(py, error))
        })
    }

    fn task(
        &mut self,
        job: &[u8],
        body: Received,
        outbox: &mut Outbox,
    ) -> Result<Option<Body>, i32> {
        Python::attach(|py| match self.run(py, job, body, outbox) {
            // A cancelled task's interrupt may still be on its way: it finds nobody here.
            _ if worker::is_cancelled() => Ok(None),
            Ok(body) => Ok(Some(body)),
            Err(error) => Err(ended(py, error)),
        })
    }

    fn idle(&mut self) -> Result<(), i32> {
        let Some(idle) = &self.idle else {
            return Ok(());
        };
        Python::attach(|py| {
            idle.bind(py)
                .call0()
                .map(drop)
                .map_err(|error| ended(py, error))
        })
    }
}

/// A worker's main loop.
#[pyfunction]
#[pyo3(signature = (fd, define, task, forget=None, idle=None))]
pub fn serve_worker(
    py: Python<'_>,
    fd: c_int,
    define: Py<PyAny>,
    task: Py<PyAny>,
    forget: Option<Py<PyAny>>,
    idle: Option<Py<PyAny>>,
) -> PyResult<i32> {
    let signals = py.import("_signal")?;
    let handler = pyo3::wrap_pyfunction!(worker_interrupted, py)?;
    signals.call_method1("signal", (libc::SIGINT, handler))?;
    let mut callbacks = Callbacks {
        define,
        task,
        forget,
        idle,
    };
    Ok(py.detach(|| worker::serve(fd, &mut callbacks))?)
}

/// SIGINT in a worker: KeyboardInterrupt while a cancelled task runs, and nothing else. Not in the middle of an import,
/// which would leave a module in pieces for all later tasks: the pool asks again.
#[pyfunction]
#[pyo3(signature = (_signal, frame))]
fn worker_interrupted(_signal: c_int, frame: Option<Bound<'_, PyAny>>) -> PyResult<()> {
    if worker::is_cancelled() && !is_importing(frame)? {
        Err(PyKeyboardInterrupt::new_err(()))
    } else {
        Ok(())
    }
}

fn is_importing(mut frame: Option<Bound<'_, PyAny>>) -> PyResult<bool> {
    while let Some(here) = frame {
        let file = here.getattr("f_code")?.getattr("co_filename")?;
        if file
            .extract::<std::borrow::Cow<'_, str>>()?
            .starts_with("<frozen importlib")
        {
            return Ok(true);
        }
        frame = here.getattr("f_back")?.extract()?;
    }
    Ok(false)
}

/// On how many workers the running task's run runs; 0 outside of a task.
#[pyfunction]
pub fn run_workers() -> usize {
    worker::run_workers()
}

/// `count` more iterations are finished.
#[pyfunction]
#[pyo3(signature = (count=1))]
pub fn item_done(count: u64) {
    if !crate::pool::threads::item_done(count) {
        worker::item_done(count);
    }
}

/// In a worker process while it runs a task: it has this to say before it ends. Sent when the task takes long.
#[pyfunction]
pub fn say(bytes: &[u8]) {
    crate::pool::say::say(bytes);
}

/// A stream's name, and bytes.
type Written = (&'static str, Cow<'static, [u8]>);

/// In a worker process: what was written to its descriptors 1 and 2 since the last call, or None.
#[pyfunction]
pub fn written() -> Option<Vec<Written>> {
    let taken = crate::pool::descriptors::take();
    if taken.iter().all(Option::is_none) {
        return None;
    }
    let named = ["stdout", "stderr"].into_iter().zip(taken);
    let some = named.filter_map(|(name, bytes)| Some((name, Cow::Owned(bytes?))));
    Some(some.collect())
}

/// Whether the run of the task that this thread runs is cancelled.
#[pyfunction]
pub fn cancelled() -> bool {
    crate::pool::threads::is_cancelled() || worker::is_cancelled()
}

/// Adds this room's functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(serve_worker, module)?)?;
    module.add_function(wrap_pyfunction!(run_workers, module)?)?;
    module.add_function(wrap_pyfunction!(say, module)?)?;
    module.add_function(wrap_pyfunction!(written, module)?)?;
    module.add_function(wrap_pyfunction!(cancelled, module)?)?;
    module.add_function(wrap_pyfunction!(item_done, module)?)
}
