//! The process pool's handle: what the main thread calls. It copies bytes into the arena, talks to the pool's thread
//! through a list of commands and an eventfd, and never touches a socket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::ahead::Expected;
use super::arena::Arena;
use super::board::{Board, LANES, SLOTS};
use super::counters::CounterPage;
use super::driver::Driver;
use super::error::PoolError;
use super::paces::Paces;
use super::parcel::{Blob, Parcel};
use super::run::{Needs, Run, Setting, Task};
use super::spawn::{Ends, Launch, Process};
use super::view;
use super::wake::Wake;
use crate::signals;

/// What the pool's thread is asked to do.
pub(super) enum Command {
    Prestart(Expected),
    Open(Arc<Run>),
    Adopt(Arc<Run>, Box<Process>),
    Submit(Task),
    Cancel(Arc<Run>),
    Close(Arc<Run>),
    Discard(Vec<u8>),
    Shutdown,
}

/// Between the handle and the pool's thread.
pub(super) struct Shared {
    pub launch: Launch,
    pub board: Arc<Board>,
    pub wake: Wake,
    /// What waits for the pool's thread, or why there is none any more.
    commands: Mutex<Result<Vec<Command>, PoolError>>,
    blobs: Mutex<HashMap<Vec<u8>, Arc<Blob>>>,
    lanes: Mutex<Vec<usize>>,
    paces: Paces,
    /// Of each slot: the living worker's process, and whether it serves.
    pids: Mutex<Vec<Option<(u32, bool)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(launch: Launch) -> Result<Self, PoolError> {
        Ok(Self {
            launch,
            board: Board::new()
                .map_err(|error| PoolError::os("cannot make shared memory for counters", error))?,
            wake: Wake::new().map_err(|error| PoolError::os("cannot make an eventfd", error))?,
            commands: Mutex::new(Ok(Vec::new())),
            blobs: Mutex::default(),
            lanes: Mutex::new((0..LANES).rev().collect()),
            paces: Paces::default(),
            pids: Mutex::default(),
        })
    }

    pub fn take_commands(&self) -> Vec<Command> {
        lock(&self.commands)
            .as_mut()
            .map_or_else(|_| Vec::new(), std::mem::take)
    }

    /// Nobody will obey any more: whoever sends a command from now on gets this error. What had been sent before.
    pub fn fail(&self, error: PoolError) -> Vec<Command> {
        std::mem::replace(&mut *lock(&self.commands), Err(error)).unwrap_or_default()
    }

    pub fn has(&self, key: &[u8]) -> bool {
        lock(&self.blobs).contains_key(key)
    }

    pub fn give_lane(&self, lane: usize) {
        lock(&self.lanes).push(lane);
    }

    pub fn set_pid(&self, slot: usize, pid: Option<u32>) {
        let mut pids = lock(&self.pids);
        if pids.len() <= slot {
            pids.resize(slot + 1, None);
        }
        pids[slot] = pid.map(|pid| (pid, false));
    }

    pub fn set_serving(&self, slot: usize) {
        if let Some(Some((_, serves))) = lock(&self.pids).get_mut(slot) {
            *serves = true;
        }
    }

    fn send(&self, command: Command) -> Result<(), PoolError> {
        let first = match &mut *lock(&self.commands) {
            Ok(commands) => {
                commands.push(command);
                commands.len() == 1
            }
            Err(error) => return Err(error.clone()),
        };
        // Of commands that wait together the first one wakes the pool's thread, which then takes them all.
        if first {
            self.wake.set();
        }
        Ok(())
    }

    /// Where nothing is left to do if the pool has failed: its workers and runs have ended with it.
    fn send_if_alive(&self, command: Command) {
        let _ = self.send(command);
    }
}

static NEXT_RUN: AtomicU64 = AtomicU64::new(1);

/// Worker processes, kept warm.
pub struct ProcessPool {
    shared: Arc<Shared>,
    arena: Arc<Arena>,
    thread: Mutex<Option<JoinHandle<()>>>,
    owner: u32,
}

impl ProcessPool {
    /// A pool without workers.
    pub fn new(launch: Launch) -> Result<Self, PoolError> {
        view::watch_forks();
        let shared = Arc::new(Shared::new(launch)?);
        let driver = Driver::new(Arc::clone(&shared))
            .map_err(|error| PoolError::os("cannot make an epoll", error))?;
        Self::with(shared, driver)
    }

    /// The pool around `driver`, which gets a thread.
    fn with(shared: Arc<Shared>, driver: Driver) -> Result<Self, PoolError> {
        let thread = std::thread::Builder::new()
            .name("paracell-pool".to_owned())
            .spawn(move || {
                signals::block();
                driver.serve();
            });
        let thread =
            thread.map_err(|error| PoolError::os("cannot start the pool's thread", error))?;
        let owner = std::process::id();
        Ok(Self {
            shared,
            arena: Arc::default(),
            thread: Mutex::new(Some(thread)),
            owner,
        })
    }

    fn check(&self) -> Result<(), PoolError> {
        if std::process::id() != self.owner {
            return Err(PoolError::Forked(self.owner));
        }
        if lock(&self.thread).is_none() {
            Err(PoolError::Closed)
        } else {
            Ok(())
        }
    }

    /// Whether this process is a forked child of the one that made the pool.
    pub fn is_foreign(&self) -> bool {
        std::process::id() != self.owner
    }

    /// Starts workers ahead of need, when that time has passed, and tells them of the job that it will be.
    pub fn prestart(
        &self,
        workers: usize,
        after: Duration,
        job: Option<&[u8]>,
    ) -> Result<(), PoolError> {
        self.check()?;
        let job = job.map(|key| self.blob(key)).transpose()?;
        self.shared.send(Command::Prestart(Expected {
            at: Instant::now() + after,
            workers,
            job,
        }))
    }

    /// Keeps a blob.
    pub fn put(&self, key: &[u8], payload: &[u8], buffers: &[&[u8]]) -> Result<(), PoolError> {
        self.check()?;
        if !self.shared.has(key) {
            let blob = Arc::new(Blob::new(payload, buffers));
            lock(&self.shared.blobs).insert(key.to_vec(), blob);
        }
        Ok(())
    }

    /// Whether a blob is held.
    pub fn has(&self, key: &[u8]) -> bool {
        self.shared.has(key)
    }

    /// Forgets a blob, here and in workers. Runs that are open keep it until they end.
    pub fn discard(&self, key: &[u8]) -> Result<(), PoolError> {
        self.check()?;
        if lock(&self.shared.blobs).remove(key).is_some() {
            self.shared.send_if_alive(Command::Discard(key.to_vec()));
        }
        Ok(())
    }

    /// Begins a run.
    pub fn open(
        &self,
        workers: usize,
        job: &[u8],
        needs: &[Vec<u8>],
        total: Option<u64>,
        limit: Option<std::time::Duration>,
    ) -> Result<ProcessRun, PoolError> {
        self.check()?;
        let needs = self.blobs(job, needs)?;
        self.open_with(workers, job, Some(needs), total, limit)
    }

    /// Begins a run that has workers of its own (`ProcessRun::adopt`), which know its job already.
    pub fn open_own(
        &self,
        workers: usize,
        job: &[u8],
        total: Option<u64>,
        limit: Option<std::time::Duration>,
    ) -> Result<ProcessRun, PoolError> {
        self.check()?;
        self.open_with(workers, job, None, total, limit)
    }

    fn blob(&self, key: &[u8]) -> Result<(Vec<u8>, Arc<Blob>), PoolError> {
        let blob = lock(&self.shared.blobs).get(key).cloned();
        let unknown = || PoolError::UnknownKey(String::from_utf8_lossy(key).into_owned());
        Ok((key.to_vec(), blob.ok_or_else(unknown)?))
    }

    fn blobs(&self, job: &[u8], needs: &[Vec<u8>]) -> Result<Needs, PoolError> {
        std::iter::once(job)
            .chain(needs.iter().map(Vec::as_slice))
            .map(|key| self.blob(key))
            .collect()
    }

    /// `needs`: of a run on the pool's workers.
    fn open_with(
        &self,
        workers: usize,
        job: &[u8],
        needs: Option<Needs>,
        total: Option<u64>,
        limit: Option<std::time::Duration>,
    ) -> Result<ProcessRun, PoolError> {
        let workers = workers.clamp(1, SLOTS);
        let lane = lock(&self.shared.lanes).pop().ok_or_else(|| {
            PoolError::os(
                "more than 256 parallel loops are open at once",
                std::io::ErrorKind::QuotaExceeded,
            )
        })?;
        let slots = SLOTS;
        let limit = limit.map(|limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        self.shared
            .board
            .open_lane(lane, slots, workers, limit.is_some());
        let counters = CounterPage::of_lane(Arc::clone(&self.shared.board), lane, slots, workers);
        let id = NEXT_RUN.fetch_add(1, Ordering::Relaxed);
        let run = Run::new(Setting {
            id,
            lane,
            workers,
            job: job.to_vec(),
            own: needs.is_none(),
            needs: needs.unwrap_or_else(|| Arc::new([])),
            total,
            limit,
            pace: self.shared.paces.of(job),
            counters,
        });
        let run = run.inspect_err(|_| self.shared.give_lane(lane))?;
        self.shared
            .send(Command::Open(Arc::clone(&run)))
            .inspect_err(|_| self.shared.give_lane(lane))?;
        Ok(ProcessRun {
            run,
            shared: Arc::clone(&self.shared),
            arena: Arc::clone(&self.arena),
            owner: self.owner,
        })
    }

    /// The processes of the living workers.
    pub fn pids(&self) -> Vec<u32> {
        let pids = lock(&self.shared.pids);
        pids.iter().flatten().map(|(pid, _)| *pid).collect()
    }

    /// How many workers are there and take tasks.
    pub fn serving(&self) -> usize {
        let pids = lock(&self.shared.pids);
        pids.iter().flatten().filter(|(_, serves)| *serves).count()
    }

    /// Ends all workers and the thread. Idempotent; does nothing in a forked child. Do not hold the GIL.
    pub fn shutdown(&self) {
        if self.is_foreign() {
            return;
        }
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            self.shared.send_if_alive(Command::Shutdown);
            let _ = thread.join();
            lock(&self.shared.blobs).clear();
        }
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// A run's handle.
pub struct ProcessRun {
    /// What it shares with the pool's thread.
    pub run: Arc<Run>,
    shared: Arc<Shared>,
    arena: Arc<Arena>,
    owner: u32,
}

impl ProcessRun {
    fn check(&self) -> Result<(), PoolError> {
        if std::process::id() == self.owner {
            Ok(())
        } else {
            Err(PoolError::Forked(self.owner))
        }
    }

    /// Items for the next task; 0: wait.
    pub fn wanted(&self) -> Result<usize, PoolError> {
        self.check()?;
        self.run.wanted()
    }

    /// Queues a task; its index.
    pub fn submit(
        &self,
        payload: &[u8],
        buffers: &[&[u8]],
        span: (u64, u64),
    ) -> Result<u64, PoolError> {
        self.check()?;
        let task = self
            .run
            .submit(Parcel::new(&self.arena, payload, buffers), span)?;
        let index = task.index;
        self.shared.send(Command::Submit(task))?;
        Ok(index)
    }

    /// A child that was forked to run this run's tasks, and those of no other one.
    pub fn adopt(&self, ends: Ends, pid: u32) -> Result<(), PoolError> {
        self.check()?;
        let process = ends
            .process(pid)
            .inspect_err(|_| view::child_ended())
            .map_err(|error| PoolError::os("cannot watch a forked worker", error))?;
        let run = Arc::clone(&self.run);
        self.shared.send(Command::Adopt(run, Box::new(process)))
    }

    /// Runs the task that died and was taken last once more, under its index. False: there is none.
    pub fn again(&self, index: u64) -> Result<bool, PoolError> {
        self.check()?;
        let task = self.run.again(index);
        match task {
            Some(task) => self.shared.send(Command::Submit(task)).map(|()| true),
            None => Ok(false),
        }
    }

    /// Begins to cancel; wait until the run is quiet. False: there was nothing left to cancel.
    pub fn cancel(&self) -> bool {
        if self.check().is_err() || !self.run.end() {
            return false;
        }
        self.shared
            .send_if_alive(Command::Cancel(Arc::clone(&self.run)));
        true
    }

    /// Cancels and closes without waiting: the pool's thread does it in its own time.
    pub fn abandon(&self) {
        if self.cancel() {
            self.run.counters.freeze();
            self.shared
                .send_if_alive(Command::Close(Arc::clone(&self.run)));
        }
    }

    /// Waits until the run is quiet. Bounded by the pool: what does not react is killed.
    pub fn wait_quiet(&self) {
        while !self.run.is_quiet() {
            self.run.ready.clear();
            if self.run.is_quiet() || self.run.ready.wait().is_err() {
                break;
            }
        }
    }

    /// Ends a run that is quiet: its lane is another run's from now on.
    pub fn close(&self) {
        if self.check().is_ok() {
            if let Some(pace) = self.run.pace() {
                self.shared.paces.note(&self.run.job, pace);
            }
            self.run.counters.freeze();
            self.shared
                .send_if_alive(Command::Close(Arc::clone(&self.run)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch() -> Launch {
        Launch {
            argv: vec!["cat".to_owned()],
            env: None,
        }
    }

    #[test]
    fn a_pool_that_cannot_wait_any_more_says_so_to_every_run() {
        let shared = Arc::new(Shared::new(launch()).unwrap());
        let mut driver = Driver::new(Arc::clone(&shared)).unwrap();
        // An eventfd is no epoll: the first wait fails.
        driver.epoll = rustix::event::eventfd(0, rustix::event::EventfdFlags::CLOEXEC).unwrap();
        let pool = ProcessPool::with(shared, driver).unwrap();
        pool.put(b"job", b"", &[]).unwrap();
        // The pool may hear of this run before it fails, or not.
        if let Ok(run) = pool.open(2, b"job", &[], None, None) {
            while run.run.try_next().is_ok_and(|next| next.is_none())
                || matches!(run.run.try_next(), Err(PoolError::NothingSubmitted))
            {
                run.run.ready.wait().unwrap();
            }
            assert!(matches!(run.run.try_next(), Err(PoolError::Os { .. })));
            assert!(run.cancel());
            run.wait_quiet();
            run.close();
        }
        // Its thread has ended by itself; the handle still stands for a pool that was not shut down.
        lock(&pool.thread).take().unwrap().join().unwrap();
        *lock(&pool.thread) = Some(std::thread::spawn(|| ()));
        let error = pool.open(2, b"job", &[], None, None).err().unwrap();
        assert!(
            error.to_string().contains("cannot wait for its workers"),
            "{error}"
        );
        assert!(pool.prestart(2, Duration::ZERO, None).is_err());
        pool.shutdown();
    }
}
