//! The protocol through real clients against a kernel that has no Python.

#![allow(clippy::unwrap_used, clippy::expect_used)] // tests may panic

mod support;

use std::sync::atomic::Ordering;

use bytes::Bytes;
use paracell::jupyter::{Channel, Limits};
use serde_json::json;
use support::{Kernel, Received};
use zeromq::{ReqSocket, Socket, SocketRecv, SocketSend, SubSocket};

#[tokio::test]
async fn kernel_info_interrupt_and_heartbeat_work_while_the_language_is_stuck() {
    let kernel = Kernel::start(Limits::default());
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let stuck = shell.execute("wait").await;
    let mut control = kernel.dealer(Channel::Control, "me").await;
    for client in [&mut shell, &mut control] {
        let id = client.send("kernel_info_request", json!({})).await;
        let reply = client.next().await;
        assert_eq!(
            (reply.kind(), reply.parent_id()),
            ("kernel_info_reply", id.as_str())
        );
        assert_eq!(reply.content["implementation"], "echo");
    }
    control.send("interrupt_request", json!({})).await;
    assert_eq!(control.next().await.kind(), "interrupt_reply");
    assert_eq!(kernel.echo.interrupts.load(Ordering::SeqCst), 1);
    control.send("connect_request", json!({})).await;
    assert_eq!(control.next().await.content["iopub_port"], 2);
    let mut heart = ReqSocket::new();
    heart
        .connect(&kernel.url(Channel::Heartbeat))
        .await
        .unwrap();
    heart.send("ping".into()).await.unwrap();
    assert_eq!(
        heart.recv().await.unwrap().get(0).unwrap(),
        &Bytes::from_static(b"ping")
    );
    kernel.echo.open();
    assert_eq!(shell.next().await.parent_id(), stuck);
}

#[tokio::test]
async fn output_is_on_iopub_between_busy_and_idle_of_its_request() {
    let kernel = Kernel::start(Limits::default());
    let mut iopub = kernel.subscriber().await;
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let id = shell.execute("hello").await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let message = iopub.next().await;
        assert_eq!(message.parent_id(), id);
        let topic = String::from_utf8(message.prefix[0].to_vec()).unwrap();
        seen.push((message.kind().to_owned(), topic, message.content));
    }
    let status = format!("kernel.{}.status", kernel.wire.session());
    let expected = [
        (
            "status",
            status.as_str(),
            json!({"execution_state": "busy"}),
        ),
        (
            "stream",
            "stream.stdout",
            json!({"name": "stdout", "text": "hello"}),
        ),
        ("status", &status, json!({"execution_state": "idle"})),
    ];
    assert_eq!(
        seen,
        expected.map(|(k, t, c)| (k.to_owned(), t.to_owned(), c))
    );
    assert_eq!(shell.next().await.content["status"], "ok");
}

#[tokio::test]
async fn unsigned_replayed_and_malformed_messages_are_dropped_and_the_next_is_answered() {
    let kernel = Kernel::start(Limits::default());
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let good = shell.frames("kernel_info_request", &json!({}));
    shell.send_frames(good.clone()).await;
    assert_eq!(shell.next().await.kind(), "kernel_info_reply");
    shell.send_frames(good.clone()).await; // replayed
    let mut forged = shell.frames("kernel_info_request", &json!({}));
    forged[5] = Bytes::from_static(b"{\"forged\":1}");
    shell.send_frames(forged).await;
    let mut unsigned = shell.frames("kernel_info_request", &json!({}));
    unsigned[1] = Bytes::new();
    shell.send_frames(unsigned).await;
    shell.send_frames(good[1..].to_vec()).await; // no delimiter
    shell.send_frames(good[..3].to_vec()).await; // too short
    let not_an_object = shell.frames("kernel_info_request", &json!([]));
    shell.send_frames(not_an_object).await;
    let id = shell.send("kernel_info_request", json!({})).await;
    assert_eq!(shell.next().await.parent_id(), id);
}

#[tokio::test]
async fn a_client_that_comes_back_under_its_identity_gets_the_replies() {
    let kernel = Kernel::start(Limits::default());
    let mut first = kernel.dealer(Channel::Shell, "me").await;
    let id = first.execute("wait").await;
    first.send("kernel_info_request", json!({})).await;
    first.next().await; // its first request has arrived
    let mut second = kernel.dealer(Channel::Shell, "me").await;
    second.send("kernel_info_request", json!({})).await;
    second.next().await; // it has taken over
    kernel.echo.open();
    assert_eq!(second.next().await.parent_id(), id);
}

#[tokio::test]
async fn ten_thousand_queued_requests_are_all_answered_after_an_error() {
    const QUEUED: usize = 10_000;
    let kernel = Kernel::start(Limits::default());
    let mut iopub = kernel.subscriber().await;
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let failing = shell.execute("wait, then fail").await;
    for _ in 0..QUEUED {
        shell.execute("never").await;
    }
    let other = shell.send("is_complete_request", json!({"code": ""})).await;
    shell.send("kernel_info_request", json!({})).await;
    assert_eq!(shell.next().await.kind(), "kernel_info_reply"); // all has arrived
    kernel.echo.open();
    assert_eq!(shell.next().await.parent_id(), failing);
    for i in 0..QUEUED {
        let reply = shell.next().await;
        assert_eq!(reply.content["status"], "aborted", "{i}");
        assert_eq!(reply.parent_id(), format!("execute_request-{}", i + 2));
    }
    assert_eq!(shell.next().await.parent_id(), other);
    let mut idle = 0;
    while idle < QUEUED + 3 {
        let message = iopub.next().await;
        assert_eq!(message.kind(), "status");
        idle += usize::from(message.content["execution_state"] == "idle");
    }
}

#[tokio::test]
async fn every_subscription_is_welcomed_and_only_the_one_that_made_it() {
    let kernel = Kernel::start(Limits::default());
    let mut all = kernel.subscriber().await;
    let mut streams = SubSocket::new();
    streams.connect(&kernel.url(Channel::IoPub)).await.unwrap();
    streams.subscribe("stream.").await.unwrap();
    let welcome = Received::parse(streams.recv().await.unwrap().into_vec());
    assert_eq!(welcome.prefix, [Bytes::from_static(b"stream.")]);
    assert_eq!(
        (welcome.kind(), &welcome.parent),
        ("iopub_welcome", &json!({}))
    );
    assert_eq!(welcome.content, json!({"subscription": "stream."}));
    let mut by_command = kernel.raw(Channel::IoPub);
    by_command.handshake("SUB");
    by_command.command(b"\x09SUBSCRIBEx");
    assert_eq!(
        by_command.receive().unwrap().content,
        json!({"subscription": "x"})
    );
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    shell.execute("text").await;
    let only = Received::parse(streams.recv().await.unwrap().into_vec());
    assert_eq!(only.kind(), "stream");
    assert_eq!(all.next().await.kind(), "status", "not the others' welcome");
}

#[tokio::test]
async fn input_is_asked_of_the_client_that_ran_the_cell_and_stale_replies_are_forgotten() {
    let kernel = Kernel::start(Limits::default());
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let mut iopub = kernel.subscriber().await;
    let _other = kernel.dealer(Channel::Stdin, "other").await;
    shell.execute("input").await;
    // The request for input waits for the client whose stdin comes late.
    let mut stdin = kernel.dealer(Channel::Stdin, "me").await;
    assert_eq!(stdin.next().await.kind(), "input_request");
    stdin.send("input_reply", json!({"value": "first"})).await;
    assert_eq!(shell.next().await.kind(), "execute_reply");
    stdin.send("input_reply", json!({"value": "stale"})).await;
    shell.execute("input").await;
    assert_eq!(stdin.next().await.content["prompt"], "?");
    stdin.send("input_reply", json!({"value": "second"})).await;
    shell.next().await;
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let message = iopub.next().await;
        if message.kind() == "stream" {
            texts.push(message.content["text"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(texts, ["first", "second"]);
}

#[tokio::test]
async fn a_request_of_a_hundred_megabytes_and_its_buffers_arrive() {
    let kernel = Kernel::start(Limits::default());
    let mut shell = kernel.dealer(Channel::Shell, "me").await;
    let mut frames = shell.frames("kernel_info_request", &json!({}));
    frames.push(Bytes::from(vec![7; 100 << 20]));
    shell.send_frames(frames).await;
    assert_eq!(shell.next().await.kind(), "kernel_info_reply");
}
