//! Forks this process as a worker of one run: the notebook's whole memory is there, as it is at this moment.
//!
//! The interpreter's own steps around a fork are called here, and not through `os.fork`, which would warn of our
//! threads: whoever calls has made sure that none of them holds anything that a child needs.

use std::ffi::c_int;
use std::io;

use pyo3::prelude::*;

use crate::pool::fork::{self, Quiet};
use crate::pool::processes::ProcessRun;
use crate::pool::spawn::Ends;
use crate::pool::view;

/// Exit code of a child that could not be made a worker.
const UNSETTLED: i32 = 71;

unsafe extern "C" {
    fn PyOS_BeforeFork();
    fn PyOS_AfterFork_Parent();
    fn PyOS_AfterFork_Child();
}

/// In the child: the descriptor of its socket. In this process: None, and the child is one of the run's workers.
pub fn fork(_attached: Python<'_>, run: &ProcessRun) -> PyResult<Option<c_int>> {
    let ends = Ends::new()?;
    let quiet = Quiet::new();
    fork::flush();
    // SAFETY: attached to the interpreter, whose steps stand around the fork in the order that it asks for.
    let pid = unsafe {
        PyOS_BeforeFork();
        let pid = view::own_fork(|| libc::fork());
        if pid == 0 {
            PyOS_AfterFork_Child();
        } else {
            PyOS_AfterFork_Parent();
        }
        pid
    };
    if pid == 0 {
        std::mem::forget(quiet);
        // SAFETY: nothing of this process may run in a child that is no worker.
        return Ok(Some(
            fork::settle(ends).unwrap_or_else(|_| unsafe { libc::_exit(UNSETTLED) }),
        ));
    }
    let failed = io::Error::last_os_error();
    drop(quiet);
    match u32::try_from(pid) {
        Ok(pid) => run.adopt(ends, pid)?,
        Err(_) => {
            view::child_ended();
            return Err(failed.into());
        }
    }
    Ok(None)
}

/// Forks a child that ends at once. Libraries that end their threads before a fork, and are therefore safe in a child,
/// have done so when this returns.
#[pyfunction]
fn rehearse_fork(_py: Python<'_>) -> PyResult<()> {
    let quiet = Quiet::new();
    // SAFETY: the child does nothing but end.
    let pid = view::own_fork(|| unsafe { libc::fork() });
    if pid == 0 {
        // SAFETY: as above.
        unsafe { libc::_exit(0) };
    }
    let failed = io::Error::last_os_error();
    if pid < 0 {
        view::child_ended();
        return Err(failed.into());
    }
    let mut status = 0;
    // SAFETY: waits for that child alone.
    while unsafe { libc::waitpid(pid, &mut status, 0) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
    view::child_ended();
    drop(quiet);
    Ok(())
}

/// Adds this file's function.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(rehearse_fork, module)?)
}
