//! An eventfd: wakes a thread that waits in poll or epoll.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

/// After so long who waits looks whether it is to be interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Stays set until cleared.
pub struct Wake(OwnedFd);

impl Wake {
    /// Not set.
    pub fn new() -> io::Result<Self> {
        Ok(Self(rustix::event::eventfd(
            0,
            EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK,
        )?))
    }

    /// Sets it. Fails only if it is set 2^64 times over: set all the same.
    pub fn set(&self) {
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    /// Clears it.
    pub fn clear(&self) {
        let _ = rustix::io::read(&self.0, &mut [0u8; 8]);
    }

    /// To wait for.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Waits until it is set, or for so long, or until a signal comes; whether it is set.
    pub fn wait_for(&self, long: Option<Duration>) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
        let long = long.map(|l| Timespec {
            tv_sec: l.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: l.subsec_nanos().into(),
        });
        match rustix::event::poll(&mut fds, long.as_ref()) {
            Ok(set) => Ok(set > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// A wake-up that closes its descriptor when it has done its work, however long something still refers to it.
/// Once released, setting it does nothing and nobody waits. Setting what is set and clearing what is not cost no system
/// call.
pub struct Ready(Mutex<State>);

struct State {
    wake: Option<Arc<Wake>>,
    set: bool,
}

impl Ready {
    /// Not set.
    pub fn new() -> io::Result<Self> {
        let wake = Some(Arc::new(Wake::new()?));
        Ok(Self(Mutex::new(State { wake, set: false })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self) -> Option<Arc<Wake>> {
        self.lock().wake.clone()
    }

    /// Sets it.
    pub fn set(&self) {
        self.turn(true, Wake::set);
    }

    /// Clears it.
    pub fn clear(&self) {
        self.turn(false, Wake::clear);
    }

    fn turn(&self, to: bool, act: impl Fn(&Wake)) {
        let mut state = self.lock();
        // Descriptor and flag change together, under the lock: else who waits could find one without the other.
        if std::mem::replace(&mut state.set, to) != to
            && let Some(wake) = &state.wake
        {
            act(wake);
        }
    }

    /// Waits until it is set or released, or for `LOOK`: a signal that comes just before a wait does not end it.
    pub fn wait(&self) -> io::Result<()> {
        self.get()
            .map_or(Ok(()), |wake| wake.wait_for(Some(LOOK)).map(drop))
    }

    /// Closes the descriptor, at the latest when who waits has woken up.
    pub fn release(&self) {
        let wake = self.lock().wake.take();
        if let Some(wake) = wake {
            wake.set();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_wake_up_lets_go_of_who_waits_and_does_nothing_more() {
        let ready = Ready::new().unwrap();
        let fd = Arc::downgrade(&ready.get().unwrap());
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| ready.wait());
            ready.release();
            waiter.join().unwrap().unwrap();
        });
        assert!(fd.upgrade().is_none(), "the descriptor is closed");
        ready.set();
        ready.clear();
        ready.wait().unwrap();
    }
}
