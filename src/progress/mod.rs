//! Progress of a run: samples shared counters and renders throttled display updates. Never takes the GIL.
