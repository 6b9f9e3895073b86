//! Peers that misbehave: what they cost, and that nobody else notices.

#![allow(clippy::unwrap_used, clippy::expect_used)] // tests may panic

mod support;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use paracell::jupyter::zmtp::Event;
use paracell::jupyter::{Channel, Inbox, Language, Limits, Request, Waited, Wire};
use serde_json::json;
use support::{DEADLOCK, Kernel, connection};

async fn answers(kernel: &Kernel) {
    let mut shell = kernel.dealer(Channel::Shell, "well-behaved").await;
    shell.send("kernel_info_request", json!({})).await;
    assert_eq!(shell.next().await.kind(), "kernel_info_reply");
}

#[tokio::test]
async fn absurd_lengths_garbage_and_resets_only_cost_the_peer_that_sent_them() {
    let kernel = Kernel::start(Limits::default());
    for channel in Channel::ALL {
        let kind = if channel == Channel::IoPub {
            "SUB"
        } else {
            "DEALER"
        };
        let mut absurd = kernel.raw(channel);
        absurd.handshake(kind);
        absurd
            .stream
            .write_all(&[2, 0, 0, 1, 0, 0, 0, 0, 0])
            .unwrap();
        assert!(absurd.next().is_none(), "2^40 bytes on {channel:?}");
        let mut garbage = kernel.raw(channel);
        garbage.stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut flags = kernel.raw(channel);
        flags.handshake(kind);
        flags.stream.write_all(&[0xf0; 100]).unwrap();
        assert!(flags.next().is_none(), "flags on {channel:?}");
        let mut wrong = kernel.raw(channel);
        wrong.greet();
        wrong.command(b"\x05READY\x0bSocket-Type\0\0\0\x04PULL");
        let mut gone = kernel.raw(channel);
        gone.handshake(kind);
        drop(gone);
    }
    answers(&kernel).await;
}

#[tokio::test]
async fn a_peer_that_does_not_finish_its_handshake_is_dropped() {
    let kernel = Kernel::start(Limits {
        handshake: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut silent = kernel.raw(Channel::Shell);
    let mut halfway = kernel.raw(Channel::Shell);
    halfway.greet();
    let gone = |raw: &mut support::Raw| {
        std::io::Read::read_to_end(&mut raw.stream, &mut Vec::new()).unwrap()
    };
    gone(&mut silent); // our greeting, then the end
    gone(&mut halfway);
    answers(&kernel).await;
}

#[tokio::test]
async fn connections_above_the_limit_are_closed_and_room_is_made_by_leaving() {
    let kernel = Kernel::start(Limits {
        connections: 2,
        ..Limits::default()
    });
    let mut first = kernel.raw(Channel::Shell);
    first.handshake("DEALER");
    let mut second = kernel.raw(Channel::IoPub);
    second.handshake("SUB");
    let mut third = kernel.raw(Channel::Shell);
    assert!(third.next().is_none());
    second.stream.shutdown(std::net::Shutdown::Both).unwrap();
    first.send(&[Bytes::from_static(b"x")]);
    drop((first, second));
    // The kernel notices both ends in its own time.
    loop {
        let mut next = kernel.raw(Channel::Heartbeat);
        let mut byte = [0];
        if std::io::Read::read(&mut next.stream, &mut byte).unwrap() == 1 {
            break;
        }
    }
}

#[tokio::test]
async fn ping_is_answered() {
    let kernel = Kernel::start(Limits::default());
    let mut peer = kernel.raw(Channel::Shell);
    peer.handshake("DEALER");
    peer.command(b"\x04PING\0\x01context");
    assert_eq!(
        peer.next(),
        Some(Event::Command(Bytes::from_static(b"\x04PONGcontext")))
    );
}

const MESSAGES: usize = 300;

fn large(i: usize) -> String {
    format!(r#"{{"i":{i},"data":"{}"}}"#, "x".repeat(100_000))
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_stalls_no_one_and_loses_nothing() {
    let kernel = Kernel::start(Limits::default());
    let mut slow = kernel.raw(Channel::IoPub);
    slow.subscribe();
    let mut fast = kernel.subscriber().await;
    for i in 0..MESSAGES {
        kernel.publish(large(i));
    }
    for i in 0..MESSAGES {
        assert_eq!(fast.next().await.content["i"], i);
    }
    for i in 0..MESSAGES {
        assert_eq!(slow.receive().unwrap().content["i"], i);
    }
}

#[tokio::test]
async fn a_publisher_waits_for_a_subscriber_that_is_too_far_behind() {
    let kernel = Kernel::start(Limits {
        subscriber: 1 << 20,
        ..Limits::default()
    });
    let mut slow = kernel.raw(Channel::IoPub);
    slow.subscribe();
    let mut published = 0;
    while !kernel.wire.full() {
        kernel.publish(large(published));
        published += 1;
        let ticket = kernel.wire.flush().unwrap();
        assert_eq!(kernel.wire.wait(ticket, DEADLOCK), Waited::Done);
    }
    assert_eq!(kernel.wire.wait_for_room(Duration::ZERO), Waited::TimeOut);
    for i in 0..published {
        assert_eq!(slow.receive().unwrap().content["i"], i);
    }
    assert_eq!(kernel.wire.wait_for_room(DEADLOCK), Waited::Done);
}

#[tokio::test]
async fn a_subscriber_that_takes_nothing_for_too_long_is_disconnected() {
    let kernel = Kernel::start(Limits {
        subscriber: 1 << 20,
        stalled: Duration::from_secs(2), // the fast one may have to wait for a processor, too
        ..Limits::default()
    });
    let mut stuck = kernel.raw(Channel::IoPub);
    stuck.subscribe();
    let mut fast = kernel.subscriber().await;
    for i in 0..MESSAGES {
        kernel.publish(large(i));
    }
    // It reads all the while, on this thread.
    let wire = kernel.wire.clone();
    let room = tokio::task::spawn_blocking(move || wire.wait_for_room(DEADLOCK));
    for i in 0..MESSAGES {
        assert_eq!(fast.next().await.content["i"], i);
    }
    assert_eq!(room.await.unwrap(), Waited::Done);
    let mut got = 0;
    while stuck.receive().is_some() {
        got += 1;
    }
    assert!(got < MESSAGES);
}

#[tokio::test]
async fn what_is_queued_at_the_end_is_delivered() {
    let kernel = Kernel::start(Limits::default());
    let mut slow = kernel.raw(Channel::IoPub);
    slow.subscribe();
    for i in 0..MESSAGES {
        kernel.publish(large(i));
    }
    let wire = kernel.wire.clone();
    let stopping = std::thread::spawn(move || wire.stop(DEADLOCK));
    for i in 0..MESSAGES {
        assert_eq!(slow.receive().unwrap().content["i"], i);
    }
    assert!(slow.next().is_none());
    drop(slow);
    stopping.join().unwrap();
}

struct Mute;

impl Language for Mute {
    fn kernel_info(&self) -> Bytes {
        Bytes::from_static(b"{}")
    }
    fn request(&self, _: Request) {}
    fn debug(&self, _: u64, _: Bytes) {}
    fn open_subshell(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn close_subshell(&self, _: &str) {}
    fn take_queued_executes(&self, _: Option<&str>) -> Vec<Request> {
        Inbox::new().unwrap().take_executes(None)
    }
    fn interrupt(&self) -> Result<(), String> {
        Ok(())
    }
    fn shutdown(&self, _: Request) {}
    fn forget_input(&self) {}
    fn input_reply(&self, _: String) {}
}

#[test]
fn socket_files_are_private_stale_ones_replaced_and_busy_ones_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connection(&directory);
    let shell = directory.path().join("k-1");
    drop(UnixListener::bind(&shell).unwrap()); // as a killed kernel leaves it
    let wire = Wire::start(connection.clone(), Limits::default(), Arc::new(Mute)).unwrap();
    let mode = std::fs::metadata(&shell).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let error = Wire::start(connection.clone(), Limits::default(), Arc::new(Mute))
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("k-1") && error.to_string().contains("kernel.json"),
        "{error}"
    );
    assert!(shell.exists());
    wire.stop(DEADLOCK);
    assert!(!shell.exists());
    std::fs::write(&shell, "precious").unwrap();
    assert!(Wire::start(connection, Limits::default(), Arc::new(Mute)).is_err());
    assert_eq!(std::fs::read_to_string(&shell).unwrap(), "precious");
}

#[tokio::test]
async fn a_peer_that_takes_no_answers_is_asked_for_no_more_questions() {
    let kernel = Kernel::start(Limits {
        subscriber: 1 << 20,
        stalled: Duration::from_secs(2),
        ..Limits::default()
    });
    let mut greedy = kernel.raw(Channel::Heartbeat);
    greedy.handshake("REQ");
    let mut message = vec![2, 0, 0, 0, 0, 0, 1, 0, 0];
    message.resize(9 + (1 << 16), 7);
    let mut sent = 0;
    while sent < 1 << 28 && greedy.stream.write_all(&message).is_ok() {
        sent += message.len();
    }
    assert!(sent < 1 << 24, "{sent} bytes were taken in");
    answers(&kernel).await;
}

#[tokio::test]
async fn debug_requests_that_wait_are_all_answered_however_many_there_are() {
    const WAITING: usize = 5_000;
    let kernel = Kernel::start(Limits::default());
    let mut control = kernel.dealer(Channel::Control, "debugger").await;
    let request = |command| json!({"type": "request", "seq": 1, "command": command});
    control.send("debug_request", request("modules")).await; // the language does not answer yet
    for _ in 0..WAITING {
        control.send("debug_request", request("debugInfo")).await;
    }
    control.send("kernel_info_request", json!({})).await;
    assert_eq!(control.next().await.kind(), "kernel_info_reply");
    kernel.wire.debug_answer(1, Bytes::from_static(b"{}"));
    for _ in 0..=WAITING {
        assert_eq!(control.next().await.kind(), "debug_reply");
    }
}
