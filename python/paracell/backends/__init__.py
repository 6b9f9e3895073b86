"""The ways of running tasks, a file each: one small interface (``run.job.Backend``)."""
