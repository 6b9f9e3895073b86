//! The items of a task, for a call in C that computes one after the other (``map``): in between an iteration is counted,
//! and now and then somebody looks at what it has left.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::worker::item_done;

/// An iterator over the items of one task's iterations. Used by the thread that runs them, but for `ask`.
#[pyclass(frozen, module = "paracell._native")]
struct Iterations {
    items: Py<PyAny>,
    between: Py<PyAny>,
    counts: bool,
    /// Whether an item was handed out whose iteration nobody has noticed to have ended.
    begun: AtomicBool,
    over: AtomicBool,
    began: Instant,
    /// When to call `between`: nanoseconds since `began`.
    due: AtomicU64,
}

impl Iterations {
    /// Whether there may be another iteration, as `between` says.
    fn goes_on(&self, py: Python<'_>) -> PyResult<bool> {
        let answer = self.between.bind(py).call0()?;
        if answer.is_none() {
            self.over.store(true, Relaxed);
            return Ok(false);
        }
        let wait = Duration::try_from_secs_f64(answer.extract::<f64>()?.max(0.0));
        let due = wait
            .ok()
            .and_then(|wait| self.began.elapsed().checked_add(wait));
        let due = due.map_or(u64::MAX, |due| due.as_nanos() as u64);
        self.due.store(due, Relaxed);
        Ok(true)
    }

    fn is_due(&self) -> bool {
        match self.due.load(Relaxed) {
            0 => true,
            u64::MAX => false,
            due => self.began.elapsed().as_nanos() as u64 >= due,
        }
    }
}

#[pymethods]
impl Iterations {
    #[new]
    fn new(items: Bound<'_, PyAny>, between: Py<PyAny>, counts: bool) -> PyResult<Self> {
        // SAFETY: attached.
        if unsafe { ffi::PyIter_Check(items.as_ptr()) } == 0 {
            return Err(PyTypeError::new_err("not an iterator"));
        }
        Ok(Self {
            items: items.unbind(),
            between,
            counts,
            begun: AtomicBool::new(false),
            over: AtomicBool::new(false),
            began: Instant::now(),
            due: AtomicU64::new(0),
        })
    }

    /// Call `between` as soon as the iteration that runs has ended.
    fn ask(&self) {
        self.due.store(0, Relaxed);
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.over.load(Relaxed) {
            return Ok(None);
        }
        let mut looked = true;
        if self.begun.load(Relaxed) {
            if self.counts {
                item_done(1);
            }
            looked = self.is_due();
            if looked && !self.goes_on(py)? {
                return Ok(None);
            }
        }
        // SAFETY: attached, and it was seen to be an iterator.
        let item = unsafe {
            let item = ffi::PyIter_Next(self.items.as_ptr());
            Bound::from_owned_ptr_or_opt(py, item)
        };
        if item.is_none() {
            self.over.store(true, Relaxed);
            if let Some(error) = PyErr::take(py) {
                return Err(error);
            }
            if !looked {
                self.goes_on(py)?;
            }
            return Ok(None);
        }
        self.begun.store(true, Relaxed);
        Ok(item)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Iterations>()
}
