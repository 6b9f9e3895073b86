//! Starts worker processes. The control socket is the child's standard input (the worker moves it away and puts
//! /dev/null there), so no descriptor has to be inheritable and none leaks into a child that others start meanwhile.
//!
//! A worker has a process group of its own: a terminal's Ctrl-C is the kernel's to handle.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use super::channel::Channel;
use super::run::Exit;

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Program and arguments; the control descriptor's number is appended.
    pub argv: Vec<String>,
    /// The whole environment; None: the pool's own.
    pub env: Option<Vec<(String, String)>>,
}

impl Launch {
    /// As one would type it.
    pub fn command(&self) -> String {
        self.argv.join(" ")
    }
}

/// A worker process that was started.
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Readable when it has ended.
    pub pidfd: OwnedFd,
    /// Our end of its socket, non-blocking.
    pub channel: Channel,
}

/// Starts one. The calling thread must outlive the worker: its end ends the worker.
pub fn start(launch: &Launch) -> io::Result<Process> {
    let (program, arguments) = launch
        .argv
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("0")
        .process_group(0)
        .stdin(Stdio::from(theirs));
    if let Some(env) = &launch.env {
        command
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)));
    }
    let pid = command.spawn()?.id();
    let raw = Pid::from_raw(pid.cast_signed()).ok_or(io::ErrorKind::NotFound)?;
    let pidfd = rustix::process::pidfd_open(raw, PidfdFlags::empty()).inspect_err(|_| {
        // Without a pidfd we cannot watch it: it ends by the end of its socket; reap it when it does.
        let _ = rustix::process::kill_process(raw, Signal::KILL);
        let _ = rustix::process::waitpid(Some(raw), rustix::process::WaitOptions::empty());
    })?;
    Ok(Process {
        pid,
        pidfd,
        channel: Channel::new(ours),
    })
}

/// Reaps a process if it has ended.
pub fn reap(pidfd: &OwnedFd) -> Option<Exit> {
    use std::os::fd::AsFd;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    match rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), options) {
        Ok(None) => None,
        Ok(Some(status)) => Some(Exit {
            signal: status.terminating_signal(),
            code: status.exit_status(),
            ..Exit::default()
        }),
        // Somebody else reaped it.
        Err(_) => Some(Exit::default()),
    }
}

/// Sends a signal; a process that has ended does not mind.
pub fn signal(pidfd: &OwnedFd, signal: Signal) {
    let _ = rustix::process::pidfd_send_signal(pidfd, signal);
}

/// Kills and reaps.
pub fn end(process: &Process) {
    use std::os::fd::AsFd;
    signal(&process.pidfd, Signal::KILL);
    let _ = rustix::process::waitid(WaitId::PidFd(process.pidfd.as_fd()), WaitIdOptions::EXITED);
}
