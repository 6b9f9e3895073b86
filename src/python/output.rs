//! What a program writes that an iteration on a thread has started: an anonymous file that closes with its last
//! reference. An interrupt may reach a thread between any two steps of Python, where a number of a descriptor that
//! nobody has stored yet would be lost.

use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustix::fs::MemfdFlags;

/// Bytes read at a time.
const CHUNK: usize = 8 * 1024;

/// Adds the class of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ProgramOutput>()
}

/// The file, and how far it has been read.
#[pyclass(frozen, module = "paracell._native")]
pub struct ProgramOutput {
    file: File,
    taken: Mutex<u64>,
}

#[pymethods]
impl ProgramOutput {
    #[new]
    fn new() -> PyResult<Self> {
        let fd = rustix::fs::memfd_create(c"paracell-program", MemfdFlags::CLOEXEC)
            .map_err(std::io::Error::from)?;
        Ok(Self {
            file: fd.into(),
            taken: Mutex::default(),
        })
    }

    fn fileno(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut bytes = Vec::new();
        let mut chunk = [0; CHUNK];
        let mut at = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // The file's own position, which stays, is where the program writes.
        loop {
            let count = self.file.read_at(&mut chunk, *at)?;
            if count == 0 {
                return Ok(PyBytes::new(py, &bytes));
            }
            bytes.extend_from_slice(&chunk[..count]);
            *at += count as u64;
        }
    }
}
