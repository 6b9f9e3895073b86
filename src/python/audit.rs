//! Python's audit events, of which those that are about files are handed on to Python (`paracell.run.touching`), while
//! anybody asks for them.
//!
//! A hook stays for good, and one in Python costs a call of a function at every event there is (`id()`, frames, arrays).
//! This one costs the others a few comparisons. `PySys_AddAuditHook` is not part of the stable ABI: it is looked up.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// What is handed on, and `DATABASE`.
const EVENTS: [&CStr; 13] = [
    c"open",
    c"os.listdir",
    c"os.scandir",
    c"os.remove",
    c"os.rmdir",
    c"os.rename",
    c"os.link",
    c"os.symlink",
    c"os.truncate",
    c"os.utime",
    c"os.chmod",
    c"os.mkdir",
    c"shutil.rmtree",
];
const DATABASE: &CStr = c"sqlite3.connect";

/// So many ask to be told.
static ASKING: AtomicUsize = AtomicUsize::new(0);
/// The interpreter of `TELL`: what happens in others is none of its business, and may not touch it.
static HOME: AtomicPtr<ffi::PyInterpreterState> = AtomicPtr::new(ptr::null_mut());
/// Called with the event and its arguments.
static TELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

type Hook = unsafe extern "C" fn(*const c_char, *mut ffi::PyObject, *mut c_void) -> c_int;
type AddHook = unsafe extern "C" fn(Hook, *mut c_void) -> c_int;

/// Called by CPython with the interpreter's lock held, and any exception that is set put aside.
unsafe extern "C" fn hook(event: *const c_char, args: *mut ffi::PyObject, _: *mut c_void) -> c_int {
    if ASKING.load(Relaxed) == 0 || event.is_null() || args.is_null() {
        return 0;
    }
    // SAFETY: CPython's own text, which ends with a zero.
    let name = unsafe { CStr::from_ptr(event) };
    if !EVENTS.contains(&name) && name != DATABASE {
        return 0;
    }
    // SAFETY: an event of this kind is raised by a thread that runs Python code.
    if unsafe { ffi::PyInterpreterState_Get() } != HOME.load(Relaxed) {
        return 0;
    }
    Python::attach(|py| {
        let Some(tell) = TELL.get(py) else { return 0 };
        // SAFETY: borrowed for the length of the call.
        let args = unsafe { Bound::from_borrowed_ptr(py, args) };
        let name = PyString::new(py, &name.to_string_lossy());
        match tell.bind(py).call1((name, args)) {
            Ok(_) => 0,
            // An interrupt that came meanwhile: whoever was about to open the file gets it.
            Err(error) => {
                error.restore(py);
                -1
            }
        }
    })
}

/// Let `tell(event, arguments)` be called for events of files, while `asked_for` says so. False: it cannot be.
#[pyfunction]
fn tell_of_files(py: Python<'_>, tell: Py<PyAny>) -> bool {
    if TELL.get(py).is_some() {
        return true;
    }
    // SAFETY: the name ends with a zero; the symbol is looked for in what is loaded.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"PySys_AddAuditHook".as_ptr()) };
    if found.is_null() || TELL.set(py, tell).is_err() {
        return false;
    }
    // SAFETY: we are attached to an interpreter.
    HOME.store(unsafe { ffi::PyInterpreterState_Get() }, Relaxed);
    // SAFETY: the function has had this signature since it came with Python 3.8.
    let add: AddHook = unsafe { std::mem::transmute::<*mut c_void, AddHook>(found) };
    // SAFETY: the hook needs no data.
    unsafe { add(hook, ptr::null_mut()) == 0 }
}

/// One more (`1`) asks to be told, or one less (`-1`).
#[pyfunction]
fn files_asked_for(change: isize) {
    if change > 0 {
        ASKING.fetch_add(1, Relaxed);
    } else {
        let _ = ASKING.fetch_update(Relaxed, Relaxed, |count| count.checked_sub(1));
    }
}

/// Adds this room's functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(tell_of_files, module)?)?;
    module.add_function(wrap_pyfunction!(files_asked_for, module)?)
}
