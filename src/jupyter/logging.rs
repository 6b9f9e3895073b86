//! Logs go to the standard error that the process was started with, whatever fd 2 becomes later, and never wait for
//! whoever reads it. `PARACELL_LOG` chooses what is logged (`debug`, `paracell::jupyter=trace`, …); default: `warn`.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Once};

use rustix::event::{PollFd, PollFlags, poll};
use tracing_subscriber::EnvFilter;

static START: Once = Once::new();
/// A pipe that polls as writable takes so much without blocking (PIPE_BUF).
const LINE: usize = 4096;

#[derive(Clone)]
struct Stderr(Arc<OwnedFd>);

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let fd = &*self.0;
        let now = rustix::time::Timespec::default();
        let writable = poll(&mut [PollFd::new(fd, PollFlags::OUT)], Some(&now));
        if writable.is_ok_and(|n| n > 0) {
            let _ = rustix::io::write(fd, &line[..line.len().min(LINE)]);
        }
        Ok(line.len()) // a log that nobody reads is not worth a hang
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts logging, once; later calls do nothing.
pub fn start() {
    START.call_once(|| {
        let Ok(stderr) = rustix::io::fcntl_dupfd_cloexec(io::stderr(), 3) else {
            return;
        };
        let stderr = Stderr(Arc::new(stderr));
        let filter =
            EnvFilter::try_from_env("PARACELL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
        let logs = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(move || stderr.clone());
        let _ = logs.try_init(); // someone else's subscriber is fine, too
        log_panics();
    });
}

/// A panic in a thread of ours is an event in the log, and not text in whatever fd 2 has become.
fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current()
            .name()
            .is_some_and(|n| n.starts_with("paracell"))
        {
            tracing::error!("{panic}");
        } else {
            before(panic);
        }
    }));
}
