//! What stands behind the wire: queues that Python takes from, and signals that reach it while it is busy.

use std::sync::Arc;

use ::bytes::Bytes;

use super::side::Side;
use crate::jupyter::{self, Inbox, Language};

/// What the I/O thread calls; no GIL in here.
pub struct Behind {
    pub kernel_info: Bytes,
    pub requests: Inbox<jupyter::Request>,
    pub input: Inbox<String>,
    pub side: Arc<Side>,
}

impl Language for Behind {
    fn kernel_info(&self) -> Bytes {
        self.kernel_info.clone()
    }

    fn request(&self, request: jupyter::Request) {
        match request.subshell_id.clone() {
            Some(name) => {
                self.side.with(&name, |inbox| inbox.push_request(request));
            }
            None => self.requests.push_request(request),
        }
    }

    fn debug(&self, ticket: u64, question: Bytes) {
        self.side.debug(ticket, question);
    }

    fn open_subshell(&self, name: &str) -> Result<(), String> {
        self.side.open(name)
    }

    fn close_subshell(&self, name: &str) {
        self.side.close(name);
    }

    fn take_queued_executes(&self, subshell: Option<&str>) -> Vec<jupyter::Request> {
        match subshell {
            Some(name) => self.side.with(name, |inbox| inbox.take_executes(subshell)),
            None => Some(self.requests.take_executes(None)),
        }
        .unwrap_or_default()
    }

    fn interrupt(&self) -> Result<(), String> {
        // SAFETY: no memory is involved. As ipykernel: the whole group if it is ours, so that children hear it, too.
        let sent = unsafe {
            let pid = libc::getpid();
            if libc::getpgid(0) == pid {
                libc::killpg(pid, libc::SIGINT)
            } else {
                libc::kill(pid, libc::SIGINT)
            }
        };
        if sent == 0 {
            return Ok(());
        }
        Err(std::io::Error::last_os_error().to_string())
    }

    fn shutdown(&self, request: jupyter::Request) {
        self.requests.push_request(request);
        // A cell that runs must not hold the end up; while none does, an interrupt is harmless.
        // SAFETY: no memory is involved.
        unsafe { libc::kill(libc::getpid(), libc::SIGINT) };
    }

    fn forget_input(&self) {
        self.input.take_all(|_| true);
    }

    fn input_reply(&self, value: String) {
        self.input.push(value, false);
    }
}
