//! usage_request: what the kernel and its children use, as psutil would say it. Read from /proc on a thread of its own:
//! neither the language, whatever it holds, nor the I/O thread has a part in it. Where there is no /proc, it says no more
//! than how many processors there are.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use rustix::param::{clock_ticks_per_second, page_size};
use serde::Serialize;

use super::ingress::{Command, Ingress};
use super::message::{Message, Request};
use crate::signals;

/// What ipykernel answers, with its names. Sizes in bytes; 100 % is one processor for the kernel, all of them for the host.
#[derive(Debug, Serialize)]
struct Reply {
    status: &'static str,
    hostname: String,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_cpu: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_memory: Option<u64>,
    /// Not there when asked for the first time, which is what it is measured from.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_cpu_percent: Option<f64>,
    cpu_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_virtual_memory: Option<HostMemory>,
}

/// Of the host, as `free` counts it.
#[derive(Debug, Serialize)]
struct HostMemory {
    total: u64,
    available: u64,
    percent: f64,
    used: u64,
    free: u64,
    active: u64,
    inactive: u64,
    buffers: u64,
    cached: u64,
    shared: u64,
    slab: u64,
}

/// Ticks of the processors since the host was started.
#[derive(Clone, Copy)]
struct HostTime {
    busy: u64,
    all: u64,
}

/// What the last answer has seen: usage of processors is a difference.
#[derive(Default)]
struct Seen {
    /// Ticks of each process, by its number and when it was started, and when they were counted.
    processes: HashMap<(u32, u64), (u64, Instant)>,
    host: Option<HostTime>,
}

/// Answers usage requests.
#[derive(Clone, Default)]
pub struct Usage(Arc<Mutex<Seen>>);

impl Usage {
    /// Answers `request` from another thread, between busy and idle.
    pub fn answer(&self, request: Request, ingress: Arc<Ingress>) {
        let seen = self.0.clone();
        let thread = std::thread::Builder::new().name(String::from("paracell-usage"));
        let started = thread.spawn(move || {
            signals::block();
            let reply = seen.lock().unwrap_or_else(PoisonError::into_inner).reply();
            let content = serde_json::to_vec(&reply).unwrap_or_else(|_| b"{}".to_vec());
            let parent = request.header;
            let status = |state| {
                let content = format!(r#"{{"execution_state":"{state}"}}"#);
                ingress.push(Command::Publish {
                    topic: Bytes::new(),
                    message: Message::new("status", parent.clone(), content),
                });
            };
            status("busy");
            ingress.push(Command::Reply {
                channel: request.channel,
                identities: request.identities,
                message: Message::new("usage_reply", parent.clone(), content),
            });
            status("idle");
        });
        if let Err(error) = started {
            tracing::error!("usage cannot be measured: {error}");
        }
    }
}

impl Seen {
    fn reply(&mut self) -> Reply {
        let pid = std::process::id();
        let processes = processes();
        let family: Vec<&Process> = family(&processes, pid);
        let host = fs::read_to_string("/proc/stat").ok();
        Reply {
            status: "ok",
            hostname: hostname(),
            pid,
            kernel_cpu: (!family.is_empty()).then(|| self.cpu(&family)),
            kernel_memory: (!family.is_empty()).then(|| family.iter().map(|p| memory(p.pid)).sum()),
            host_cpu_percent: host.as_deref().and_then(|text| self.host_cpu(text)),
            cpu_count: host
                .as_deref()
                .map_or_else(available_processors, processors),
            host_virtual_memory: fs::read_to_string("/proc/meminfo")
                .ok()
                .and_then(|text| host_memory(&text)),
        }
    }

    /// Percent of a processor that these processes have used since they were looked at last.
    fn cpu(&mut self, family: &[&Process]) -> f64 {
        let mut percent = 0.0;
        let mut now = HashMap::new();
        for process in family {
            let name = (process.pid, process.started);
            if let Some((ticks, when)) = self.processes.get(&name) {
                let used = seconds(process.ticks.saturating_sub(*ticks));
                percent += 100.0 * used / when.elapsed().as_secs_f64().max(1e-9);
            }
            now.insert(name, (process.ticks, Instant::now()));
        }
        self.processes = now;
        one_decimal(percent)
    }

    fn host_cpu(&mut self, stat: &str) -> Option<f64> {
        let now = host_time(stat)?;
        let before = self.host.replace(now)?;
        let all = now.all.saturating_sub(before.all);
        #[allow(clippy::cast_precision_loss)] // years of ticks fit
        let percent = 100.0 * now.busy.saturating_sub(before.busy) as f64 / all.max(1) as f64;
        (percent > 0.0).then(|| one_decimal(percent))
    }
}

/// What /proc says of a process.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    pid: u32,
    parent: u32,
    /// On processors, in ticks.
    ticks: u64,
    /// Ticks after the host's start.
    started: u64,
}

impl Process {
    /// Reads the text of /proc/PID/stat.
    fn parse(stat: &str) -> Option<Self> {
        let (pid, _) = stat.split_once(' ')?;
        // The name in parentheses may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        Some(Self {
            pid: pid.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            ticks: number(11)? + number(12)?,
            started: number(19)?,
        })
    }
}

fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let stats = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        let pid: u32 = name.to_str()?.parse().ok()?;
        fs::read(format!("/proc/{pid}/stat")).ok()
    });
    stats
        .filter_map(|stat| Process::parse(&String::from_utf8_lossy(&stat)))
        .collect()
}

/// A process and all that descend from it.
fn family(processes: &[Process], root: u32) -> Vec<&Process> {
    let mut found: Vec<&Process> = processes.iter().filter(|p| p.pid == root).collect();
    let mut next = 0;
    while next < found.len() {
        let parent = found[next].pid;
        found.extend(
            processes
                .iter()
                .filter(|p| p.parent == parent && p.pid != parent),
        );
        next += 1;
    }
    found
}

/// Bytes of a process, of what it shares with others its part: what forks share is there once. 0 if it has ended.
fn memory(pid: u32) -> u64 {
    let proportional = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
        .ok()
        .and_then(|text| kilobytes(&text, "Pss:"));
    proportional.unwrap_or_else(|| resident(pid).unwrap_or(0))
}

fn resident(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * u64::try_from(page_size()).ok()?)
}

/// Bytes in the line `NAME   123 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(number * 1024)
}

fn host_memory(meminfo: &str) -> Option<HostMemory> {
    let field = |name| kilobytes(meminfo, name).unwrap_or(0);
    let (total, free) = (
        kilobytes(meminfo, "MemTotal:")?,
        kilobytes(meminfo, "MemFree:")?,
    );
    let available = kilobytes(meminfo, "MemAvailable:").filter(|bytes| *bytes <= total);
    let available = available.unwrap_or(free);
    let used = total - available;
    #[allow(clippy::cast_precision_loss)] // a tenth of a percent is asked for
    let percent = one_decimal(100.0 * used as f64 / total.max(1) as f64);
    Some(HostMemory {
        total,
        available,
        percent,
        used,
        free,
        active: field("Active:"),
        inactive: field("Inactive:"),
        buffers: field("Buffers:"),
        cached: field("Cached:") + field("SReclaimable:"),
        shared: field("Shmem:"),
        slab: field("Slab:"),
    })
}

/// Reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in user.
fn host_time(stat: &str) -> Option<HostTime> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = fields
        .split_ascii_whitespace()
        .take(8)
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let all: u64 = ticks.iter().sum();
    let idle: u64 = ticks.get(3..5)?.iter().sum();
    Some(HostTime {
        busy: all - idle,
        all,
    })
}

fn processors(stat: &str) -> usize {
    let numbered = |line: &&str| {
        line.strip_prefix("cpu")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    stat.lines().filter(numbered).count()
}

fn available_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn hostname() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_string_lossy().into_owned()
}

#[allow(clippy::cast_precision_loss)] // years of ticks fit
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / clock_ticks_per_second() as f64
}

fn one_decimal(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
