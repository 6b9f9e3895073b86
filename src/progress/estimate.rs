//! Rate and time left, from samples of the finished count.

use std::collections::VecDeque;
use std::time::Duration;

/// Samples older than this do not count for the rate, so that a change of pace shows within seconds.
const WINDOW: Duration = Duration::from_secs(10);

/// A sliding window over (time since the start, finished iterations).
#[derive(Debug, Default)]
pub struct Estimate {
    samples: VecDeque<(Duration, u64)>,
}

impl Estimate {
    pub fn record(&mut self, at: Duration, finished: u64) {
        if self.samples.is_empty() {
            self.samples.push_back((Duration::ZERO, 0));
        }
        self.samples.push_back((at, finished));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(time, _)| at.saturating_sub(*time) > WINDOW)
        {
            self.samples.pop_front();
        }
    }

    /// Iterations per second over the window; None before anything has finished.
    pub fn rate(&self) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let seconds = last.0.saturating_sub(first.0).as_secs_f64();
        let count = last.1.saturating_sub(first.1);
        (count > 0 && seconds > 0.0).then(|| count as f64 / seconds)
    }

    /// Seconds until `total` at the present rate.
    pub fn left(&self, total: u64) -> Option<f64> {
        let finished = self.samples.back()?.1;
        Some(total.saturating_sub(finished) as f64 / self.rate()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_follows_a_change_of_pace_within_the_window() {
        let mut estimate = Estimate::default();
        for second in 1..=20 {
            estimate.record(Duration::from_secs(second), second * 100);
        }
        for second in 21..=40 {
            estimate.record(Duration::from_secs(second), 2000 + (second - 20) * 10);
        }
        let rate = estimate.rate().unwrap();
        assert!((rate - 10.0).abs() < 1e-9, "{rate}");
        assert!((estimate.left(2300).unwrap() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_finished_gives_no_rate() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.rate(), None);
        estimate.record(Duration::from_secs(1), 0);
        assert_eq!(estimate.rate(), None);
        assert_eq!(estimate.left(10), None);
    }
}
