//! What can go wrong in the pool itself. A task that fails or a worker that dies is not an error but an outcome.

use std::io;

/// Why the pool cannot do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PoolError {
    /// The operating system refused to start a worker.
    #[error("cannot start a worker process ({command}): {source}")]
    Spawn {
        /// The command line.
        command: String,
        /// The system's reason.
        source: std::sync::Arc<io::Error>,
    },
    /// A worker ended before it said that it is ready.
    #[error(
        "a worker process ended while it was starting ({how}); run this command to see why: {command}"
    )]
    Start {
        /// The command line.
        command: String,
        /// Exit code or signal.
        how: String,
    },
    /// A system call of the pool failed.
    #[error("{what}: {source}")]
    Os {
        /// What was attempted.
        what: &'static str,
        /// The system's reason.
        source: std::sync::Arc<io::Error>,
    },
    /// A key was named that was not put.
    #[error("no blob is held under the key {0}; put() it first")]
    UnknownKey(String),
    /// The pool was shut down.
    #[error("the worker pool is shut down")]
    Closed,
    /// The run was closed or cancelled.
    #[error("this run is closed")]
    RunClosed,
    /// A forked child used its parent's pool.
    #[error("this worker pool belongs to process {0}; a forked child cannot use it")]
    Forked(u32),
    /// `next` without a task.
    #[error("every submitted task has been taken")]
    NothingSubmitted,
}

impl PoolError {
    /// Wraps a failed system call.
    pub fn os(what: &'static str, source: impl Into<io::Error>) -> Self {
        Self::Os {
            what,
            source: std::sync::Arc::new(source.into()),
        }
    }
}
