//! No interrupt is lost. CPython notes SIGINT and looks at the note between two bytecodes, or when a system call ends
//! early. A signal that comes after the last look and before the call begins, or that another thread takes, ends no
//! call: the cell would wait for its lock or child as if nothing had been said. So what has been noted and not been
//! looked at soon is followed by signals that do nothing but end the main thread's system calls.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::pool::wake::Wake;
use crate::signals;

/// What does nothing by default, and what few programs use.
const NUDGE: libc::c_int = libc::SIGURG;

/// From the interrupt to the first nudge; doubles up to `LONGEST`, while C code keeps the main thread from looking.
const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(1);

/// An interrupt has been noted, and Python has not looked.
static NOTED: AtomicBool = AtomicBool::new(false);

/// CPython's C handler of signals, as an address.
static CPYTHON: AtomicUsize = AtomicUsize::new(0);

static WATCH: OnceLock<Watch> = OnceLock::new();

struct Watch {
    wake: Wake,
    main: libc::pthread_t,
    /// A forked child has this memory, but neither the thread nor, perhaps, the descriptor.
    owner: libc::pid_t,
}

/// To be called by the main thread when SIGINT has just been given a Python handler.
pub fn begin() -> io::Result<()> {
    if WATCH.get().is_some() {
        return Ok(());
    }
    CPYTHON.store(handler_of(libc::SIGINT)?.sa_sigaction, Ordering::Release);
    let watch = Watch {
        wake: Wake::new()?,
        // SAFETY: these ask for nothing but numbers.
        main: unsafe { libc::pthread_self() },
        owner: unsafe { libc::getpid() },
    };
    if handler_of(NUDGE)?.sa_sigaction == libc::SIG_DFL {
        // SAFETY: the struct is whole (no flags, an empty mask), the handler touches nothing.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as usize;
            changed(libc::sigaction(NUDGE, &action, std::ptr::null_mut()))?;
        }
    }
    let watch = WATCH.get_or_init(|| watch);
    std::thread::Builder::new()
        .name("paracell-nudge".to_owned())
        .spawn(|| {
            signals::block();
            watch.serve();
        })?;
    Ok(())
}

/// Notes SIGINT from now on, if CPython's handler (which it calls) is in place: every ``signal.signal`` puts it there.
pub fn renew() -> io::Result<()> {
    let mut action = handler_of(libc::SIGINT)?;
    if WATCH.get().is_none() || action.sa_sigaction != CPYTHON.load(Ordering::Acquire) {
        return Ok(());
    }
    action.sa_sigaction = note as *const () as usize;
    // SAFETY: CPython's flags and mask with another handler of the same kind.
    changed(unsafe { libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut()) })
}

/// Python looks.
pub fn looked() {
    NOTED.store(false, Ordering::Release);
}

fn handler_of(signal: libc::c_int) -> io::Result<libc::sigaction> {
    // SAFETY: it is only written to, by the call.
    unsafe {
        let mut action = std::mem::zeroed();
        changed(libc::sigaction(signal, std::ptr::null(), &mut action))?;
        Ok(action)
    }
}

fn changed(code: libc::c_int) -> io::Result<()> {
    if code == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

extern "C" fn nothing(_: libc::c_int) {}

/// Only what a signal handler may do: atomics, `getpid`, `write` (rustix makes the system call itself: errno stays).
extern "C" fn note(signal: libc::c_int) {
    NOTED.store(true, Ordering::Release);
    let python = CPYTHON.load(Ordering::Acquire);
    // SAFETY: `begin` stored the address of CPython's handler, which takes the signal's number, before this was installed.
    unsafe { std::mem::transmute::<usize, extern "C" fn(libc::c_int)>(python)(signal) };
    // SAFETY: no memory is involved.
    if let Some(watch) = WATCH.get()
        && watch.owner == unsafe { libc::getpid() }
    {
        watch.wake.set();
    }
}

impl Watch {
    fn serve(&self) {
        let mut pause = None;
        loop {
            pause = match self.wake.wait_for(pause) {
                Ok(true) => {
                    self.wake.clear();
                    Some(FIRST)
                }
                Ok(false) if NOTED.load(Ordering::Acquire) => {
                    self.nudge();
                    pause.map(|p| LONGEST.min(p * 2))
                }
                Ok(false) => None,
                Err(error) => {
                    tracing::error!(%error, "interrupts are watched no longer: if one is lost, interrupt again");
                    return;
                }
            }
        }
    }

    fn nudge(&self) {
        let ours = handler_of(NUDGE).is_ok_and(|a| a.sa_sigaction == nothing as *const () as usize);
        if ours && NOTED.load(Ordering::Acquire) {
            // SAFETY: the main thread lives as long as the process, and the handler does nothing.
            unsafe { libc::pthread_kill(self.main, NUDGE) };
        }
    }
}
