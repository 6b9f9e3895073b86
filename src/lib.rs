//! paracell: a Jupyter kernel around CPython and IPython whose `%%parallel` cells run loops on all cores.
//!
//! The rooms (docs/architecture.md says what may pass between them):
//! - [`jupyter`]: the wire. Knows frames, signatures and channels; knows no Python.
//! - [`pool`]: the worker pool. Knows bytes, tasks, workers and deaths; knows neither Python nor Jupyter.
//! - [`progress`]: counters in, throttled display messages out.
//! - `signals`: they are the main thread's, whichever room a thread belongs to.
//! - `nudge`: no interrupt is lost, whenever it comes.
//! - [`python`]: the only folder that names pyo3: CPython behind the traits above.

pub mod jupyter;
#[cfg(test)]
mod mutation_tests;
mod nudge;
pub mod pool;
pub mod progress;
pub mod python;
mod signals;
