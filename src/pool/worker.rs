//! A worker's side: reads frames, calls the service that was given, answers. One thread; nothing here knows what the
//! bytes mean.

use std::collections::HashMap;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::arena::{Arena, Block, SHARE_FROM};
use super::board::{Board, Phase};
use super::channel::{Attachment, Channel};
use super::descriptors;
use super::frames::{Body, Ending, Frame, Part, Place};
use super::heap;
use super::parcel::{Received, places};
use super::say::Speaker;
use super::timeline;
use super::view::{self, Attached};
use crate::signals;

/// What the worker does with what it receives. An error is the worker's exit code.
pub trait Service {
    /// Keep a blob.
    fn define(&mut self, key: &[u8], body: Received) -> Result<(), i32>;
    /// Forget it.
    fn forget(&mut self, key: &[u8]) -> Result<(), i32>;
    /// Run a task. None: it was cancelled.
    fn task(
        &mut self,
        job: &[u8],
        body: Received,
        outbox: &mut Outbox,
    ) -> Result<Option<Body>, i32>;
    /// Nothing has come for a while after a task.
    fn idle(&mut self) -> Result<(), i32>;
}

/// After so long without another task a run is probably over.
const QUIET: Duration = Duration::from_millis(10);

/// After so long without anything to do memory that is free is better used by others.
const LONG_QUIET: Duration = Duration::from_secs(2);

/// Where a worker stands on the board.
struct Here {
    board: Arc<Board>,
    slot: usize,
}

static HERE: OnceLock<Here> = OnceLock::new();
static RUN: AtomicU64 = AtomicU64::new(0);
static LANE: AtomicU64 = AtomicU64::new(0);

/// `count` more items of the running task are finished. Nothing outside of a worker process.
pub fn item_done(count: u64) {
    if let Some(here) = HERE.get()
        && RUN.load(Ordering::Relaxed) != 0
    {
        let cell = here.board.worker(here.slot);
        let lane = LANE.load(Ordering::Relaxed) as usize;
        if here.board.is_limited(lane) {
            cell.since().store(timeline::now(), Ordering::Relaxed);
        }
        cell.finished().fetch_add(count, Ordering::Relaxed);
        here.board
            .finished(lane, here.slot)
            .fetch_add(count, Ordering::Relaxed);
    }
}

/// Whether a task runs and its run is cancelled.
pub fn is_cancelled() -> bool {
    let run = RUN.load(Ordering::SeqCst);
    let lane = LANE.load(Ordering::SeqCst) as usize;
    run != 0
        && HERE
            .get()
            .is_some_and(|here| here.board.is_cancelled(lane, run))
}

/// On how many workers the running task's run runs; 0: none runs.
pub fn run_workers() -> usize {
    let lane = LANE.load(Ordering::Relaxed) as usize;
    if RUN.load(Ordering::Relaxed) == 0 {
        0
    } else {
        HERE.get().map_or(0, |here| here.board.run_workers(lane))
    }
}

/// Takes a result's parts: small ones stay, large ones go to shared blocks.
#[derive(Default)]
pub struct Outbox {
    arena: Arc<Arena>,
    blocks: Vec<Block>,
}

impl Outbox {
    /// Copies.
    pub fn part(&mut self, bytes: &[u8]) -> Part {
        if bytes.len() >= SHARE_FROM
            && let Ok(block) = self.arena.store(bytes)
        {
            let place = Place {
                segment: block.segment().id,
                offset: block.offset() as u64,
            };
            self.blocks.push(block);
            return Part::Shared(place, bytes.len() as u64);
        }
        Part::Inline(bytes.to_vec())
    }
}

struct Server {
    channel: Channel,
    attached: Attached,
    outbox: Outbox,
    lent: HashMap<Place, Block>,
    announced: std::collections::HashSet<u32>,
    once: Vec<u32>,
    speaker: Speaker,
}

/// Serves until the pool says stop or is gone; the exit code.
pub fn serve(fd: RawFd, service: &mut impl Service) -> io::Result<i32> {
    view::watch_forks();
    signals::unblock();
    descriptors::hold();
    heap::keep();
    let mut channel = Channel::new(take_socket(fd)?);
    let (slot, parent) = match channel.recv()? {
        Some((Frame::Welcome { slot, parent }, Some(board))) => {
            let here = Here {
                board: Board::attach(board)?,
                slot: slot as usize,
            };
            HERE.set(here)
                .map_err(|_| io::Error::other("this process serves a pool already"))?;
            (slot as usize, parent)
        }
        Some(_) => return Err(io::ErrorKind::InvalidData.into()),
        None => return Ok(0),
    };
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    if rustix::process::getppid()
        .is_none_or(|pid| pid.as_raw_nonzero().get() != parent.cast_signed())
    {
        return Ok(0);
    }
    let Some(here) = HERE.get() else {
        return Err(io::ErrorKind::NotFound.into());
    };
    here.board.worker(slot).set_phase(Phase::Idle);
    channel.push(
        &Frame::Hello {
            pid: std::process::id(),
        },
        None,
    );
    channel.flush()?;
    let mut server = Server {
        channel,
        attached: Attached::default(),
        outbox: Outbox::default(),
        lent: HashMap::new(),
        announced: std::collections::HashSet::new(),
        once: Vec::new(),
        speaker: Speaker::default(),
    };
    server.run(here, service)
}

/// The socket, out of the way of user code; standard input becomes /dev/null if it was there.
fn take_socket(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the pool put its socket there, for us alone.
    let given = unsafe { OwnedFd::from_raw_fd(fd) };
    let moved = rustix::io::fcntl_dupfd_cloexec(&given, 64)
        .or_else(|_| rustix::io::fcntl_dupfd_cloexec(&given, 3))?;
    if fd == 0 {
        std::mem::forget(given);
        let null = rustix::fs::open(
            c"/dev/null",
            rustix::fs::OFlags::RDWR,
            rustix::fs::Mode::empty(),
        )?;
        use std::os::fd::AsRawFd;
        // SAFETY: replaces the socket, which was moved, at the number of standard input.
        if unsafe { libc::dup2(null.as_raw_fd(), 0) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(moved)
}

impl Server {
    fn run(&mut self, here: &Here, service: &mut impl Service) -> io::Result<i32> {
        let cell = here.board.worker(here.slot);
        // Or was told of what it may have to work at.
        let mut worked = false;
        loop {
            if worked && self.channel.is_quiet(QUIET)? {
                worked = false;
                if let Err(code) = service.idle() {
                    return Ok(code);
                }
                if self.channel.is_quiet(LONG_QUIET)? {
                    heap::trim();
                }
            }
            let Some((frame, fd)) = self.channel.recv()? else {
                return Ok(0);
            };
            worked |= matches!(frame, Frame::Task { .. } | Frame::Define { .. });
            let done = match (frame, fd) {
                (Frame::Segment { id, len, once }, Some(fd)) => {
                    self.attached.attach(id, fd, len, once)?;
                    self.once.extend(once.then_some(id));
                    Ok(())
                }
                (Frame::Define { key, body }, None) => {
                    let received = Received::new(body, &self.attached)?;
                    self.once.drain(..).for_each(|id| self.attached.detach(id));
                    cell.set_phase(Phase::Defining);
                    let done = service.define(&key, received);
                    if done.is_ok() {
                        cell.set_phase(Phase::Idle);
                    }
                    done
                }
                (Frame::Drop { key }, None) => service.forget(&key),
                (Frame::Release { places }, None) => {
                    places
                        .iter()
                        .for_each(|place| drop(self.lent.remove(place)));
                    Ok(())
                }
                (
                    Frame::Task {
                        run,
                        lane,
                        ticket,
                        job,
                        body,
                        ..
                    },
                    None,
                ) => self.task(here, service, (run, lane, ticket), &job, body)?,
                (Frame::Stop, None) => return Ok(0),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            };
            if let Err(code) = done {
                return Ok(code);
            }
        }
    }

    fn task(
        &mut self,
        here: &Here,
        service: &mut impl Service,
        (run, lane, ticket): (u64, u32, u64),
        job: &[u8],
        body: Body,
    ) -> io::Result<Result<(), i32>> {
        let cell = here.board.worker(here.slot);
        cell.finished().store(0, Ordering::Relaxed);
        // First started, then asked whether it is cancelled; the pool does it the other way round, so one of us sees.
        if !cell.start(ticket) || here.board.is_cancelled(lane as usize, run) {
            let unused = places(&body);
            return self.answer(ticket, None, (0, 0), unused).map(Ok);
        }
        let received = Received::new(body, &self.attached)?;
        let begun = timeline::now();
        cell.since().store(begun, Ordering::Relaxed);
        cell.set_phase(Phase::Running);
        LANE.store(u64::from(lane), Ordering::SeqCst);
        RUN.store(run, Ordering::SeqCst);
        self.speaker.begin(ticket, self.channel.fd());
        let done = service.task(job, received, &mut self.outbox);
        let nanos = timeline::now().saturating_sub(begun);
        RUN.store(0, Ordering::SeqCst);
        self.speaker.end();
        match done {
            Ok(body) => {
                self.answer(ticket, body, (begun, nanos), Vec::new())?;
                cell.set_phase(Phase::Idle);
                Ok(Ok(()))
            }
            Err(code) => Ok(Err(code)),
        }
    }

    fn answer(
        &mut self,
        ticket: u64,
        body: Option<Body>,
        (begun, nanos): (u64, u64),
        mut unused: Vec<Place>,
    ) -> io::Result<()> {
        unused.extend(self.attached.returns.take());
        if !unused.is_empty() {
            self.channel.push(&Frame::Release { places: unused }, None);
        }
        let blocks = std::mem::take(&mut self.outbox.blocks);
        if body.is_some() {
            for block in blocks {
                let segment = block.segment();
                if self.announced.insert(segment.id) {
                    let frame = Frame::Segment {
                        id: segment.id,
                        len: segment.map.len() as u64,
                        once: false,
                    };
                    self.channel
                        .push(&frame, Some(Attachment::Segment(Arc::clone(segment))));
                }
                self.lent.insert(
                    Place {
                        segment: segment.id,
                        offset: block.offset() as u64,
                    },
                    block,
                );
            }
        }
        let ending = if body.is_some() {
            Ending::Done
        } else {
            Ending::Skipped
        };
        let body = body.unwrap_or(Body {
            payload: Part::Inline(Vec::new()),
            buffers: Vec::new(),
        });
        self.channel.push(
            &Frame::Done {
                ticket,
                ending,
                begun,
                nanos,
                body,
            },
            None,
        );
        self.channel.flush()
    }
}
