//! Bytes of Python objects without a copy: the buffer protocol.
//!
//! pyo3 offers `PyBuffer` only from the 3.11 stable ABI on; every CPython since 3.10 exports the two functions that are
//! declared here, and the layout of `Py_buffer` has not changed since 3.0 (3.11 made it part of the stable ABI).
//! A view may be read by threads that do not hold the GIL; it is released with the GIL held. The I/O thread may not own
//! one: dropping it would take the GIL.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use pyo3::ffi::{Py_ssize_t, PyObject};
use pyo3::prelude::*;

#[repr(C)]
struct RawBuffer {
    buf: *mut c_void,
    obj: *mut PyObject,
    len: Py_ssize_t,
    itemsize: Py_ssize_t,
    readonly: c_int,
    ndim: c_int,
    format: *mut c_char,
    shape: *mut Py_ssize_t,
    strides: *mut Py_ssize_t,
    suboffsets: *mut Py_ssize_t,
    internal: *mut c_void,
}

unsafe extern "C" {
    fn PyObject_GetBuffer(exporter: *mut PyObject, view: *mut RawBuffer, flags: c_int) -> c_int;
    fn PyBuffer_Release(view: *mut RawBuffer);
}

/// `PyBUF_SIMPLE`: one C-contiguous run of bytes, whatever the items are; the exporter refuses anything else.
const PYBUF_SIMPLE: c_int = 0;

/// The bytes of an object that exports a C-contiguous buffer (bytes, bytearray, memoryview, array, ndarray,
/// `pickle.PickleBuffer`). Holds the export, so the memory neither moves nor goes away while this lives.
pub struct ByteView {
    // Boxed: exporters may point from the view into itself (`shape` at `len`), so it must not move.
    raw: Box<RawBuffer>,
}

// SAFETY: the export pins the memory, reading it needs no GIL, and `Drop` attaches before it releases.
unsafe impl Send for ByteView {}
// SAFETY: as above; `&ByteView` only gives out shared slices.
unsafe impl Sync for ByteView {}

impl ByteView {
    /// The bytes of `object`.
    ///
    /// # Errors
    /// TypeError if the object has no buffer, BufferError or ValueError if it is not C-contiguous (the exporter's own).
    pub fn get(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut raw = Box::new(RawBuffer {
            buf: ptr::null_mut(),
            obj: ptr::null_mut(),
            len: 0,
            itemsize: 0,
            readonly: 0,
            ndim: 0,
            format: ptr::null_mut(),
            shape: ptr::null_mut(),
            strides: ptr::null_mut(),
            suboffsets: ptr::null_mut(),
            internal: ptr::null_mut(),
        });
        // SAFETY: the GIL is held (`Bound`), `raw` is a valid place for a Py_buffer and stays where it is.
        if unsafe { PyObject_GetBuffer(object.as_ptr(), &mut *raw, PYBUF_SIMPLE) } != 0 {
            return Err(PyErr::fetch(object.py()));
        }
        Ok(Self { raw })
    }

    /// The bytes as they are now. Python code may write to them while the slice lives (as with any buffer): a reader
    /// that needs one consistent state copies first.
    pub fn as_slice(&self) -> &[u8] {
        if self.raw.buf.is_null() || self.raw.len <= 0 {
            return &[];
        }
        // SAFETY: the exporter promised `len` readable bytes at `buf` until the view is released.
        unsafe { std::slice::from_raw_parts(self.raw.buf.cast::<u8>(), self.raw.len as usize) }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for ByteView {
    fn drop(&mut self) {
        // SAFETY: attached, and the view was filled by PyObject_GetBuffer and is released once.
        Python::attach(|_| unsafe { PyBuffer_Release(&mut *self.raw) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyo3::types::PyBytes;

    #[test]
    fn bytes_of_any_contiguous_exporter() {
        Python::attach(|py| {
            for (code, want) in [
                (c"b'abc'", &b"abc"[..]),
                (c"bytearray(b'abc')", b"abc"),
                (c"memoryview(b'xabcx')[1:4]", b"abc"),
                (c"__import__('array').array('H', [1, 2])", &[1, 0, 2, 0]),
                (c"__import__('pickle').PickleBuffer(b'abc')", b"abc"),
                (c"b''", b""),
            ] {
                let object = py.eval(code, None, None).unwrap();
                let view = ByteView::get(&object).unwrap();
                assert_eq!(view.as_slice(), want, "{code:?}");
            }
        });
    }

    #[test]
    fn what_is_not_contiguous_or_has_no_buffer_is_refused() {
        Python::attach(|py| {
            for code in [c"memoryview(b'abcd')[::2]", c"'text'", c"None"] {
                let object = py.eval(code, None, None).unwrap();
                assert!(ByteView::get(&object).is_err(), "{code:?}");
            }
        });
    }

    #[test]
    fn the_export_is_held_until_the_view_is_dropped() {
        Python::attach(|py| {
            let array = py.eval(c"bytearray(b'abc')", None, None).unwrap();
            let view = ByteView::get(&array).unwrap();
            let more = PyBytes::new(py, b"d");
            assert!(
                array.call_method1("extend", (&more,)).is_err(),
                "a resize while exported"
            );
            drop(view);
            array.call_method1("extend", (&more,)).unwrap();
        });
    }
}
