//! What the calling thread's clocks show, in one call: it is asked when each loop begins, and most are over at once.

use std::os::fd::{BorrowedFd, RawFd};

use pyo3::prelude::*;
use rustix::thread::ClockId;

/// (elapsed, run by this thread, its page faults that needed no disk, run by the process, waited by this thread for a
/// core): seconds, but for the faults. `schedule` is an open descriptor of the thread's schedstat, if there is one.
#[pyfunction]
#[pyo3(signature = (schedule))]
fn clocks(schedule: Option<RawFd>) -> (f64, f64, i64, f64, f64) {
    (
        seconds(ClockId::Monotonic),
        seconds(ClockId::ThreadCPUTime),
        faults(),
        seconds(ClockId::ProcessCPUTime),
        schedule.and_then(queued).unwrap_or(0.0),
    )
}

fn seconds(clock: ClockId) -> f64 {
    let now = rustix::time::clock_gettime(clock);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn faults() -> i64 {
    let mut used = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the system writes a whole rusage, and all zeros is one.
    unsafe {
        libc::getrusage(libc::RUSAGE_THREAD, used.as_mut_ptr());
        used.assume_init().ru_minflt
    }
}

/// The second number of "run waited slices", nanoseconds.
fn queued(schedule: RawFd) -> Option<f64> {
    let mut text = [0u8; 100];
    // SAFETY: who asks keeps it open meanwhile.
    let file = unsafe { BorrowedFd::borrow_raw(schedule) };
    let count = rustix::io::pread(file, &mut text, 0).ok()?;
    let text = std::str::from_utf8(&text[..count]).ok()?;
    let waited: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(waited as f64 * 1e-9)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(clocks, module)?)
}
