"""What goes to worker processes and comes back: pickling, buffers, content versions, notebook code."""
