//! The thread pool as Python sees it: Python callables on rayon's threads. Each thread keeps one Python thread state for
//! its life, so `threading.local` values last. A cancelled task gets KeyboardInterrupt as an asynchronous exception, in
//! the interpreter in which it is at work (`interpreters`).

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::interpreters::{self, Interpreter};
use super::pool::{Counters, RunStats};
use crate::pool::board::SLOTS;
use crate::pool::error::PoolError;
use crate::pool::threads as native;
use crate::pool::wake::Wake;

unsafe extern "C" {
    fn PyThread_get_thread_ident() -> std::ffi::c_ulong;
}

type Value = (Option<Py<PyAny>>, Option<PyErr>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `f` finds out under the lock, which is not waited for with the GIL. Where it is free the GIL is kept, too: to have
/// it back may take longer than anything that is done here.
fn with<T, R>(py: Python<'_>, mutex: &Mutex<T>, f: impl Send + FnOnce(&mut T) -> R) -> R
where
    T: Send,
    R: Send,
{
    match mutex.try_lock() {
        Ok(mut held) => f(&mut held),
        Err(_) => py.detach(|| f(&mut lock(mutex))),
    }
}

/// A thread that runs user code, and the subinterpreter in which it does, if it is in one.
struct At {
    ident: std::ffi::c_ulong,
    inside: Option<Interpreter>,
}

/// Threads that run user code of one run, by slot. An interrupt is sent under the lock, and a thread that comes out
/// takes its name off under the lock, then swallows what reached it: no interrupt lands in a later task. Nobody waits
/// for the lock with a GIL.
#[derive(Default)]
pub(super) struct Running {
    threads: Mutex<(bool, HashMap<usize, At>)>,
    /// Code of this interpreter is let come to its end.
    inside_only: bool,
    /// Called in a thread whose task was interrupted, which may have left anything half done.
    tidy: Option<Py<PyAny>>,
}

impl Running {
    fn call(self: &Arc<Self>, py: Python<'_>, slot: usize, call: &Py<PyAny>) -> Value {
        // SAFETY: asks for this thread's own number.
        let ident = unsafe { PyThread_get_thread_ident() };
        let cancelled = with(py, &self.threads, |threads| {
            let inside = None;
            threads.1.insert(slot, At { ident, inside });
            threads.0
        });
        interpreters::at(Some((Arc::clone(self), slot)));
        let result = if cancelled {
            Err(PyKeyboardInterrupt::new_err(()))
        } else {
            catch_unwind(AssertUnwindSafe(|| call.call0(py))).unwrap_or_else(|_| {
                Err(PyRuntimeError::new_err(
                    "native code panicked in a worker thread",
                ))
            })
        };
        interpreters::at(None);
        let interrupted = with(py, &self.threads, |threads| {
            threads.1.remove(&slot);
            threads.0
        });
        if interrupted {
            swallow(py);
            if let Some(Err(error)) = self.tidy.as_ref().map(|tidy| tidy.call0(py)) {
                tracing::warn!("after an interrupt: {error}");
            }
        }
        match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        }
    }

    /// The thread in `slot` goes into a subinterpreter, or (`None`) has left it; whether the run has been cancelled.
    pub(super) fn enters(&self, slot: usize, inside: Option<Interpreter>) -> bool {
        let mut threads = lock(&self.threads);
        if let Some(at) = threads.1.get_mut(&slot) {
            at.inside = inside;
        }
        threads.0
    }

    fn interrupt(&self, py: Python<'_>) {
        let exception = py.get_type::<PyKeyboardInterrupt>();
        let mut threads = lock(&self.threads);
        threads.0 = true;
        for at in threads.1.values() {
            if self.inside_only && at.inside.is_none() {
                continue;
            }
            // SAFETY: attached. `KeyboardInterrupt` is one object in all interpreters of a process, and a thread that is
            // inside of one takes its name off before it leaves.
            unsafe { interpreters::interrupt(at.inside.as_ref(), at.ident, exception.as_ptr()) };
        }
    }
}

/// Lets an interrupt that is still on its way reach this thread, and forgets it. Setting none in its place would be
/// shorter, but CPython before 3.13 then looks for it for ever, which under a trace function is an endless loop.
fn swallow(py: Python<'_>) {
    if let Err(error) = py.eval(c"[None for _ in (0, 0)]", None, None)
        && !error.is_instance_of::<PyKeyboardInterrupt>(py)
    {
        tracing::debug!("after an interrupt: {error}");
    }
}

/// Threads alive in one pool of rayon.
struct Census {
    alive: AtomicUsize,
    changed: Wake,
}

fn thread_begins(census: &Census) {
    census.alive.fetch_add(1, Ordering::SeqCst);
    // SAFETY: makes this thread's state and lets go of the GIL; `thread_ends` undoes it.
    unsafe {
        ffi::PyGILState_Ensure();
        ffi::PyEval_SaveThread();
    }
}

fn thread_ends(census: &Census) {
    // SAFETY: attaches the state that `thread_begins` made. Its counter is two then: the first release brings it back
    // to one and leaves the thread attached (it was "locked" before), the second one ends the state.
    unsafe {
        ffi::PyGILState_Ensure();
        ffi::PyGILState_Release(ffi::PyGILState_STATE::PyGILState_LOCKED);
        ffi::PyGILState_Release(ffi::PyGILState_STATE::PyGILState_UNLOCKED);
    }
    census.alive.fetch_sub(1, Ordering::SeqCst);
    census.changed.set();
}

/// Threads for runs, kept between them.
#[pyclass(frozen, module = "paracell._native")]
pub struct ThreadPool {
    /// The largest that there was: a run may have kept another one.
    pool: Mutex<Option<(Arc<rayon::ThreadPool>, Arc<Census>)>>,
    owner: u32,
    tidy: Py<PyAny>,
}

impl ThreadPool {
    fn pool(&self, workers: usize) -> PyResult<Arc<rayon::ThreadPool>> {
        let mut pool = lock(&self.pool);
        if let Some((pool, _)) = pool
            .as_ref()
            .filter(|(pool, _)| pool.current_num_threads() >= workers)
        {
            return Ok(Arc::clone(pool));
        }
        let changed =
            Wake::new().map_err(|error| PoolError::os("cannot make an eventfd", error))?;
        let census = Arc::new(Census {
            alive: AtomicUsize::new(0),
            changed,
        });
        let (begins, ends) = (Arc::clone(&census), Arc::clone(&census));
        let made = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .stack_size(native::STACK)
            .thread_name(|index| format!("paracell-{index}"))
            .start_handler(move |_| thread_begins(&begins))
            .exit_handler(move |_| thread_ends(&ends))
            .build();
        let made = made.map_err(|error| {
            PyRuntimeError::new_err(format!("cannot start {workers} threads: {error}"))
        })?;
        let made = Arc::new(made);
        *pool = Some((Arc::clone(&made), census));
        Ok(made)
    }
}

#[pymethods]
impl ThreadPool {
    #[new]
    fn new(tidy: Py<PyAny>) -> Self {
        Self {
            pool: Mutex::new(None),
            owner: std::process::id(),
            tidy,
        }
    }

    #[pyo3(signature = (workers, total, inside_only=false))]
    fn open(
        &self,
        py: Python<'_>,
        workers: usize,
        total: Option<u64>,
        inside_only: bool,
    ) -> PyResult<ThreadRun> {
        if std::process::id() != self.owner {
            return Err(PoolError::Forked(self.owner).into());
        }
        let workers = workers.clamp(1, SLOTS);
        let pool = py.detach(|| self.pool(workers))?;
        let run = native::ThreadRun::new(pool, workers, total)?;
        Ok(ThreadRun {
            run,
            running: Arc::new(Running {
                inside_only,
                tidy: Some(self.tidy.clone_ref(py)),
                ..Running::default()
            }),
            shared: Mutex::new(Instant::now()),
        })
    }

    fn shutdown(&self, py: Python<'_>) {
        if std::process::id() != self.owner {
            return;
        }
        let pool = lock(&self.pool).take();
        py.detach(|| {
            // Runs hold the pool too: its threads end when the last of them is gone.
            let Some((pool, census)) = pool.filter(|(pool, _)| Arc::strong_count(pool) == 1) else {
                return;
            };
            drop(pool);
            while census.alive.load(Ordering::SeqCst) > 0 {
                if census.changed.wait_for(None).is_err() {
                    break;
                }
                census.changed.clear();
            }
        });
    }
}

/// One region's tasks on threads.
#[pyclass(frozen, module = "paracell._native")]
pub struct ThreadRun {
    run: Arc<native::ThreadRun<Value>>,
    running: Arc<Running>,
    /// When the thread that takes the results last let go of the GIL.
    shared: Mutex<Instant>,
}

/// How long whoever takes the results keeps the GIL before it offers it to the tasks.
const SHARE: Duration = Duration::from_micros(200);

impl ThreadRun {
    /// Lets go of the GIL for a moment if this thread has had it for a while: results that come at once, as those of
    /// tasks that wait equally long, keep it from the tasks behind them for up to five milliseconds, after which Python
    /// takes it away. A moment is not nothing: whoever waits for the GIL has to wake up.
    fn share(&self, py: Python<'_>) {
        let since = lock(&self.shared).elapsed();
        if since >= SHARE {
            py.detach(|| std::thread::sleep(Duration::from_micros(1)));
            *lock(&self.shared) = Instant::now();
        }
    }

    /// Waits for what `ready` tells of.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.run.ready.wait())?;
        *lock(&self.shared) = Instant::now();
        py.check_signals()
    }
}

#[pymethods]
impl ThreadRun {
    fn wanted(&self) -> usize {
        self.run.wanted()
    }

    #[pyo3(signature = (call, items, first=0))]
    fn submit(&self, py: Python<'_>, call: Py<PyAny>, items: u64, first: u64) -> PyResult<u64> {
        let running = Arc::clone(&self.running);
        let job = Box::new(move |slot| {
            Python::attach(|py| {
                let value = running.call(py, slot, &call);
                drop(call);
                value
            })
        });
        let index = self.run.submit(job, (first, items))?;
        self.share(py);
        Ok(index)
    }

    #[allow(clippy::type_complexity)]
    fn next(&self, py: Python<'_>) -> PyResult<(u64, Option<Py<PyAny>>, Option<Py<PyAny>>, f64)> {
        loop {
            self.run.ready.clear();
            if let Some(outcome) = self.run.try_next()? {
                self.share(py);
                let (value, error) = outcome.value;
                let error = error.map(|error| error.into_value(py).into_any());
                return Ok((outcome.task, value, error, outcome.nanos as f64 / 1e9));
            }
            self.wait(py)?;
        }
    }

    #[pyo3(signature = (more=true))]
    fn hungry(&self, py: Python<'_>, more: bool) -> PyResult<bool> {
        loop {
            self.run.ready.clear();
            if self.run.is_ready() {
                return Ok(false);
            }
            if (more && self.run.wanted() > 0) || self.run.was_poked() || self.run.is_heard() {
                return Ok(true);
            }
            self.wait(py)?;
        }
    }

    fn ready(&self) -> bool {
        self.run.is_ready()
    }

    fn poke(&self) {
        self.run.poke();
    }

    fn said<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.run.said())
    }

    fn cancel(&self, py: Python<'_>) -> PyResult<()> {
        if self.run.end() {
            self.running.interrupt(py);
            self.run.counters.freeze();
        }
        loop {
            self.run.ready.clear();
            if self.run.is_quiet() {
                // Another thread may be waiting in `next`: it is to see that the run has ended.
                self.run.ready.set();
                return Ok(());
            }
            self.wait(py)?;
        }
    }

    fn close(&self, py: Python<'_>) -> PyResult<RunStats> {
        self.cancel(py)?;
        self.run.ready.release();
        let run = &self.run;
        RunStats::new(py, run.stats(), run.workers, run.spans())
    }

    #[getter]
    fn counters(&self) -> Counters {
        Counters {
            page: Arc::clone(&self.run.counters),
            workers: self.run.workers,
        }
    }
}

impl Drop for ThreadRun {
    fn drop(&mut self) {
        if self.run.end() {
            // Forgotten while it was open: nobody waits for it.
            Python::attach(|py| self.running.interrupt(py));
        }
    }
}

/// Adds this room's classes.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ThreadPool>()?;
    module.add_class::<ThreadRun>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyo3::types::PyCFunction;

    #[test]
    fn a_panic_in_native_code_is_the_error_of_its_task_and_the_threads_go_on() {
        Python::attach(|py| {
            let panics = PyCFunction::new_closure(py, None, None, |_, _| -> PyResult<u64> {
                panic!("in native code")
            });
            let works = PyCFunction::new_closure(py, None, None, |_, _| 7u64);
            let pool = ThreadPool::new(py.None());
            let run = pool.open(py, 1, None, false).unwrap();
            for call in [panics, works].map(|call| call.unwrap().into_any().unbind()) {
                run.submit(py, call, 1, 0).unwrap();
            }
            let (_, value, error, _) = run.next(py).unwrap();
            assert!(value.is_none());
            let error = error.unwrap().into_bound(py).repr().unwrap().to_string();
            assert!(error.contains("native code panicked"), "{error}");
            let (_, value, error, _) = run.next(py).unwrap();
            assert!(error.is_none());
            assert_eq!(value.unwrap().extract::<u64>(py).unwrap(), 7);
            run.close(py).unwrap();
            pool.shutdown(py);
        });
    }
}
