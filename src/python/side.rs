//! Threads beside the main one that run Python for the wire: one for the debugger's questions, and one for each subshell. They begin
//! with the first request that needs them.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use ::bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::request::Request;
use crate::jupyter::{self, Inbox, Wire};
use crate::signals;

/// Python's own threads have this much; Rust's default is too small for deep recursion.
const STACK: usize = 8 * 1024 * 1024;

/// Adds the class of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Subshell>()
}

/// A question of the debugger.
struct Question {
    ticket: u64,
    text: Bytes,
}

/// The threads and what they serve.
#[derive(Default)]
pub struct Side {
    /// Python's handlers, once it has given them.
    handlers: Mutex<Option<Py<PyAny>>>,
    given: Condvar,
    wire: Mutex<Weak<Wire>>,
    control: Mutex<Option<Sender<Question>>>,
    subshells: Mutex<HashMap<String, Arc<Queue>>>,
}

/// The requests of one subshell.
struct Queue {
    requests: Inbox<jupyter::Request>,
    closed: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Side {
    /// Where answers go.
    pub fn connect(&self, wire: &Arc<Wire>) {
        *lock(&self.wire) = Arc::downgrade(wire);
    }

    /// Python is ready: `handlers` has the methods `debug` and `subshell`.
    pub fn serve(&self, handlers: Py<PyAny>) {
        *lock(&self.handlers) = Some(handlers);
        self.given.notify_all();
    }

    /// A question of the debugger; the answer goes back to the wire under `ticket`.
    pub fn debug(self: &Arc<Self>, ticket: u64, text: Bytes) {
        let question = Question { ticket, text };
        let mut control = lock(&self.control);
        let question = match control.as_ref() {
            Some(sender) => match sender.send(question) {
                Ok(()) => return,
                Err(back) => back.0,
            },
            None => question,
        };
        self.start_control(&mut control, question);
    }

    fn start_control(self: &Arc<Self>, control: &mut Option<Sender<Question>>, first: Question) {
        let (sender, receiver) = channel();
        let side = self.clone();
        let started = spawn("paracell-control", move || {
            while let Ok(question) = receiver.recv() {
                let handlers = side.wait_for_handlers();
                Python::attach(|py| side.answer(py, handlers.bind(py), &question));
            }
        });
        if let Err(error) = started {
            return tracing::error!("the control thread cannot be started: {error}");
        }
        let _ = sender.send(first);
        *control = Some(sender);
    }

    fn answer(&self, py: Python<'_>, handlers: &Bound<'_, PyAny>, question: &Question) {
        let answer = handlers
            .call_method1("debug", (PyBytes::new(py, &question.text),))
            .and_then(|a| Ok(Bytes::copy_from_slice(a.cast::<PyBytes>()?.as_bytes())));
        let wire = lock(&self.wire).upgrade();
        match (answer, wire) {
            (Ok(content), Some(wire)) => wire.debug_answer(question.ticket, content),
            (Ok(_), None) => {}
            (Err(error), _) => tracing::error!("a question of the debugger failed: {error}"),
        }
    }

    /// Python's handlers; requests may come before it is ready.
    fn wait_for_handlers(&self) -> Py<PyAny> {
        let mut handlers = lock(&self.handlers);
        loop {
            if let Some(found) = handlers.as_ref() {
                return Python::attach(|py| found.clone_ref(py));
            }
            handlers = self
                .given
                .wait(handlers)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Starts the thread of a new subshell.
    pub fn open(self: &Arc<Self>, name: &str) -> Result<(), String> {
        let queue = Queue {
            requests: Inbox::new().map_err(|error| error.to_string())?,
            closed: AtomicBool::new(false),
        };
        let queue = Arc::new(queue);
        let (side, shell) = (
            self.clone(),
            Subshell {
                name: name.to_owned(),
                queue: queue.clone(),
            },
        );
        spawn("paracell-subshell", move || {
            let handlers = side.wait_for_handlers();
            Python::attach(|py| {
                let ended = handlers.bind(py).call_method1("subshell", (shell,));
                if let Err(error) = ended {
                    tracing::error!("a subshell failed: {error}");
                }
            });
        })
        .map_err(|error| format!("its thread cannot be started: {error}"))?;
        lock(&self.subshells).insert(name.to_owned(), queue);
        Ok(())
    }

    /// The subshell's thread ends once it has handled what waits.
    pub fn close(&self, name: &str) {
        if let Some(queue) = lock(&self.subshells).remove(name) {
            queue.closed.store(true, Ordering::Release);
            queue.requests.wake();
        }
    }

    /// The inbox of a subshell.
    pub fn with<R>(
        &self,
        name: &str,
        use_it: impl FnOnce(&Inbox<jupyter::Request>) -> R,
    ) -> Option<R> {
        let queue = lock(&self.subshells).get(name).cloned();
        queue.map(|queue| use_it(&queue.requests))
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK)
        .spawn(move || {
            signals::block();
            run();
        })
        .map(drop)
}

/// The requests of one subshell, as its Python thread takes them.
#[pyclass(frozen, module = "paracell._native")]
pub struct Subshell {
    name: String,
    queue: Arc<Queue>,
}

#[pymethods]
impl Subshell {
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Whether no more requests will come.
    #[getter]
    fn closed(&self) -> bool {
        self.queue.closed.load(Ordering::Acquire)
    }

    fn request_fd(&self) -> RawFd {
        self.queue.requests.fd()
    }

    fn take_request(&self) -> Option<Request> {
        self.queue.requests.take().map(|inner| Request { inner })
    }
}
