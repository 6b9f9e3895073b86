//! The worker pool: tasks and bytes in, results and deaths out, in order. Neither Python nor Jupyter here.
