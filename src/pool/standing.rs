//! Who can take a task: how each worker stands, kept as it changes, so that whoever is free is found as fast among five
//! hundred workers as among two.

use std::collections::{BTreeSet, HashMap};

/// How one worker stands. All tasks in a worker are of one run: only an idle one takes another run's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stand {
    /// It starts, ends, or has no room: nothing is given to it.
    #[default]
    Away,
    /// It has nothing to do.
    Idle,
    /// It has nothing to do, and was forked for this run.
    Own(u64),
    /// It has one task of this run, and takes one more.
    Half(u64),
    /// It has all that it takes of this run.
    Full(u64),
}

/// The workers of one run.
#[derive(Default)]
struct Crew {
    own: BTreeSet<usize>,
    half: BTreeSet<usize>,
    full: BTreeSet<usize>,
}

impl Crew {
    fn is_empty(&self) -> bool {
        self.own.is_empty() && self.half.is_empty() && self.full.is_empty()
    }
}

/// How all workers stand, by slot.
#[derive(Default)]
pub struct Standings {
    of: Vec<Stand>,
    idle: BTreeSet<usize>,
    crews: HashMap<u64, Crew>,
}

impl Standings {
    /// A worker stands so from now on.
    pub fn set(&mut self, slot: usize, now: Stand) {
        if self.of.len() <= slot {
            self.of.resize(slot + 1, Stand::Away);
        }
        let before = std::mem::replace(&mut self.of[slot], now);
        if before == now {
            return;
        }
        if let Some(place) = self.place(now) {
            place.insert(slot);
        }
        if let Some(place) = self.place(before) {
            place.remove(&slot);
        }
        if let Stand::Own(run) | Stand::Half(run) | Stand::Full(run) = before
            && self.crews.get(&run).is_some_and(Crew::is_empty)
        {
            self.crews.remove(&run);
        }
    }

    fn place(&mut self, stand: Stand) -> Option<&mut BTreeSet<usize>> {
        Some(match stand {
            Stand::Away => return None,
            Stand::Idle => &mut self.idle,
            Stand::Own(run) => &mut self.crews.entry(run).or_default().own,
            Stand::Half(run) => &mut self.crews.entry(run).or_default().half,
            Stand::Full(run) => &mut self.crews.entry(run).or_default().full,
        })
    }

    /// On how many workers a run is.
    pub fn using(&self, run: u64) -> usize {
        let crew = self.crews.get(&run);
        crew.map_or(0, |crew| crew.half.len() + crew.full.len())
    }

    /// Workers that have nothing to do, lowest slot first: those of the run `own`, or those that any run may use.
    pub fn idle(&self, own: Option<u64>) -> impl Iterator<Item = usize> {
        let idle = match own {
            None => Some(&self.idle),
            Some(run) => self.crews.get(&run).map(|crew| &crew.own),
        };
        idle.into_iter().flatten().copied()
    }

    /// A worker that has one task of this run and takes one more.
    pub fn half(&self, run: u64) -> Option<usize> {
        self.crews.get(&run)?.half.first().copied()
    }

    /// Workers in which tasks of this run wait, lowest slot first.
    pub fn full(&self, run: u64) -> impl Iterator<Item = usize> {
        self.crews
            .get(&run)
            .into_iter()
            .flat_map(|crew| crew.full.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stands() -> impl Strategy<Value = Stand> {
        prop_oneof![
            Just(Stand::Away),
            Just(Stand::Idle),
            (1..4u64).prop_map(Stand::Own),
            (1..4u64).prop_map(Stand::Half),
            (1..4u64).prop_map(Stand::Full),
        ]
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_look_at_every_worker_finds(
            changes in proptest::collection::vec((0..9usize, stands()), 0..60)
        ) {
            let mut standings = Standings::default();
            let mut plain = [Stand::Away; 9];
            for (slot, now) in changes {
                standings.set(slot, now);
                plain[slot] = now;
                let at = |wanted: Stand| plain.iter().enumerate().filter(move |(_, s)| **s == wanted).map(|(at, _)| at);
                prop_assert!(standings.idle(None).eq(at(Stand::Idle)));
                for run in 1..4 {
                    prop_assert!(standings.idle(Some(run)).eq(at(Stand::Own(run))));
                    prop_assert_eq!(standings.half(run), at(Stand::Half(run)).next());
                    prop_assert!(standings.full(run).eq(at(Stand::Full(run))));
                    let using = at(Stand::Half(run)).count() + at(Stand::Full(run)).count();
                    prop_assert_eq!(standings.using(run), using);
                }
            }
            (0..9).for_each(|slot| standings.set(slot, Stand::Away));
            prop_assert!(standings.crews.is_empty());
        }
    }
}
