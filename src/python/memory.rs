//! Received shared memory as a Python object: a type that exports a [`View`] through the buffer protocol, handed out as
//! a writable memoryview. The memory is given back when the last object that looks into it is gone.
//!
//! pyo3 offers the buffer slots only from the 3.11 stable ABI on. `PyType_FromSpec` takes them at run time in every
//! CPython since 3.9, so the type is made by hand here. The type has no GC flag: it owns no Python object.

use std::ffi::{c_int, c_uint, c_void};
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::pool::parcel::Chunk;
use crate::pool::view::View;

/// Slot numbers of typeslots.h, part of the ABI.
const BF_GETBUFFER: c_int = 1;
const BF_RELEASEBUFFER: c_int = 2;

unsafe extern "C" {
    fn PyBuffer_FillInfo(
        view: *mut c_void,
        exporter: *mut ffi::PyObject,
        buf: *mut c_void,
        len: ffi::Py_ssize_t,
        readonly: c_int,
        flags: c_int,
    ) -> c_int;
}

#[repr(C)]
struct Exporter {
    base: ffi::PyObject,
    /// Owned; null until set.
    view: *mut View,
}

unsafe extern "C" fn get_buffer(
    object: *mut ffi::PyObject,
    view: *mut c_void,
    flags: c_int,
) -> c_int {
    // SAFETY: CPython calls this with an instance of our type, whose view is set before anybody else sees it.
    unsafe {
        let exporter = &*object.cast::<Exporter>();
        if exporter.view.is_null() {
            ffi::PyErr_SetString(ffi::PyExc_BufferError, c"no memory".as_ptr());
            return -1;
        }
        let memory = &*exporter.view;
        PyBuffer_FillInfo(
            view,
            object,
            memory.ptr().cast(),
            memory.len() as ffi::Py_ssize_t,
            0,
            flags,
        )
    }
}

unsafe extern "C" fn release_buffer(_object: *mut ffi::PyObject, _view: *mut c_void) {}

unsafe extern "C" fn dealloc(object: *mut ffi::PyObject) {
    // SAFETY: the last reference is gone, thus no buffer is exported; the object was allocated by its type.
    unsafe {
        let view = (*object.cast::<Exporter>()).view;
        if !view.is_null() {
            drop(Box::from_raw(view));
        }
        let class = ffi::Py_TYPE(object);
        let free: ffi::freefunc = std::mem::transmute(ffi::PyType_GetSlot(class, ffi::Py_tp_free));
        free(object.cast());
        ffi::Py_DECREF(class.cast());
    }
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(BF_GETBUFFER, get_buffer as *mut c_void),
        slot(BF_RELEASEBUFFER, release_buffer as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"paracell._native.SharedMemory".as_ptr(),
        basicsize: size_of::<Exporter>() as c_int,
        itemsize: 0,
        flags: ffi::Py_TPFLAGS_DEFAULT as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: attached; the spec is complete, and CPython copies what it keeps (the name is static).
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&mut spec)).map(Bound::unbind) }
}

static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What one of our memoryviews shows; None for any other object.
pub fn received<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a View> {
    let py = object.py();
    let exporter = object.cast::<PyMemoryView>().ok()?.getattr("obj").ok()?;
    if exporter.get_type().as_any().as_ptr() != TYPE.get(py)?.as_ptr() {
        return None;
    }
    // SAFETY: an instance of our type, alive as long as the memoryview is, whose view never changes once it is set.
    unsafe { (*exporter.as_ptr().cast::<Exporter>()).view.as_ref() }
}

fn export(py: Python<'_>, view: View) -> PyResult<Bound<'_, PyAny>> {
    let class = TYPE.get_or_try_init(py, || make_type(py))?;
    // SAFETY: attached; the type is ours, so the new object has room for the pointer, zeroed by the allocator.
    unsafe {
        let object = ffi::PyType_GenericAlloc(class.as_ptr().cast(), 0);
        let object = Bound::from_owned_ptr_or_err(py, object)?;
        (*object.as_ptr().cast::<Exporter>()).view = Box::into_raw(Box::new(view));
        Bound::from_owned_ptr_or_err(py, ffi::PyMemoryView_FromObject(object.as_ptr()))
    }
}

/// Bytes for what came in a frame, a writable memoryview for what lies in shared memory.
pub fn payload(py: Python<'_>, chunk: Chunk) -> PyResult<Bound<'_, PyAny>> {
    match chunk {
        Chunk::Bytes(bytes) => Ok(PyBytes::new(py, &bytes).into_any()),
        Chunk::View(view) => export(py, view),
    }
}

/// A writable memoryview in either case.
pub fn buffer(py: Python<'_>, chunk: Chunk) -> PyResult<Bound<'_, PyAny>> {
    match chunk {
        Chunk::Bytes(bytes) => {
            let array = pyo3::types::PyByteArray::new(py, &bytes);
            // SAFETY: attached, and the object is alive.
            unsafe {
                Bound::from_owned_ptr_or_err(py, ffi::PyMemoryView_FromObject(array.as_ptr()))
            }
        }
        Chunk::View(view) => export(py, view),
    }
}
