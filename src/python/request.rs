//! `_native.Request`: a message from a client, for Python.

use ::bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::jupyter;

/// Adds the class of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Request>()
}

/// One message from a client. Parts are raw JSON.
#[pyclass(frozen, module = "paracell._native")]
pub struct Request {
    pub(super) inner: jupyter::Request,
}

fn raw<'py>(py: Python<'py>, bytes: &Bytes) -> Bound<'py, PyBytes> {
    PyBytes::new(py, bytes)
}

#[pymethods]
impl Request {
    #[getter]
    fn channel(&self) -> &'static str {
        self.inner.channel.name()
    }

    #[getter]
    fn msg_id(&self) -> &str {
        &self.inner.msg_id
    }

    #[getter]
    fn msg_type(&self) -> &str {
        &self.inner.msg_type
    }

    #[getter]
    fn session(&self) -> &str {
        &self.inner.session
    }

    #[getter]
    fn subshell_id(&self) -> Option<&str> {
        self.inner.subshell_id.as_deref()
    }

    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        raw(py, &self.inner.header)
    }

    #[getter]
    fn parent_header<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        raw(py, &self.inner.parent_header)
    }

    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        raw(py, &self.inner.metadata)
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        raw(py, &self.inner.content)
    }

    #[getter]
    fn buffers<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.inner.buffers.iter().map(|b| raw(py, b)).collect()
    }

    #[getter]
    fn identities<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.inner.identities.iter().map(|b| raw(py, b)).collect()
    }

    fn __repr__(&self) -> String {
        let request = &self.inner;
        format!(
            "<Request {} on {}, {}>",
            request.msg_type,
            request.channel.name(),
            request.msg_id
        )
    }
}
