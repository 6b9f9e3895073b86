//! What a task that runs in a subinterpreter asks of its thread.
//!
//! An extension built on pyo3 cannot be imported there, so these are plain C functions, called through ctypes. They find
//! what belongs to the calling thread, touch no Python object, and are called without the subinterpreter's GIL where
//! they take a lock (`ctypes.CDLL`).

use std::cell::RefCell;
use std::ffi::{c_int, c_ulong};
use std::sync::Arc;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::pickle_refs::{Rebased, rebase};
use super::threads::Running;
use crate::pool::threads as native;

unsafe extern "C" {
    fn PyThreadState_SetAsyncExc(thread: c_ulong, exception: *mut ffi::PyObject) -> c_int;
}

thread_local! {
    static AT: RefCell<Option<(Arc<Running>, usize)>> = const { RefCell::new(None) };
    static GIVEN: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static REBASED: RefCell<Option<Rebased>> = const { RefCell::new(None) };
}

/// A rewritten pickle, for C (see `paracell_rebase`).
#[repr(C)]
pub struct Rewritten {
    payload: *const u8,
    length: usize,
    used: *const u32,
    count: usize,
}

/// A subinterpreter that a thread is in.
pub(super) struct Interpreter(*mut ffi::PyInterpreterState);

// SAFETY: only handed to CPython, by a thread that knows that another one is still inside.
unsafe impl Send for Interpreter {}

/// What this thread is at: a slot of a run.
pub(super) fn at(place: Option<(Arc<Running>, usize)>) {
    AT.set(place);
}

/// Raises `exception` in a thread, in the interpreter that it is `inside` of, else in this one.
///
/// # Safety
/// Attached, and the thread stays inside until this returns.
pub(super) unsafe fn interrupt(
    inside: Option<&Interpreter>,
    ident: c_ulong,
    exception: *mut ffi::PyObject,
) {
    // SAFETY: an ident that is unknown is ignored. A thread state of our own takes this thread into the interpreter, and
    // is gone when this returns; swapping waits for its GIL with ours released.
    unsafe {
        let Some(interpreter) = inside else {
            PyThreadState_SetAsyncExc(ident, exception);
            return;
        };
        let visiting = ffi::PyThreadState_New(interpreter.0);
        if visiting.is_null() {
            return;
        }
        let before = ffi::PyThreadState_Swap(visiting);
        PyThreadState_SetAsyncExc(ident, exception);
        ffi::PyThreadState_Clear(visiting);
        ffi::PyThreadState_Swap(before);
        ffi::PyThreadState_Delete(visiting);
    }
}

fn enters(inside: Option<Interpreter>) -> bool {
    // Not under the borrow: the lock may have to be waited for.
    let place = AT.with_borrow(Clone::clone);
    place.is_some_and(|(running, slot)| running.enters(slot, inside))
}

/// This thread's task begins in `interpreter`: from here on that is where it is interrupted. Whether its run has been
/// cancelled already.
#[unsafe(no_mangle)]
pub extern "C" fn paracell_enter(interpreter: *mut ffi::PyInterpreterState) -> bool {
    enters(Some(Interpreter(interpreter)))
}

/// The task is over: an interrupt that was sent has been sent. Whether its run has been cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn paracell_leave() -> bool {
    REBASED.set(None);
    enters(None)
}

/// `count` more iterations are finished. Whether the run has been cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn paracell_item_done(count: u64) -> bool {
    native::item_done(count);
    native::is_cancelled()
}

/// Whether the run of this thread's task has been cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn paracell_cancelled() -> bool {
    native::is_cancelled()
}

/// Bytes for whoever has called into the subinterpreter (`given`).
///
/// # Safety
/// `length` bytes can be read at `bytes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn paracell_give(bytes: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    let bytes = unsafe { borrowed(bytes, length) }.to_vec();
    GIVEN.with_borrow_mut(|given| given.push(bytes));
}

/// The task says something before it ends.
///
/// # Safety
/// `length` bytes can be read at `bytes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn paracell_say(bytes: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    native::say(unsafe { borrowed(bytes, length) });
}

/// `pickle_refs::rebase`. What is put into `out` may be read until this thread calls this again, or leaves. False: the
/// pickle was refused.
///
/// # Safety
/// `length` bytes can be read at `bytes`, and `out` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn paracell_rebase(
    bytes: *const u8,
    length: usize,
    primed: u32,
    out: *mut Rewritten,
) -> bool {
    // SAFETY: the caller's promise.
    let Some(rebased) = rebase(unsafe { borrowed(bytes, length) }, primed) else {
        return false;
    };
    let rewritten = Rewritten {
        payload: rebased.payload.as_ptr(),
        length: rebased.payload.len(),
        used: rebased.used.as_ptr(),
        count: rebased.used.len(),
    };
    REBASED.set(Some(rebased));
    // SAFETY: the caller's promise.
    unsafe { out.write(rewritten) };
    true
}

unsafe fn borrowed<'a>(bytes: *const u8, length: usize) -> &'a [u8] {
    if bytes.is_null() || length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(bytes, length) }
}

/// What a subinterpreter has given on this thread since this was asked last.
#[pyfunction]
fn given(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let given = GIVEN.take();
    PyList::new(py, given.iter().map(|bytes| PyBytes::new(py, bytes)))
}

/// Adds this room's functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(given, module)?)
}
