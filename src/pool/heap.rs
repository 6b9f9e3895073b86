//! How the C library of a worker keeps memory that is free. As it comes, each large array is memory fresh from the
//! system, which clears it page by page: for arrays of megabytes that is most of what a task costs.
//!
//! Source: glibc's manual, "Malloc Tunable Parameters". Other C libraries are left as they are.

/// Arrays up to this many bytes come from the heap (glibc's own upper limit).
#[cfg(target_env = "gnu")]
const MOST_IN_HEAP: libc::c_int = 32 << 20;
/// Free bytes at the heap's end that wait for the next array.
#[cfg(target_env = "gnu")]
const KEEP: libc::c_int = 64 << 20;

/// Keeps what tasks free for the tasks to come.
pub fn keep() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two numbers of the allocator, under its lock.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MOST_IN_HEAP);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEEP);
    }
}

/// Gives what is free back to the system.
pub fn trim() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the allocator's own function, which takes its locks.
    unsafe {
        libc::malloc_trim(0);
    }
}
