//! Quick looks at the items of a loop: whether they are plain, and a number for each that tells whether it has changed.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple,
};

/// Of a container, this many members are looked at.
const PARTS: usize = 4;
/// Members of members, and theirs, are.
const DEPTH: usize = 3;

/// A number for what is exactly int, float, str, bytes, bool or None: nothing with an identity worth keeping.
fn atom_kind(item: &Bound<'_, PyAny>) -> Option<u64> {
    if item.is_exact_instance_of::<PyInt>() {
        Some(6)
    } else if item.is_exact_instance_of::<PyString>() {
        Some(7)
    } else if item.is_exact_instance_of::<PyFloat>() {
        Some(8)
    } else if item.is_none() {
        Some(9)
    } else if item.is_exact_instance_of::<PyBool>() {
        Some(10)
    } else if item.is_exact_instance_of::<PyBytes>() {
        Some(11)
    } else {
        None
    }
}

/// Whether every element is exactly int, float, str, bytes, bool or None.
#[pyfunction]
fn plain_atoms(items: &Bound<'_, PyList>) -> bool {
    items.iter().all(|item| atom_kind(&item).is_some())
}

/// A number for every element, 8 bytes each in the machine's order; with `kinds`, what is in a container does not count.
/// Of what is none of Python's own containers and atoms, `other` gives it, called with how deep it may look.
#[pyfunction]
fn item_marks<'py>(
    items: &Bound<'py, PyList>,
    other: &Bound<'py, PyAny>,
    kinds: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut marks = Vec::with_capacity(items.len() * size_of::<i64>());
    for item in items {
        let container = if kinds { parts(&item, 0) } else { None };
        let mark = match container {
            Some((kind, _, _)) => kind as i64,
            None => mark(&item, if kinds { 0 } else { DEPTH }, other)?,
        };
        marks.extend_from_slice(&mark.to_ne_bytes());
    }
    Ok(PyBytes::new(items.py(), &marks))
}

fn mark(value: &Bound<'_, PyAny>, depth: usize, other: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Some(kind) = atom_kind(value) {
        // Equal numbers of two kinds have one hash.
        return Ok(mix(kind, value.hash()? as u64) as i64);
    }
    let Some((kind, len, parts)) = parts(value, depth) else {
        return other.call1((value, depth))?.extract();
    };
    let mut mixed = mix(kind, len as u64);
    for part in parts {
        mixed = mix(mixed, mark(&part, depth - 1, other)? as u64);
    }
    Ok(mixed as i64)
}

/// Which of Python's own containers it is, its length, and the members to look at.
fn parts<'py>(
    value: &Bound<'py, PyAny>,
    depth: usize,
) -> Option<(u64, usize, Vec<Bound<'py, PyAny>>)> {
    let few = if depth > 0 { PARTS } else { 0 };
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        Some((1, tuple.len(), tuple.iter().take(few).collect()))
    } else if let Ok(list) = value.cast_exact::<PyList>() {
        Some((2, list.len(), list.iter().take(few).collect()))
    } else if let Ok(dict) = value.cast_exact::<PyDict>() {
        let members = dict.iter().take(few);
        let parts = members.flat_map(|(key, value)| [key, value]).collect();
        Some((3, dict.len(), parts))
    } else if let Ok(set) = value.cast_exact::<PySet>() {
        Some((4, set.len(), Vec::new()))
    } else if let Ok(set) = value.cast_exact::<PyFrozenSet>() {
        Some((5, set.len(), Vec::new()))
    } else {
        None
    }
}

/// The multiplier of PCG's generator: odd, with its bits well spread.
const SPREAD: u64 = 0x5851_f42d_4c95_7f2d;

fn mix(seed: u64, more: u64) -> u64 {
    (seed.rotate_left(29) ^ more).wrapping_mul(SPREAD)
}

/// Add this room's functions to `_native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(plain_atoms, module)?)?;
    module.add_function(wrap_pyfunction!(item_marks, module)?)?;
    Ok(())
}
