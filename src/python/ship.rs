//! What `paracell.ship` asks of Rust: hashes of content, and quick looks at lists and pickles.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString};
use xxhash_rust::xxh3::Xxh3;

use super::buffer::ByteView;
use super::pickle_refs;

/// Below this many bytes, letting go of the GIL costs more than the hash.
const DETACH_BYTES: usize = 64 * 1024;

fn hash_views(views: &[ByteView]) -> [u8; 16] {
    let mut hasher = Xxh3::new();
    for view in views {
        // The lengths keep ["ab", "c"] apart from ["a", "bc"].
        hasher.update(&(view.len() as u64).to_le_bytes());
        hasher.update(view.as_slice());
    }
    hasher.digest128().to_le_bytes()
}

/// 16 bytes of xxh3-128 over the buffers and their lengths.
#[pyfunction]
fn content_hash<'py>(
    py: Python<'py>,
    buffers: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let views = buffers
        .iter()
        .map(ByteView::get)
        .collect::<PyResult<Vec<_>>>()?;
    let total: usize = views.iter().map(ByteView::len).sum();
    let digest = if total < DETACH_BYTES {
        hash_views(&views)
    } else {
        py.detach(|| hash_views(&views))
    };
    Ok(PyBytes::new(py, &digest))
}

/// Whether every element is exactly int, float, str, bytes, bool or None: nothing with an identity worth keeping.
#[pyfunction]
fn plain_atoms(items: &Bound<'_, PyList>) -> bool {
    items.iter().all(|item| {
        item.is_exact_instance_of::<PyInt>()
            || item.is_exact_instance_of::<PyString>()
            || item.is_exact_instance_of::<PyFloat>()
            || item.is_none()
            || item.is_exact_instance_of::<PyBool>()
            || item.is_exact_instance_of::<PyBytes>()
    })
}

/// (pickle, primed objects it refers to), or None: see [`pickle_refs::rebase`].
#[pyfunction]
fn rebase_memo<'py>(
    py: Python<'py>,
    payload: &Bound<'py, PyBytes>,
    primed: u32,
) -> Option<(Bound<'py, PyBytes>, Vec<u32>)> {
    let rebased = pickle_refs::rebase(payload.as_bytes(), primed)?;
    Some((PyBytes::new(py, &rebased.payload), rebased.used))
}

/// Add this room's functions to `_native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(content_hash, module)?)?;
    module.add_function(wrap_pyfunction!(plain_atoms, module)?)?;
    module.add_function(wrap_pyfunction!(rebase_memo, module)?)?;
    Ok(())
}
