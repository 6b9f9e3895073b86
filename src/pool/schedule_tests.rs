//! The schedule in simulated time: workers that take as long as the items say.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use proptest::prelude::*;

use super::*;

const OVERHEAD: f64 = 0.000_1;

struct Played {
    seconds: f64,
    tasks: usize,
    most_ahead: usize,
}

/// Plays a run: tasks queue centrally and go to whoever is free; results are taken in order at once.
fn play(costs: &[f64], workers: usize, known: bool) -> Played {
    play_expecting(None, costs, workers, known)
}

fn play_expecting(each: Option<f64>, costs: &[f64], workers: usize, known: bool) -> Played {
    let schedule = Schedule::new(workers, known.then_some(costs.len() as u64));
    play_by(schedule.expecting(each), costs, workers)
}

fn play_by(mut schedule: Schedule, costs: &[f64], workers: usize) -> Played {
    let (mut now, mut next_item, mut tasks, mut most_ahead) = (0.0f64, 0, 0usize, 0);
    let mut queue: VecDeque<(usize, &[f64])> = VecDeque::new();
    let mut busy: BinaryHeap<Reverse<(u64, usize, usize, u64)>> = BinaryHeap::new();
    let mut done = std::collections::BTreeSet::new();
    let mut taken = 0;
    loop {
        while next_item < costs.len() {
            let wanted = schedule.wanted().min(costs.len() - next_item);
            if wanted == 0 {
                break;
            }
            queue.push_back((tasks, &costs[next_item..next_item + wanted]));
            schedule.note_submitted(wanted as u64);
            next_item += wanted;
            tasks += 1;
        }
        while busy.len() < workers
            && let Some((task, items)) = queue.pop_front()
        {
            let length = items.iter().sum::<f64>() + OVERHEAD;
            busy.push(Reverse((
                ((now + length) * 1e9) as u64,
                task,
                items.len(),
                (length * 1e9) as u64,
            )));
        }
        let Some(Reverse((end, task, items, length))) = busy.pop() else {
            break;
        };
        now = end as f64 / 1e9;
        schedule.note_finished(items as u64, length as f64 / 1e9, 0);
        done.insert(task);
        most_ahead = most_ahead.max(schedule.untaken());
        while done.remove(&taken) {
            schedule.note_taken(0);
            taken += 1;
        }
    }
    assert_eq!((taken, next_item), (tasks, costs.len()));
    Played {
        seconds: now,
        tasks,
        most_ahead,
    }
}

fn ratio(costs: &[f64], workers: usize, known: bool) -> f64 {
    play(costs, workers, known).seconds * workers as f64 / costs.iter().sum::<f64>()
}

#[test]
fn skewed_items_end_together() {
    let costs: Vec<f64> = (0..1000)
        .map(|i| if i % 97 == 0 { 0.045 } else { 0.000_15 })
        .collect();
    assert!(ratio(&costs, 2, true) < 1.05, "{}", ratio(&costs, 2, true));
    assert!(ratio(&costs, 4, true) < 1.15, "{}", ratio(&costs, 4, true));
}

#[test]
fn tiny_items_come_in_few_tasks() {
    let played = play(&vec![1e-7; 100_000], 2, true);
    assert!(played.tasks < 40, "{}", played.tasks);
    let played = play(&vec![1e-5; 20_000], 2, true);
    assert!(
        played.tasks < 60 && played.seconds < 0.106,
        "{} tasks, {}",
        played.tasks,
        played.seconds
    );
}

#[test]
fn what_is_known_of_the_last_run_saves_the_first_small_tasks() {
    let played = play_expecting(Some(1e-7), &vec![1e-7; 100_000], 2, true);
    assert!(played.tasks < 24, "{}", played.tasks);
    // It was another time: the first tasks are long ones, but no more than a share of all.
    let played = play_expecting(Some(1e-7), &vec![1e-4; 10_000], 2, true);
    assert!(played.seconds < 0.53, "{}", played.seconds);
    let skewed: Vec<f64> = (0..1000)
        .map(|i| if i % 97 == 0 { 0.045 } else { 0.000_15 })
        .collect();
    let played = play_expecting(Some(0.000_6), &skewed, 2, true);
    let ratio = played.seconds * 2.0 / skewed.iter().sum::<f64>();
    assert!(ratio < 1.06, "{ratio}");
    let unknown = Schedule::new(2, None).expecting(Some(0.0)).wanted();
    assert_eq!(unknown, 1);
}

#[test]
fn ordinary_items_lose_little() {
    assert!(ratio(&vec![0.001; 1000], 2, true) < 1.02);
    assert!(ratio(&vec![0.020; 60], 2, true) < 1.02);
    assert!(ratio(&vec![0.001; 1000], 2, false) < 1.03);
}

#[test]
fn many_workers_are_kept_busy() {
    assert!(ratio(&vec![0.005; 25_600], 256, true) < 1.10);
    assert!(ratio(&vec![0.005; 6_400], 64, true) < 1.10);
}

#[test]
fn tasks_that_cost_all_workers_are_few() {
    let costs = vec![0.005; 1000];
    let dear = Schedule::new(32, Some(1000)).costing(0.000_3);
    let (dear, free) = (play_by(dear, &costs, 32), play(&costs, 32, true));
    assert!(
        dear.tasks * 4 < free.tasks * 3,
        "{} {}",
        dear.tasks,
        free.tasks
    );
    assert!(
        dear.seconds < free.seconds * 1.05,
        "{} {}",
        dear.seconds,
        free.seconds
    );
}

proptest! {
    #[test]
    fn every_item_runs_once_and_read_ahead_is_bounded(
        costs in proptest::collection::vec(1e-7f64..0.1, 0..400),
        workers in 1usize..9,
        known in any::<bool>(),
    ) {
        let played = play(&costs, workers, known);
        prop_assert!(played.most_ahead <= AHEAD * workers);
        let least = costs.iter().copied().fold(0.0, f64::max).max(costs.iter().sum::<f64>() / workers as f64);
        prop_assert!(played.seconds >= least * 0.999);
    }

    #[test]
    fn results_that_nobody_takes_stop_the_run(workers in 1usize..9, bytes in 0u64..(64 << 20)) {
        let mut schedule = Schedule::new(workers, None);
        let mut submitted = 0;
        while schedule.wanted() > 0 {
            let items = schedule.wanted() as u64;
            schedule.note_submitted(items);
            schedule.note_finished(items, 0.01, bytes);
            submitted += 1;
            prop_assert!(submitted <= AHEAD * workers);
        }
    }
}
