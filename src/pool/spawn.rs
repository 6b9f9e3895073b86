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
use super::descriptors::Descriptors;
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
    /// Its standard output and standard error; None: they are ours.
    pub descriptors: Option<Descriptors>,
}

/// The two ends of a worker that is about to start.
pub struct Ends {
    ours: OwnedFd,
    /// The worker's end of the socket.
    pub(super) theirs: OwnedFd,
    /// None: it writes to our own descriptors.
    pub(super) descriptors: Option<Descriptors>,
}

impl Ends {
    /// A socket, and files for what the worker writes past Python.
    pub fn new() -> io::Result<Self> {
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        let descriptors = Descriptors::new()
            .inspect_err(|error| tracing::debug!(%error, "workers write to our own descriptors"))
            .ok();
        Ok(Self {
            ours,
            theirs,
            descriptors,
        })
    }

    /// The worker is there, as our child `pid`.
    pub fn process(self, pid: u32) -> io::Result<Process> {
        let raw = Pid::from_raw(pid.cast_signed()).ok_or(io::ErrorKind::NotFound)?;
        let pidfd = rustix::process::pidfd_open(raw, PidfdFlags::empty()).inspect_err(|_| {
            // Without a pidfd we cannot watch it: it ends by the end of its socket; reap it when it does.
            let _ = rustix::process::kill_process(raw, Signal::KILL);
            let _ = rustix::process::waitpid(Some(raw), rustix::process::WaitOptions::empty());
        })?;
        Ok(Process {
            pid,
            pidfd,
            channel: Channel::new(self.ours),
            descriptors: self.descriptors,
        })
    }
}

/// Starts one. The calling thread must outlive the worker: its end ends the worker.
pub fn start(launch: &Launch) -> io::Result<Process> {
    let (program, arguments) = launch
        .argv
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    let ends = Ends::new()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("0")
        .process_group(0)
        .stdin(Stdio::from(ends.theirs.try_clone()?));
    if let Some(descriptors) = &ends.descriptors {
        let [out, err] = descriptors.theirs()?;
        command.stdout(Stdio::from(out)).stderr(Stdio::from(err));
    }
    if let Some(env) = &launch.env {
        command
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)));
    }
    let pid = command.spawn()?.id();
    ends.process(pid)
}

/// Reaps a process if it has ended.
pub fn reap(process: &Process) -> Option<Exit> {
    use std::os::fd::AsFd;
    // Left to be reaped by the call that tells what it has used.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match rustix::process::waitid(WaitId::PidFd(process.pidfd.as_fd()), options) {
        Ok(None) => None,
        Ok(Some(status)) => Some(Exit {
            signal: status.terminating_signal(),
            code: status.exit_status(),
            peak: peak_memory(process.pid),
            ..Exit::default()
        }),
        // Somebody else reaped it.
        Err(_) => Some(Exit::default()),
    }
}

/// Reaps a child that has ended: the most memory that it had in use, in bytes.
fn peak_memory(pid: u32) -> Option<u64> {
    let mut status = 0;
    // SAFETY: a plain structure of numbers, for which zeros are values.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both outlive the call.
    let reaped = unsafe { libc::wait4(pid.cast_signed(), &mut status, libc::WNOHANG, &mut usage) };
    let kilobytes = u64::try_from(usage.ru_maxrss).ok()?;
    (reaped > 0).then_some(kilobytes * 1024)
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
