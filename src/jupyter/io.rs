//! The I/O thread: one tokio runtime that owns every socket. It never takes the GIL and never waits for a peer.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::task::{JoinHandle, LocalSet};
use tokio::time::Instant;

use super::connection::{Channel, Connection};
use super::dispatch::Dispatch;
use super::gate::{Census, Listener, guard};
use super::ingress::{Command, Due, Ingress};
use super::language::Language;
use super::limits::Limits;
use super::wire::StartError;
use super::zmtp::Peers;
use crate::signals;

/// How long peers get to close their side after ours: a close with unread bytes could take back what was sent.
const FAREWELL: Duration = Duration::from_millis(100);

/// Bytes of commands between two turns for the peers: well below a millisecond of work.
const TURN: usize = 256 * 1024;

/// What the thread starts with.
pub struct Task {
    pub connection: Connection,
    pub limits: Limits,
    pub language: Arc<dyn Language>,
    pub ingress: Arc<Ingress>,
    pub session: String,
}

/// Tells everyone who waits that the thread has ended, however it did.
struct Ended(Arc<Ingress>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.end();
        if std::thread::panicking() {
            tracing::error!("the I/O thread has panicked; the kernel cannot be reached any more");
        }
    }
}

type Ready = mpsc::Sender<Result<(), StartError>>;

impl Task {
    /// Binds, tells `ready`, and serves until it is told to stop.
    pub fn run(self, ready: &Ready) {
        let _ended = Ended(self.ingress.clone());
        signals::block();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = ready.send(Err(error.into()));
                return;
            }
        };
        LocalSet::new().block_on(&runtime, async {
            let mut listeners = Vec::new();
            for channel in Channel::ALL {
                match Listener::bind(&self.connection, channel) {
                    Ok(listener) => listeners.push((channel, listener)),
                    Err(error) => {
                        let _ = ready.send(Err(error.into()));
                        return;
                    }
                }
            }
            self.serve(listeners, ready).await;
        });
    }

    async fn serve(&self, listeners: Vec<(Channel, Listener)>, ready: &Ready) {
        let (connection, session) = (&self.connection, &self.session);
        let dispatch = Dispatch::new(
            connection,
            session,
            self.ingress.clone(),
            self.language.clone(),
        );
        let (peers, census) = (Rc::new(Peers::default()), Rc::new(Census::default()));
        let guards: Vec<JoinHandle<()>> = listeners
            .into_iter()
            .map(|(channel, listener)| {
                let socket = dispatch.socket(channel);
                let accepting = guard(
                    listener,
                    socket,
                    peers.clone(),
                    census.clone(),
                    self.limits.clone(),
                );
                tokio::task::spawn_local(accepting)
            })
            .collect();
        if ready.send(Ok(())).is_err() {
            return;
        }
        let linger = self.obey(&dispatch).await;
        farewell(guards, &peers, linger).await;
    }

    /// Does what the other threads ask for, until they ask for the end.
    async fn obey(&self, dispatch: &Dispatch) -> Duration {
        loop {
            match self.ingress.due() {
                Due::Nothing => self.ingress.notified().await,
                Due::Later(when) => {
                    tokio::select! {
                        () = self.ingress.notified() => {}
                        () = tokio::time::sleep_until(Instant::from_std(when)) => {}
                    }
                }
                Due::Now(commands, ticket) => {
                    let stop = self.carry_out(dispatch, commands).await;
                    self.ingress.done(ticket);
                    if let Some(linger) = stop {
                        return linger;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Does `commands`; the linger of a stop among them. Peers get their turn in between, however many there are.
    async fn carry_out(
        &self,
        dispatch: &Dispatch,
        commands: VecDeque<Command>,
    ) -> Option<Duration> {
        let (mut stop, mut turn) = (None, 0);
        for command in commands {
            if let Command::Stop { linger } = command {
                stop = Some(linger);
                continue;
            }
            turn += command.size();
            // A bug in one command must not take the kernel down with it.
            if catch_unwind(AssertUnwindSafe(|| dispatch.command(command))).is_err() {
                tracing::error!("a command of the kernel panicked and was skipped");
            }
            if turn > TURN {
                dispatch.iopub.pump();
                self.ingress.passed(std::mem::take(&mut turn));
                tokio::task::yield_now().await;
            }
        }
        dispatch.iopub.pump();
        stop
    }
}

/// Closes the listeners, then lets every peer have what waits for it, for at most `linger`.
async fn farewell(guards: Vec<JoinHandle<()>>, peers: &Rc<Peers>, linger: Duration) {
    let deadline = Instant::now() + linger;
    guards.iter().for_each(JoinHandle::abort);
    for guard in guards {
        let _ = guard.await; // cancelled: its listener is closed
    }
    let all = peers.now();
    for peer in &all {
        if tokio::time::timeout_at(deadline, peer.all_written())
            .await
            .is_err()
        {
            tracing::warn!(
                peer = peer.id,
                left = peer.waiting(),
                "a client did not take all output in time"
            );
        }
        peer.end();
    }
    drop(all);
    let _ = tokio::time::timeout(FAREWELL.min(linger), peers.all_gone()).await;
}
