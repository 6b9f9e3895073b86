//! Signals are the main thread's: threads of ours let none through, or a wait of the main thread would not end.

/// Blocks all signals in this thread, and in the threads and processes that it starts.
pub fn block() {
    mask(true);
}

/// Lets all signals through: masks are inherited, and the thread that started this process blocks them.
pub fn unblock() {
    mask(false);
}

fn mask(all: bool) {
    // SAFETY: the set is initialised before it is used, and only this thread's mask changes.
    unsafe {
        let mut set = std::mem::zeroed();
        if all {
            libc::sigfillset(&mut set);
        } else {
            libc::sigemptyset(&mut set);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}
