//! The working directory, for who asks after each task. `os.getcwd` lets go of the GIL, and to have that back takes longer
//! than to ask.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The working directory's path; `None` if it has been removed.
#[pyfunction]
fn working_directory(py: Python<'_>) -> Option<Bound<'_, PyBytes>> {
    let path = rustix::process::getcwd(Vec::new()).ok()?;
    Some(PyBytes::new(py, path.to_bytes()))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(working_directory, module)?)
}
