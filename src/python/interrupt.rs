//! SIGINT's handler without a Python frame of its own: the traceback of interrupted code ends in that code.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::nudge;

/// Adds the class of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<InterruptHandler>()
}

/// Raises KeyboardInterrupt where `decide(signum, frame)` says so.
#[pyclass(frozen, module = "paracell._native")]
pub struct InterruptHandler {
    decide: Py<PyAny>,
}

#[pymethods]
impl InterruptHandler {
    #[new]
    fn new(decide: Py<PyAny>) -> Self {
        Self { decide }
    }

    /// To be called by the main thread when this has been made SIGINT's handler, and again from time to time: no
    /// interrupt is lost from here on.
    fn watch(&self) {
        if let Err(error) = nudge::begin().and_then(|()| nudge::renew()) {
            tracing::warn!("an interrupt that comes just before a wait may be lost: {error}");
        }
    }

    fn __call__(
        &self,
        py: Python<'_>,
        signum: &Bound<'_, PyAny>,
        frame: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        nudge::looked();
        if self.decide.bind(py).call1((signum, frame))?.is_truthy()? {
            return Err(PyKeyboardInterrupt::new_err(()));
        }
        Ok(())
    }
}
