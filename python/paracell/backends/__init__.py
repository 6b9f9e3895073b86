"""The ways of running tasks: serial, threads, processes. One small interface, a file each."""
