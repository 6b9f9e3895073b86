//! Progress of a run: a thread samples shared counters and hands rendered updates to a sink, at most ten times a
//! second. It knows neither Python nor Jupyter: counters come through [`Source`], updates leave through [`Sink`]. It
//! never takes the GIL, so a display keeps moving while the interpreter is inside a long C call.

mod estimate;
mod poll;
mod render;
mod ticker;

pub use poll::Poll;
pub use render::Rendered;
pub use ticker::{Progress, Start};

use std::time::Duration;

/// Nothing is shown for runs that end sooner.
pub const APPEARS_AFTER: Duration = Duration::from_millis(300);
/// At most ten updates a second.
pub const INTERVAL: Duration = Duration::from_millis(100);

/// What a display says of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerState {
    pub finished: u64,
    pub busy: bool,
}

/// Where the numbers come from; read from the progress thread at any time during the run.
pub trait Source: Send + Sync {
    fn finished(&self) -> u64;
    fn failed(&self) -> u64;
    fn workers(&self) -> Vec<WorkerState>;
}

/// Where displays go.
pub trait Sink: Send + Sync {
    /// Show `rendered`: a new display when `first`, else an update of the one shown before.
    fn show(&self, first: bool, rendered: &Rendered);
}

/// What does not change during a run.
#[derive(Clone, Debug)]
pub struct Title {
    /// The region as the user knows it, e.g. `line 3: for path in paths`.
    pub region: String,
    pub backend: String,
    pub workers: usize,
    /// Iterations, where their number is known.
    pub total: Option<u64>,
}
