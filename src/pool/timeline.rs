//! When which worker was busy with what: a record of a run's tasks that stays small however many there are.

/// Spans kept of a run; when there would be more, neighbours of one worker become one.
const MOST: usize = 8192;

/// Nanoseconds of the clock that all processes of this machine share.
pub fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// One task, or several that one worker ran one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The worker's slot.
    pub worker: usize,
    /// The lowest iteration.
    pub first: u64,
    /// Iterations.
    pub items: u64,
    /// Tasks.
    pub tasks: u64,
    /// When it began and when it ended: nanoseconds from the run's start.
    pub begun: u64,
    /// See `begun`.
    pub ended: u64,
    /// Nanoseconds between them in which the worker was busy.
    pub busy: u64,
}

/// The spans of a run.
pub struct Timeline {
    origin: u64,
    spans: Vec<Span>,
}

impl Timeline {
    /// Of a run that starts now.
    pub fn starting_now() -> Self {
        Self {
            origin: now(),
            spans: Vec::new(),
        }
    }

    /// A task of `items` iterations from `first` on was begun at `begun`, and took `nanos`.
    pub fn note(&mut self, worker: usize, (first, items): (u64, u64), begun: u64, nanos: u64) {
        if self.spans.len() >= MOST {
            self.compact();
        }
        let begun = begun.saturating_sub(self.origin);
        self.spans.push(Span {
            worker,
            first,
            items,
            tasks: 1,
            begun,
            ended: begun.saturating_add(nanos),
            busy: nanos,
        });
    }

    /// Makes one of each two neighbours.
    fn compact(&mut self) {
        self.spans.sort_by_key(|span| (span.worker, span.begun));
        let mut kept: Vec<Span> = Vec::with_capacity(MOST);
        let mut open = false;
        for span in self.spans.drain(..) {
            match kept.last_mut() {
                Some(last) if open && last.worker == span.worker => {
                    last.first = last.first.min(span.first);
                    last.items += span.items;
                    last.tasks += span.tasks;
                    last.ended = last.ended.max(span.ended);
                    last.busy += span.busy;
                    open = false;
                }
                _ => {
                    kept.push(span);
                    open = true;
                }
            }
        }
        self.spans = kept;
    }

    /// All of them, by worker and time.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = self.spans.clone();
        spans.sort_by_key(|span| (span.worker, span.begun));
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_tasks_stay_few_spans_and_nothing_is_lost() {
        let mut timeline = Timeline::starting_now();
        let origin = timeline.origin;
        for task in 0..1_000_000u64 {
            let begun = origin + task / 3 * 100;
            timeline.note((task % 3) as usize, (task * 2, 2), begun, 60);
        }
        let spans = timeline.spans();
        assert!(spans.len() <= MOST);
        assert_eq!(spans.iter().map(|span| span.tasks).sum::<u64>(), 1_000_000);
        assert_eq!(spans.iter().map(|span| span.busy).sum::<u64>(), 60_000_000);
        assert_eq!(spans.iter().map(|span| span.items).sum::<u64>(), 2_000_000);
        for pair in spans.windows(2) {
            assert!(pair[0].worker < pair[1].worker || pair[0].ended <= pair[1].begun);
        }
    }
}
