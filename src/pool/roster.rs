//! A worker as the pool's thread sees it: its process, its socket, what it holds and what is on its way to it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::arena::Block;
use super::board::{Board, TICKETS};
use super::channel::Attachment;
use super::frames::{Frame, Place};
use super::limits::Overdue;
use super::parcel::Blob;
use super::run::{Run, Task};
use super::spawn::Process;
use super::standing::Stand;
use super::view::Attached;

/// A task on its way to, or in, a worker.
pub struct InFlight {
    /// The task; None when it was revoked and belongs elsewhere.
    pub task: Option<Task>,
    /// Its number on this worker.
    pub ticket: u64,
}

/// One worker process.
pub struct Worker {
    /// Its place on the board.
    pub slot: usize,
    /// Process and socket.
    pub process: Process,
    /// The one run that it was forked for.
    pub only: Option<u64>,
    /// Whether it said hello.
    pub serves: bool,
    /// Whether the socket waits to take more.
    pub blocked: bool,
    /// Whether its socket has ended.
    pub closed: bool,
    /// Sent and unanswered, in order.
    pub in_flight: VecDeque<InFlight>,
    /// When it is killed if this ticket is still unanswered.
    pub deadline: Option<(Instant, u64)>,
    /// How long to wait after each further interrupt before that, the next one last.
    pub reminders: Vec<Duration>,
    /// It is being ended since an iteration took too long.
    pub overdue: Option<Overdue>,
    /// Its results' segments.
    pub attached: Attached,
    /// Keys that it holds.
    pub defined: HashSet<Vec<u8>>,
    /// The run whose needs it holds, all of them.
    prepared: Option<u64>,
    segments: HashSet<u32>,
    lent: HashMap<Place, Vec<Arc<Block>>>,
    tickets: u64,
}

impl Worker {
    /// A process that was started just now.
    pub fn new(slot: usize, process: Process, board: &Arc<Board>) -> Self {
        board.worker(slot).reset();
        let mut worker = Self {
            slot,
            process,
            only: None,
            serves: false,
            blocked: false,
            closed: false,
            in_flight: VecDeque::new(),
            deadline: None,
            reminders: Vec::new(),
            overdue: None,
            attached: Attached::default(),
            defined: HashSet::new(),
            prepared: None,
            segments: HashSet::new(),
            lent: HashMap::new(),
            tickets: 0,
        };
        let welcome = Frame::Welcome {
            slot: slot as u32,
            parent: std::process::id(),
        };
        worker
            .process
            .channel
            .push(&welcome, Some(Attachment::Board(Arc::clone(board))));
        worker
    }

    /// Tasks that it still has to answer with a result.
    pub fn load(&self) -> usize {
        self.in_flight
            .iter()
            .filter(|entry| entry.task.is_some())
            .count()
    }

    /// Whether it can take a task, and of which run.
    pub fn stand(&self) -> Stand {
        if !self.serves || self.closed {
            return Stand::Away;
        }
        let full = self.in_flight.len() + 1 >= TICKETS;
        let run = self.in_flight.iter().find_map(|entry| entry.task.as_ref());
        match run.map(|task| task.run.id) {
            None if full => Stand::Away,
            None => self.only.map_or(Stand::Idle, Stand::Own),
            Some(run) if full || self.load() > 1 => Stand::Full(run),
            Some(run) => Stand::Half(run),
        }
    }

    /// Whether any of them is of this run.
    pub fn works_for(&self, run: u64) -> bool {
        self.in_flight
            .iter()
            .any(|entry| entry.task.as_ref().is_some_and(|task| task.run.id == run))
    }

    /// Whether it may run tasks of this run.
    pub fn is_for(&self, run: &Run) -> bool {
        self.only.map_or(!run.own, |only| only == run.id)
    }

    /// Queues a task and whatever it needs first.
    pub fn assign(&mut self, task: Task, board: &Board) {
        let run = Arc::clone(&task.run);
        if self.prepared != Some(run.id) {
            for (key, blob) in run.needs().iter() {
                self.define(key, blob);
            }
            self.prepared = Some(run.id);
        }
        let returned = self.attached.returns.take();
        if !returned.is_empty() {
            self.process
                .channel
                .push(&Frame::Release { places: returned }, None);
        }
        for (place, block) in task.parcel.blocks() {
            let segment = block.segment();
            if self.segments.insert(segment.id) {
                let frame = Frame::Segment {
                    id: segment.id,
                    len: segment.map.len() as u64,
                    once: false,
                };
                self.process
                    .channel
                    .push(&frame, Some(Attachment::Segment(Arc::clone(segment))));
            }
            self.lent.entry(place).or_default().push(Arc::clone(block));
        }
        self.tickets += 1;
        let ticket = self.tickets;
        board.worker(self.slot).offer(ticket);
        let frame = Frame::Task {
            run: run.id,
            lane: run.lane as u32,
            task: task.index,
            ticket,
            job: run.job.clone(),
            body: task.parcel.body(),
        };
        self.process.channel.push(&frame, None);
        self.in_flight.push_back(InFlight {
            task: Some(task),
            ticket,
        });
    }

    /// Sends a blob, if it has not got it.
    pub fn define(&mut self, key: &[u8], blob: &Blob) {
        if !self.defined.insert(key.to_vec()) {
            return;
        }
        if let Some(segment) = &blob.segment {
            let frame = Frame::Segment {
                id: segment.id,
                len: segment.map.len() as u64,
                once: true,
            };
            self.process
                .channel
                .push(&frame, Some(Attachment::Segment(Arc::clone(segment))));
        }
        self.process.channel.push(
            &Frame::Define {
                key: key.to_vec(),
                body: blob.body.clone(),
            },
            None,
        );
    }

    /// Tells it to forget a key.
    pub fn forget(&mut self, key: &[u8]) {
        if self.defined.remove(key) {
            self.prepared = None;
            self.process
                .channel
                .push(&Frame::Drop { key: key.to_vec() }, None);
        }
    }

    /// The worker gave these blocks back.
    pub fn take_back(&mut self, places: &[Place]) {
        for place in places {
            if let Some(blocks) = self.lent.get_mut(place) {
                blocks.pop();
                if blocks.is_empty() {
                    self.lent.remove(place);
                }
            }
        }
    }

    /// Takes the entry of an answered ticket.
    pub fn answered(&mut self, ticket: u64) -> io::Result<InFlight> {
        if self.deadline.is_some_and(|(_, awaited)| awaited == ticket) {
            self.deadline = None;
        }
        let at = self
            .in_flight
            .iter()
            .position(|entry| entry.ticket == ticket);
        at.and_then(|at| self.in_flight.remove(at))
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Takes back the last task on its way if the worker has not started it.
    pub fn revoke_last(&mut self, board: &Board, run: u64) -> Option<Task> {
        let entry = self
            .in_flight
            .iter_mut()
            .rev()
            .find(|entry| entry.task.is_some())?;
        if entry.task.as_ref()?.run.id == run && board.worker(self.slot).revoke(entry.ticket) {
            return entry.task.take();
        }
        None
    }
}
