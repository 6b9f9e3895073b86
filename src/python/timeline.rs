//! A run's timeline as Python sees it: kept as it is, and turned into tuples only when somebody asks.

use pyo3::prelude::*;

use crate::pool::timeline::Span;

/// (worker, first iteration, iterations, tasks, begun, ended, busy), times in seconds from the run's start.
type Row = (usize, u64, u64, u64, f64, f64, f64);

/// The spans of a run that has ended.
#[pyclass(frozen, module = "paracell._native")]
pub struct Recorded(pub(super) Vec<Span>);

#[pymethods]
impl Recorded {
    fn spans(&self) -> Vec<Row> {
        let seconds = |nanos: u64| nanos as f64 / 1e9;
        let row = |span: &Span| {
            let times = (seconds(span.begun), seconds(span.ended), seconds(span.busy));
            let (begun, ended, busy) = times;
            (
                span.worker,
                span.first,
                span.items,
                span.tasks,
                begun,
                ended,
                busy,
            )
        };
        self.0.iter().map(row).collect()
    }
}
