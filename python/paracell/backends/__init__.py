"""The ways of running tasks: serial, threads, processes. One small interface (``run.job.Backend``), a file each."""
