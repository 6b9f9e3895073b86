//! How free the GIL is while the notebook's thread runs a loop: a thread of our own asks for it now and then, and
//! notes whether it had to wait. It rests unless a measurement is under way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::signals;

/// Before the first sample: loops that are over sooner are left alone.
const DELAY: Duration = Duration::from_micros(1000);
/// Between samples. A sample that has to wait makes the other thread give the GIL away once.
const INTERVAL: Duration = Duration::from_millis(1);
/// Waiting longer than this means that the GIL was held.
const AT_ONCE: Duration = Duration::from_micros(200);

#[derive(Default)]
struct State {
    /// Number of the measurement that is under way; 0: none.
    measuring: u64,
    last: u64,
    quit: bool,
    samples: u32,
    free: u32,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        let mut state = self.lock();
        while !state.quit {
            let number = state.measuring;
            if number == 0 {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let pause = if state.samples == 0 { DELAY } else { INTERVAL };
            // A measurement that ends wakes nobody: the next one, or the end of this pause, does.
            let (paused, timeout) = self
                .changed
                .wait_timeout(state, pause)
                .unwrap_or_else(PoisonError::into_inner);
            state = paused;
            if !timeout.timed_out() || state.measuring != number || state.quit {
                continue;
            }
            drop(state);
            let asked = Instant::now();
            let attached = Python::try_attach(|_| asked.elapsed());
            state = self.lock();
            match attached {
                // The interpreter is on its way out.
                None => return,
                Some(waited) if state.measuring == number => {
                    state.samples += 1;
                    state.free += u32::from(waited < AT_ONCE);
                }
                Some(_) => {}
            }
        }
    }
}

/// Measures how free the GIL is, from `begin` to `end`.
#[pyclass(frozen, module = "paracell._native")]
pub struct GilProbe {
    shared: Arc<Shared>,
    owner: u32,
}

#[pymethods]
impl GilProbe {
    #[new]
    fn new() -> PyResult<Self> {
        let shared = Arc::<Shared>::default();
        let served = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("paracell-gil".to_owned())
            .spawn(move || {
                signals::block();
                served.serve();
            })
            .map_err(|error| {
                PyRuntimeError::new_err(format!("cannot start the GIL probe: {error}"))
            })?;
        Ok(Self {
            shared,
            owner: std::process::id(),
        })
    }

    fn begin(&self) {
        let mut state = self.shared.lock();
        state.last += 1;
        state.measuring = state.last;
        (state.samples, state.free) = (0, 0);
        drop(state);
        self.shared.changed.notify_one();
    }

    fn read(&self) -> (u32, u32) {
        let state = self.shared.lock();
        (state.samples, state.free)
    }

    fn end(&self) {
        self.shared.lock().measuring = 0;
    }

    fn close(&self) {
        if std::process::id() != self.owner {
            return;
        }
        self.shared.lock().quit = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for GilProbe {
    fn drop(&mut self) {
        // Not joined: the thread may wait for the GIL, which is held here.
        self.close();
    }
}

/// Adds this room's class.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<GilProbe>()
}
