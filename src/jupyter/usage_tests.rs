//! What is read from /proc, and what becomes of it.

#![allow(clippy::unwrap_used)] // tests may panic

use super::*;

fn process(pid: u32, parent: u32, ticks: u64) -> Process {
    Process {
        pid,
        parent,
        ticks,
        started: 7,
    }
}

#[test]
fn a_name_may_hold_anything() {
    let stat = "12 (a) b 1 (2) S 3 12 12 0 -1 4194304 9 9 9 9 40 2 8 8 20 0 1 0 777 1 1";
    let expected = Process {
        pid: 12,
        parent: 3,
        ticks: 42,
        started: 777,
    };
    assert_eq!(Process::parse(stat), Some(expected));
    assert_eq!(Process::parse("12 (a) S"), None);
}

#[test]
fn a_family_has_children_of_children_and_nobody_else() {
    let all = [
        process(1, 0, 0),
        process(5, 1, 0),
        process(7, 6, 0),
        process(6, 5, 0),
        process(8, 1, 0),
    ];
    let pids: Vec<u32> = family(&all, 5).iter().map(|p| p.pid).collect();
    assert_eq!(pids, [5, 6, 7]);
    assert!(family(&all, 99).is_empty());
}

#[test]
fn processors_are_measured_from_the_answer_before() {
    let mut seen = Seen::default();
    let first = "cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1 1\ncpu1 1 1\nintr 5\n";
    let second = "cpu  20 0 20 80 80 0 0 0 0 0\n";
    assert_eq!(seen.host_cpu(first), None);
    assert_eq!(seen.host_cpu(second), Some(20.0));
    assert_eq!(seen.host_cpu(second), None);
    assert_eq!(processors(first), 2);
    assert!(seen.cpu(&[&process(1, 0, 0)]) == 0.0);
    assert!(seen.cpu(&[&process(1, 0, 1_000), &process(2, 1, 1_000)]) > 0.0);
    assert!(seen.cpu(&[&process(1, 0, 1_000)]) == 0.0);
}

#[test]
fn this_process_has_memory_and_the_host_has_more() {
    let mut seen = Seen::default();
    let reply = seen.reply();
    if cfg!(target_os = "linux") {
        let host = reply.host_virtual_memory.unwrap();
        assert!(reply.kernel_memory.unwrap() > 100_000);
        assert!(host.total > host.used && host.total >= host.available);
    }
    assert!(reply.cpu_count > 0 && !reply.hostname.is_empty());
}
