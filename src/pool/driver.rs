//! The pool's one thread: it starts the workers, owns their sockets, and waits for frames, deaths and commands
//! together. It never takes the GIL and nothing here is found by polling; the only deadlines are those that end a
//! worker which does not react.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::process::Signal;

use super::ahead::Expected;
use super::board::SLOTS;
use super::error::PoolError;
use super::frames::Frame;
use super::processes::{Command, Shared};
use super::roster::Worker;
use super::run::{Run, Task};
use super::spawn::{self, Process};
use super::standing::Standings;
use super::view;

/// Time for a cancelled task to come out, or for a worker without a socket to end, by itself.
const GRACE: Duration = Duration::from_millis(2000);
/// Within that time it is interrupted again after these: an interrupt that arrives between Python's look for signals and
/// the system call that then waits is not heard.
const REMINDERS: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(600)];
/// Time for an idle worker to end by itself at shutdown.
const GOODBYE: Duration = Duration::from_millis(200);
/// Time for a forked worker to say hello.
const STARTING: Duration = Duration::from_secs(10);
const WAKE: u64 = 0;

pub(super) struct Open {
    pub(super) run: Arc<Run>,
    pub(super) queue: VecDeque<Task>,
    ending: bool,
    closing: bool,
}

pub(super) struct Driver {
    pub(super) shared: Arc<Shared>,
    pub(super) epoll: OwnedFd,
    pub(super) workers: Vec<Option<Worker>>,
    /// How many of them any run may use.
    pub(super) living: usize,
    pub(super) standings: Standings,
    pub(super) runs: Vec<Open>,
    forgotten: Vec<Vec<u8>>,
    /// A worker did not start; none is started again before somebody asks for workers anew.
    pub(super) broken: Option<PoolError>,
    pub(super) stop_by: Option<Instant>,
    pub(super) expected: Option<Expected>,
    /// No deadline is before this one. It is looked for anew when it has come, not with every message: that would be a
    /// look at every worker.
    alarm: Option<Instant>,
}

fn token(slot: usize, pidfd: bool) -> EventData {
    EventData::new_u64(2 + 2 * slot as u64 + u64::from(pidfd))
}

impl Driver {
    pub(super) fn new(shared: Arc<Shared>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            shared.wake.fd(),
            EventData::new_u64(WAKE),
            EventFlags::IN,
        )?;
        Ok(Self {
            shared,
            epoll,
            workers: Vec::new(),
            living: 0,
            standings: Standings::default(),
            runs: Vec::new(),
            forgotten: Vec::new(),
            broken: None,
            stop_by: None,
            expected: None,
            alarm: None,
        })
    }

    /// Until shutdown.
    pub(super) fn serve(mut self) {
        let mut events = Vec::with_capacity(64);
        while !(self.stop_by.is_some() && self.workers.iter().all(Option::is_none)) {
            let timeout = self
                .alarm
                .map(|at| at.saturating_duration_since(Instant::now()));
            let timeout = timeout.and_then(|left| rustix::event::Timespec::try_from(left).ok());
            match epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                timeout.as_ref(),
            ) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => {
                    return self
                        .give_up(PoolError::os("the pool cannot wait for its workers", error));
                }
            }
            for event in events.drain(..) {
                match event.data.u64() {
                    WAKE => self.obey(),
                    other => self.on_worker((other as usize - 2) / 2, other % 2 == 1),
                }
            }
            if self.alarm.is_some_and(|at| at <= Instant::now()) {
                self.enforce();
                self.enforce_limits();
                self.start_expected();
                self.alarm = self.deadline();
            }
            self.dispatch();
        }
    }

    /// Nothing can be heard of any worker: all runs fail, those under way and those to come.
    fn give_up(&mut self, error: PoolError) {
        let unheard = self.shared.fail(error.clone());
        let unheard = unheard.into_iter().filter_map(|command| match command {
            Command::Open(run) => Some(run),
            _ => None,
        });
        for run in self.runs.drain(..).map(|open| open.run).chain(unheard) {
            run.fail(error.clone());
            run.set_quiet();
        }
        for worker in self.workers.iter_mut().filter_map(Option::take) {
            self.shared.set_pid(worker.slot, None);
            spawn::end(&worker.process);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let workers = self
            .workers
            .iter()
            .flatten()
            .filter_map(|worker| Some(worker.deadline?.0));
        let expected = self.expected.as_ref().map(|wish| wish.at);
        let others = self.stop_by.into_iter().chain(expected);
        workers.chain(others).chain(self.next_overdue()).min()
    }

    /// There is a deadline at `at`, if at all.
    pub(super) fn not_after(&mut self, at: Option<Instant>) {
        self.alarm = self.alarm.into_iter().chain(at).min();
    }

    /// Kills what is past its deadline.
    fn enforce(&mut self) {
        let now = Instant::now();
        let all = self.stop_by.is_some_and(|at| at <= now);
        for worker in self.workers.iter_mut().flatten() {
            if !all && worker.deadline.is_none_or(|(at, _)| at > now) {
                continue;
            }
            match worker.reminders.pop() {
                Some(wait) if !all => {
                    spawn::signal(&worker.process.pidfd, Signal::INT);
                    worker.deadline = worker.deadline.map(|(_, ticket)| (now + wait, ticket));
                }
                _ => {
                    spawn::signal(&worker.process.pidfd, Signal::KILL);
                    worker.deadline = None;
                }
            }
        }
        if all {
            // All are killed: what is left is to hear of their ends, for which there is no deadline.
            self.stop_by = Some(now + Duration::from_secs(3600));
        }
    }

    // ---- commands

    fn obey(&mut self) {
        self.shared.wake.clear();
        for command in self.shared.take_commands() {
            match command {
                Command::Prestart(wish) => self.hope_for(wish),
                Command::Open(run) => self.open(run),
                Command::Adopt(run, process) => self.adopt(&run, *process),
                Command::Submit(task) => self.submit(task),
                Command::Cancel(run) => self.cancel(run.id),
                Command::Close(run) => self.close(run.id),
                Command::Discard(key) => {
                    self.forgotten.push(key);
                    self.forget();
                }
                Command::Shutdown => self.shutdown(),
            }
        }
    }

    fn open(&mut self, run: Arc<Run>) {
        self.broken = None;
        let most = if run.own {
            0 // which are forked, and adopted
        } else {
            run.total.map_or(run.workers, |total| {
                run.workers.min(total.min(SLOTS as u64) as usize)
            })
        };
        self.runs.push(Open {
            run,
            queue: VecDeque::new(),
            ending: false,
            closing: false,
        });
        self.ensure(most);
    }

    pub(super) fn submit(&mut self, task: Task) {
        let open = self
            .runs
            .iter_mut()
            .find(|open| open.run.id == task.run.id && !open.ending);
        if let Some(open) = open {
            // A task that is run again has the lowest index.
            let at = open
                .queue
                .partition_point(|queued| queued.index < task.index);
            open.queue.insert(at, task);
        }
    }

    fn cancel(&mut self, run: u64) {
        let Some(open) = self.runs.iter_mut().find(|open| open.run.id == run) else {
            return;
        };
        open.ending = true;
        open.queue.clear();
        let board = &self.shared.board;
        let [first, second] = REMINDERS;
        let remind = Instant::now() + first;
        board.cancel(open.run.lane, run);
        for worker in self.workers.iter_mut().flatten() {
            let cell = board.worker(worker.slot);
            for entry in &mut worker.in_flight {
                if entry.task.as_ref().is_none_or(|task| task.run.id != run) {
                    continue;
                }
                if cell.revoke(entry.ticket) {
                    entry.task = None;
                } else if worker.deadline.is_none() {
                    worker.deadline = Some((remind, entry.ticket));
                    worker.reminders = vec![GRACE - first - second, second];
                    spawn::signal(&worker.process.pidfd, Signal::INT);
                }
            }
        }
        (0..self.workers.len()).for_each(|slot| self.note(slot));
        self.not_after(Some(remind));
        self.settle_ending(run);
    }

    /// Tells who cancelled a run when no worker is at it any more.
    pub(super) fn settle_ending(&mut self, run: u64) {
        let Some(at) = self
            .runs
            .iter()
            .position(|open| open.run.id == run && open.ending)
        else {
            return;
        };
        if self
            .workers
            .iter()
            .flatten()
            .any(|worker| worker.works_for(run))
        {
            return;
        }
        let open = &self.runs[at];
        open.run.set_quiet();
        if open.closing {
            // Only now may another run count in this lane.
            let open = self.runs.swap_remove(at);
            open.run.release();
            self.shared.give_lane(open.run.lane);
            self.dismiss(run);
            self.forget();
        }
    }

    fn close(&mut self, run: u64) {
        if let Some(open) = self.runs.iter_mut().find(|open| open.run.id == run) {
            (open.ending, open.closing) = (true, true);
            self.settle_ending(run);
        }
    }

    /// Passes on what was discarded, as soon as no open run needs it.
    fn forget(&mut self) {
        let (runs, shared) = (&self.runs, &self.shared);
        let needed = |key: &[u8]| {
            runs.iter()
                .any(|open| open.run.needs().iter().any(|(need, _)| need == key))
        };
        let (keep, go): (Vec<_>, Vec<_>) = std::mem::take(&mut self.forgotten)
            .into_iter()
            .partition(|key| needed(key));
        self.forgotten = keep;
        let go: Vec<_> = go.into_iter().filter(|key| !shared.has(key)).collect();
        for worker in self.workers.iter_mut().flatten() {
            go.iter().for_each(|key| worker.forget(key));
        }
        self.flush_all();
    }

    fn shutdown(&mut self) {
        for open in self.runs.drain(..) {
            open.run.fail(PoolError::Closed);
            open.run.set_quiet();
        }
        for worker in self.workers.iter_mut().flatten() {
            if worker.serves && worker.in_flight.is_empty() {
                worker.process.channel.push(&Frame::Stop, None);
            } else {
                spawn::signal(&worker.process.pidfd, Signal::KILL);
            }
        }
        self.stop_by = Some(Instant::now() + GOODBYE);
        self.not_after(self.stop_by);
        self.flush_all();
    }

    // ---- workers

    /// Starts workers until there are `count` that any run may use.
    pub(super) fn ensure(&mut self, count: usize) {
        for _ in self.living..count.min(SLOTS) {
            if self.broken.is_some() || self.stop_by.is_some() {
                break;
            }
            let Some(slot) = self.free_slot() else { break };
            let started = spawn::start(&self.shared.launch)
                .and_then(|process| self.welcome(slot, process, None));
            if let Err(error) = started {
                self.on_broken(PoolError::Spawn {
                    command: self.shared.launch.command(),
                    source: Arc::new(error),
                });
            }
        }
    }

    fn free_slot(&mut self) -> Option<usize> {
        let free = self.workers.iter().position(Option::is_none);
        let slot = free.unwrap_or(self.workers.len());
        if slot == self.workers.len() && slot < SLOTS {
            self.workers.push(None);
        }
        (slot < SLOTS).then_some(slot)
    }

    /// Takes a child that was forked for `run`.
    fn adopt(&mut self, run: &Run, process: Process) {
        let open = self
            .runs
            .iter()
            .any(|open| open.run.id == run.id && !open.ending);
        let slot = if open { self.free_slot() } else { None };
        let Some(slot) = slot else {
            spawn::end(&process);
            return view::child_ended();
        };
        if let Err(error) = self.welcome(slot, process, Some(run.id)) {
            view::child_ended();
            run.fail(PoolError::os("cannot watch a forked worker", error));
        } else if let Some(worker) = self.workers[slot].as_mut() {
            // A fork that is stuck in what some other thread had locked must not be waited for.
            let until = Instant::now() + STARTING;
            worker.deadline = Some((until, u64::MAX));
            self.not_after(Some(until));
        }
    }

    fn welcome(&mut self, slot: usize, process: Process, only: Option<u64>) -> io::Result<()> {
        let watched = epoll::add(
            &self.epoll,
            process.channel.fd(),
            token(slot, false),
            EventFlags::IN,
        )
        .and_then(|()| {
            epoll::add(
                &self.epoll,
                process.pidfd.as_fd(),
                token(slot, true),
                EventFlags::IN,
            )
        });
        if let Err(error) = watched {
            spawn::end(&process);
            return Err(error.into());
        }
        self.shared.set_pid(slot, Some(process.pid));
        let mut worker = Worker::new(slot, process, &self.shared.board);
        worker.only = only;
        self.workers[slot] = Some(worker);
        self.living += usize::from(only.is_none());
        self.flush(slot);
        Ok(())
    }

    /// Lets the workers that were forked for a run go.
    fn dismiss(&mut self, run: u64) {
        for slot in 0..self.workers.len() {
            if let Some(worker) = self.workers[slot].as_mut()
                && worker.only == Some(run)
            {
                let until = Instant::now() + GOODBYE;
                worker.process.channel.push(&Frame::Stop, None);
                worker.deadline = Some((until, u64::MAX));
                worker.reminders.clear();
                self.not_after(Some(until));
                self.flush(slot);
            }
        }
    }

    /// A worker could not be started. Runs that have nobody else cannot go on.
    pub(super) fn on_broken(&mut self, error: PoolError) {
        let mut workers = self.workers.iter().flatten();
        if workers.all(|worker| worker.only.is_some()) {
            for open in self.runs.iter_mut().filter(|open| !open.run.own) {
                open.queue.clear();
                open.run.fail(error.clone());
            }
        }
        self.broken = Some(error);
    }

    pub(super) fn flush_all(&mut self) {
        for slot in 0..self.workers.len() {
            self.flush(slot);
        }
    }

    pub(super) fn flush(&mut self, slot: usize) {
        let Some(worker) = self.workers[slot].as_mut() else {
            return;
        };
        if worker.closed {
            return;
        }
        if worker.process.channel.flush().is_err() {
            // It is gone or going; its pidfd says how it ended.
            return self.hang_up(slot);
        }
        let blocked = worker.process.channel.has_outgoing();
        if blocked != worker.blocked {
            worker.blocked = blocked;
            let flags = if blocked {
                EventFlags::IN | EventFlags::OUT
            } else {
                EventFlags::IN
            };
            let _ = epoll::modify(
                &self.epoll,
                worker.process.channel.fd(),
                token(slot, false),
                flags,
            );
        }
    }

    /// Its socket is of no use any more: a worker that lives on without it is ended.
    pub(super) fn hang_up(&mut self, slot: usize) {
        if let Some(worker) = self.workers[slot].as_mut()
            && !worker.closed
        {
            worker.closed = true;
            let _ = epoll::delete(&self.epoll, worker.process.channel.fd());
            // It is on its way out, most likely, and its pidfd will say how it ended; else it is ended.
            let until = Instant::now() + GRACE;
            worker.deadline = Some((until, u64::MAX));
            worker.reminders.clear();
            self.not_after(Some(until));
            self.note(slot);
        }
    }
}
