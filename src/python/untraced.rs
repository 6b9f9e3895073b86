//! Calls and errors that leave no frame of ours in a traceback: a function written in Rust has none, and what Python adds
//! on the way out is the caller's.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// A function or method whose errors are trimmed before its caller sees them.
#[pyclass(frozen, module = "paracell._native")]
pub struct Untraced {
    call: Py<PyAny>,
    trim: Py<PyAny>,
}

#[pymethods]
impl Untraced {
    /// `trim(error)` takes frames out of an error's traceback.
    #[new]
    fn new(call: Py<PyAny>, trim: Py<PyAny>) -> Self {
        Self { call, trim }
    }

    fn __get__<'py>(
        &self,
        py: Python<'py>,
        object: &Bound<'py, PyAny>,
        _owner: &Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        let call = self.call.bind(py).call_method1("__get__", (object,))?;
        Ok(Self::new(call.unbind(), self.trim.clone_ref(py)))
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = args.py();
        self.call.bind(py).call(args, kwargs).map_err(|error| {
            let value = error.into_value(py).into_bound(py);
            match self.trim.bind(py).call1((&value,)) {
                Ok(_) => PyErr::from_value(value.into_any()),
                Err(other) => other,
            }
        })
    }
}

/// An iterator that has nothing but an error to give, once.
#[pyclass(frozen, module = "paracell._native")]
pub struct Raising {
    error: std::sync::Mutex<Option<Py<PyAny>>>,
}

#[pymethods]
impl Raising {
    #[new]
    fn new(error: Py<PyAny>) -> Self {
        let error = std::sync::Mutex::new(Some(error));
        Self { error }
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let mut error = self
            .error
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match error.take() {
            Some(error) => Err(PyErr::from_value(error.into_bound(py))),
            None => Ok(None),
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Untraced>()?;
    module.add_class::<Raising>()
}
