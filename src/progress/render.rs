//! A snapshot of a run as text/plain and text/html. Pure functions.

use std::fmt::Write as _;

use super::{Title, WorkerState};

/// More workers than this are counted, not listed.
const LISTED_WORKERS: usize = 16;
const BAR_CELLS: usize = 20;

/// One display in both of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub plain: String,
    pub html: String,
    /// Whether nothing comes behind it.
    pub last: bool,
}

/// What a display shows at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub finished: u64,
    pub failed: u64,
    pub workers: Vec<WorkerState>,
    pub rate: Option<f64>,
    pub left: Option<f64>,
}

/// The bar of a run that goes on.
pub fn running(title: &Title, snapshot: &Snapshot) -> Rendered {
    let numbers = numbers(title, snapshot);
    let fraction = title
        .total
        .filter(|total| *total > 0)
        .map(|total| (snapshot.finished as f64 / total as f64).clamp(0.0, 1.0));
    let bar = fraction.map_or_else(String::new, |fraction| {
        let full = (fraction * BAR_CELLS as f64) as usize;
        format!("[{}{}] ", "#".repeat(full), ".".repeat(BAR_CELLS - full))
    });
    let failures = match snapshot.failed {
        0 => String::new(),
        n => format!(" · {n} failed"),
    };
    let who = format!("{} × {}", title.backend, title.workers);
    let (states, states_html) = worker_states(&snapshot.workers);
    let second_row = format!("{}{states_html}", escape(&who));
    let plain = format!(
        "{}  {bar}{numbers}{failures} · {who}{}",
        title.region, states
    );
    Rendered {
        plain,
        html: running_html(title, fraction, &numbers, snapshot.failed, &second_row),
        last: false,
    }
}

/// The one line that stays.
pub fn finished(summary: &str, failed: bool) -> Rendered {
    let (mark, colour) = if failed {
        ("✗", ERROR)
    } else {
        ("✓", SUCCESS)
    };
    Rendered {
        plain: format!("{mark} {summary}"),
        html: format!(
            "<div class=\"paracell-progress\" data-state=\"{}\" style=\"{BOX}\">\
             <span style=\"color:{colour}\">{mark}</span> {}</div>",
            if failed { "failed" } else { "finished" },
            escape(summary)
        ),
        last: true,
    }
}

const BOX: &str = "font-family:var(--jp-code-font-family,monospace);font-size:12px;line-height:1.7";
const MUTED: &str = "var(--jp-ui-font-color2,#757575)";
const BRAND: &str = "var(--jp-brand-color1,#1976d2)";
const ERROR: &str = "var(--jp-error-color1,#d32f2f)";
const SUCCESS: &str = "var(--jp-success-color1,#388e3c)";
const TRACK: &str = "var(--jp-border-color2,#e0e0e0)";

fn running_html(
    title: &Title,
    fraction: Option<f64>,
    numbers: &str,
    failed: u64,
    second_row: &str,
) -> String {
    let bar = fraction.map_or_else(String::new, |fraction| {
        format!(
            "<span style=\"display:inline-block;vertical-align:middle;width:220px;height:8px;border-radius:4px;\
             overflow:hidden;background:{TRACK}\"><span style=\"display:block;height:8px;width:{:.1}%;\
             background:{BRAND}\"></span></span> ",
            fraction * 100.0
        )
    });
    let failures = match failed {
        0 => String::new(),
        n => format!(" <span style=\"color:{ERROR}\">· {n} failed</span>"),
    };
    format!(
        "<div class=\"paracell-progress\" data-state=\"running\" style=\"{BOX}\"><div>{}</div>\
         <div>{bar}{numbers}{failures}</div><div style=\"color:{MUTED}\">{second_row}</div></div>",
        escape(&title.region),
    )
}

fn numbers(title: &Title, snapshot: &Snapshot) -> String {
    let mut text = match title.total {
        Some(total) => format!("{}/{}", grouped(snapshot.finished), grouped(total)),
        None => format!("{} done", grouped(snapshot.finished)),
    };
    if let Some(rate) = snapshot.rate {
        let _ = write!(text, " · {}", rate_text(rate));
    }
    if let Some(left) = snapshot.left {
        let _ = write!(text, " · {} left", duration_text(left));
    }
    text
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `85/s`, or `12 s each` where an iteration takes longer than a second.
fn rate_text(rate: f64) -> String {
    if rate >= 100.0 {
        format!("{}/s", grouped(rate.round() as u64))
    } else if rate >= 1.0 {
        format!("{rate:.1}/s")
    } else {
        format!("{} each", duration_text(1.0 / rate))
    }
}

/// Seconds for people: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`.
fn duration_text(seconds: f64) -> String {
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// The workers' states, for the plain line and as a row of its own in HTML.
fn worker_states(workers: &[WorkerState]) -> (String, String) {
    if workers.is_empty() {
        return Default::default();
    }
    let busy = workers.iter().filter(|worker| worker.busy).count();
    let plain = format!(" · {busy} busy");
    let listed = if workers.len() > LISTED_WORKERS {
        format!(" · {busy} of {} workers busy", workers.len())
    } else {
        let mut row = String::from(" · items each");
        for worker in workers {
            let (dot, colour) = if worker.busy {
                ("●", BRAND)
            } else {
                ("○", MUTED)
            };
            let _ = write!(
                row,
                " <span style=\"color:{colour}\">{dot}</span>&thinsp;{}",
                grouped(worker.finished)
            );
        }
        row
    };
    (plain, listed)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(total: Option<u64>) -> Title {
        Title {
            region: "line 2: for x in a<b".into(),
            backend: "processes".into(),
            workers: 2,
            total,
        }
    }

    fn snapshot(finished: u64, failed: u64) -> Snapshot {
        let workers = vec![
            WorkerState {
                finished,
                busy: true,
            },
            WorkerState {
                finished: 0,
                busy: false,
            },
        ];
        Snapshot {
            finished,
            failed,
            workers,
            rate: Some(50.0),
            left: Some(125.0),
        }
    }

    #[test]
    fn a_known_total_shows_done_total_rate_and_time_left() {
        let shown = running(&title(Some(100)), &snapshot(50, 0));
        assert_eq!(
            shown.plain,
            "line 2: for x in a<b  [##########..........] 50/100 · 50.0/s · 2 min 05 s left · processes × 2 · 1 busy"
        );
        assert!(shown.html.contains("width:50.0%"));
        assert!(
            shown.html.contains("a&lt;b"),
            "user text is escaped: {}",
            shown.html
        );
        assert!(!shown.html.contains("failed"));
    }

    #[test]
    fn an_unknown_total_shows_a_count_and_no_bar() {
        let shown = running(
            &title(None),
            &Snapshot {
                left: None,
                ..snapshot(7, 0)
            },
        );
        assert!(shown.plain.contains("7 done"), "{}", shown.plain);
        assert!(!shown.plain.contains('['));
        assert!(!shown.html.contains("width:220px"));
    }

    #[test]
    fn failures_are_red() {
        let shown = running(&title(Some(10)), &snapshot(3, 2));
        assert!(
            shown
                .html
                .contains(&format!("<span style=\"color:{ERROR}\">· 2 failed</span>"))
        );
    }

    #[test]
    fn many_workers_are_counted() {
        let workers = vec![
            WorkerState {
                finished: 1,
                busy: true
            };
            40
        ];
        let shown = running(
            &title(None),
            &Snapshot {
                workers,
                ..snapshot(40, 0)
            },
        );
        assert!(shown.html.contains("40 of 40 workers busy"));
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn slow_iterations_show_the_time_of_each() {
        assert_eq!(rate_text(0.25), "4.0 s each");
        assert_eq!(rate_text(3.0), "3.0/s");
        assert_eq!(duration_text(7620.0), "2 h 07 min");
    }
}
