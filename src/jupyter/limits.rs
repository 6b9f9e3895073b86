//! What a peer may cost. Defaults are for users; tests choose small ones.

use std::time::Duration;

/// The gate's limits; docs/wire.md explains each to users.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A connection that has not finished its handshake by then is dropped.
    pub handshake: Duration,
    /// The largest message, in bytes.
    pub message: usize,
    /// Connections on all channels together.
    pub connections: usize,
    /// Bytes that may wait for one iopub subscriber before publishers wait too.
    pub subscriber: usize,
    /// A peer with more than `subscriber` bytes waiting that takes none for so long is disconnected.
    pub stalled: Duration,
    /// Streams are sent at the latest so long after they were written.
    pub stream_delay: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            message: 1 << 30,
            connections: 1024,
            subscriber: 64 << 20,
            stalled: Duration::from_secs(10),
            stream_delay: Duration::from_millis(50),
        }
    }
}
