//! What the pool's thread hears from its workers: frames, and deaths.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use rustix::event::epoll;

use super::channel::Filled;
use super::driver::Driver;
use super::error::PoolError;
use super::frames::{Ending, Frame};
use super::parcel::Received;
use super::roster::InFlight;
use super::run::{Exit, Outcome};
use super::spawn;
use super::view;

/// So many workers may die before they start a task; then the task is blamed.
const MISSES: u32 = 3;

impl Driver {
    pub(super) fn on_worker(&mut self, slot: usize, pidfd: bool) {
        let Some(worker) = self.workers.get_mut(slot).and_then(Option::as_mut) else {
            return;
        };
        if pidfd {
            if let Some(exit) = spawn::reap(&worker.process) {
                while self.read(slot) {}
                self.on_death(slot, exit);
            }
        } else {
            self.read(slot);
            self.flush(slot);
        }
        self.note(slot);
    }

    /// Reads once and handles what came; whether anything did. If there is more, epoll says so again.
    fn read(&mut self, slot: usize) -> bool {
        let Some(worker) = self.workers[slot].as_mut() else {
            return false;
        };
        if worker.closed {
            return false;
        }
        let sound = match worker.process.channel.fill() {
            Ok(Filled::Some) => self.handle_all(slot).is_ok(),
            Ok(Filled::Nothing) => return false,
            Ok(Filled::End) | Err(_) => false,
        };
        if !sound {
            self.hang_up(slot);
        }
        sound
    }

    fn handle_all(&mut self, slot: usize) -> io::Result<()> {
        while let Some(worker) = self.workers[slot].as_mut() {
            let Some((frame, fd)) = worker.process.channel.pop()? else {
                break;
            };
            match (frame, fd) {
                (Frame::Hello { .. }, None) => {
                    worker.serves = true;
                    if worker.only.is_none() {
                        self.shared.set_serving(slot);
                    } else if worker
                        .deadline
                        .is_some_and(|(_, ticket)| ticket == u64::MAX)
                    {
                        worker.deadline = None;
                    }
                }
                (Frame::Segment { id, len, once }, Some(fd)) => {
                    worker.attached.attach(id, fd, len, once)?
                }
                (Frame::Release { places }, None) => worker.take_back(&places),
                (
                    Frame::Done {
                        ticket,
                        ending,
                        begun,
                        nanos,
                        body,
                    },
                    None,
                ) => {
                    let entry = worker.answered(ticket)?;
                    let received = Received::new(body, &worker.attached)?;
                    let (worker_pid, load) = (worker.process.pid, worker.load());
                    if let Some(task) = entry.task {
                        let run = Arc::clone(&task.run);
                        if load == 0 {
                            run.counters.set_busy(slot, false);
                        }
                        if ending == Ending::Done {
                            let outcome = Outcome {
                                task: task.index,
                                result: Ok(received),
                                worker: slot,
                                pid: worker_pid,
                                begun,
                                nanos,
                                finished: task.items,
                            };
                            run.settle((task.first, task.items), outcome, None);
                        }
                        self.settle_ending(run.id);
                    }
                }
                (Frame::Said { ticket, bytes }, None) => {
                    let entry = worker.in_flight.iter().find(|entry| entry.ticket == ticket);
                    if let Some(task) = entry.and_then(|entry| entry.task.as_ref()) {
                        task.run.say(task.index, &bytes);
                    }
                }
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(())
    }

    fn on_death(&mut self, slot: usize, exit: Exit) {
        let Some(worker) = self.workers[slot].take() else {
            return;
        };
        self.living -= usize::from(worker.only.is_none());
        self.shared.set_pid(slot, None);
        if !worker.closed {
            let _ = epoll::delete(&self.epoll, worker.process.channel.fd());
        }
        let _ = epoll::delete(&self.epoll, worker.process.pidfd.as_fd());
        if let Some(descriptors) = &worker.process.descriptors {
            descriptors.pass_on();
        }
        if worker.only.is_some() {
            view::child_ended();
        }
        let own = |open: &&super::driver::Open| Some(open.run.id) == worker.only;
        let own = self.runs.iter().find(own).map(|open| Arc::clone(&open.run));
        if let Some(run) = &own {
            run.lose();
        }
        if !worker.serves {
            let how = match exit {
                Exit {
                    code: Some(code), ..
                } => format!("exit code {code}"),
                Exit {
                    signal: Some(signal),
                    ..
                } => format!("signal {signal}"),
                Exit { .. } => "reaped by somebody else".to_owned(),
            };
            match own {
                Some(run) => run.fail(PoolError::Start {
                    command: "a fork of this process".to_owned(),
                    how,
                }),
                None if worker.only.is_none() => self.on_broken(PoolError::Start {
                    command: self.shared.launch.command(),
                    how,
                }),
                None => {}
            }
        }
        let board = Arc::clone(&self.shared.board);
        let cell = board.worker(slot);
        let finished = cell.finished().load(std::sync::atomic::Ordering::Relaxed);
        let started = worker
            .in_flight
            .iter()
            .any(|entry| entry.task.is_some() && cell.is_started(entry.ticket));
        // Nothing was started, but a definition was under way: the task that asked for it is the cause.
        let mut defining = !started && cell.is_defining();
        for InFlight { task, ticket } in worker.in_flight {
            let Some(mut task) = task else { continue };
            let run = Arc::clone(&task.run);
            run.counters.set_busy(slot, false);
            task.misses += 1;
            if cell.is_started(ticket) || std::mem::take(&mut defining) || task.misses > MISSES {
                let finished = if cell.is_started(ticket) { finished } else { 0 };
                board.uncount(run.lane, slot, finished);
                let outcome = Outcome {
                    task: task.index,
                    result: Err(Exit {
                        // Not if another iteration began before the end came.
                        overdue: worker.overdue == Some((ticket, finished)),
                        ..exit
                    }),
                    worker: slot,
                    pid: worker.process.pid,
                    begun: 0,
                    nanos: 0,
                    finished,
                };
                run.settle((task.first, task.items), outcome, Some(task));
            } else {
                self.submit(task);
            }
            self.settle_ending(run.id);
        }
    }
}
