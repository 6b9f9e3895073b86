//! `_native.Kernel`: the wire, for CPython.
//!
//! Calls here only push to queues, or take in what the captured descriptors hold; what has to wait releases the GIL and
//! lets signal handlers run. What the I/O thread calls takes no GIL (`behind`).

use std::ffi::OsString;
use std::os::fd::{IntoRawFd, RawFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::bytes::Bytes;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::behind::Behind;
use super::buffer::ByteView;
use super::request::Request;
use crate::jupyter::capture::Capture;
use crate::jupyter::{
    self, Aborting, Connection, ConnectionError, Inbox, Language, Limits, Message, StartError,
    Stdio, Ticket, Waited, Wire,
};

/// Between two looks for signals while a call waits.
const SLICE: Duration = Duration::from_millis(20);
/// An empty JSON object.
const EMPTY: &[u8] = b"{}";

/// Adds the classes of this file.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(cell_file_name, module)?)?;
    module.add_class::<Kernel>()
}

/// The file name of a cell with this source: that of the file that a debugger's client asks for.
#[pyfunction]
fn cell_file_name(code: &[u8]) -> OsString {
    jupyter::cell_file_name(code).into_os_string()
}

/// The five channels, served by one I/O thread that never takes the GIL.
#[pyclass(frozen, module = "paracell._native")]
pub struct Kernel {
    wire: Arc<Wire>,
    behind: Arc<Behind>,
    capture: Capture,
}

impl Kernel {
    /// The channels, for Rust threads that publish.
    pub fn wire(&self) -> Arc<Wire> {
        self.wire.clone()
    }

    /// Waits for a ticket with the GIL released; signal handlers run.
    fn wait(&self, py: Python<'_>, ticket: Option<Ticket>) -> PyResult<()> {
        let Some(ticket) = ticket else { return Ok(()) };
        loop {
            match py.detach(|| self.wire.wait(ticket, SLICE)) {
                Waited::Done => return Ok(()),
                Waited::TimeOut => py.check_signals()?,
                Waited::Ended => return Err(ended()),
            }
        }
    }

    /// What children have said by now stands before what is said next: a child that has been waited for is through.
    fn after_children(&self) {
        if self.capture.has_children() {
            self.capture.drain();
        }
    }

    /// Waits while a client is too far behind: output is never dropped.
    fn wait_for_room(&self, py: Python<'_>) -> PyResult<()> {
        while self.wire.full() {
            if py.detach(|| self.wire.wait_for_room(SLICE)) == Waited::Ended {
                return Ok(());
            }
            py.check_signals()?;
        }
        Ok(())
    }
}

fn ended() -> PyErr {
    PyRuntimeError::new_err(
        "the kernel's I/O thread has ended, so this has not been sent; restart the kernel",
    )
}

fn os_error(error: &std::io::Error, text: String) -> PyErr {
    match error.raw_os_error() {
        Some(code) => PyOSError::new_err((code, text)),
        None => PyOSError::new_err(text),
    }
}

fn start_error(error: StartError) -> PyErr {
    let text = error.to_string();
    match &error {
        StartError::Bind(bind) => os_error(&bind.source, text),
        StartError::Thread(source) => os_error(source, text),
        StartError::Died => PyRuntimeError::new_err(text),
    }
}

fn stdio(name: &str) -> PyResult<Stdio> {
    match name {
        "stdout" => Ok(Stdio::Stdout),
        "stderr" => Ok(Stdio::Stderr),
        _ => Err(PyValueError::new_err(format!(
            "a stream is called 'stdout' or 'stderr', not {name:?}"
        ))),
    }
}

fn copied(buffers: &[Bound<'_, PyAny>]) -> PyResult<Vec<Bytes>> {
    let copy = |b| ByteView::get(b).map(|v| Bytes::copy_from_slice(v.as_slice()));
    buffers.iter().map(copy).collect()
}

#[pymethods]
impl Kernel {
    #[new]
    fn new(py: Python<'_>, connection_file: &str, kernel_info: &[u8]) -> PyResult<Self> {
        jupyter::logging::start();
        let connection =
            Connection::read(Path::new(connection_file)).map_err(|error| match &error {
                ConnectionError::Read { source, .. } => os_error(source, error.to_string()),
                _ => PyValueError::new_err(error.to_string()),
            })?;
        let behind = Arc::new(Behind {
            kernel_info: Bytes::copy_from_slice(kernel_info),
            requests: Inbox::new()?,
            input: Inbox::new()?,
            side: Arc::default(),
        });
        let language: Arc<dyn Language> = behind.clone();
        let wire = py.detach(|| Wire::start(connection, Limits::default(), language));
        let wire = Arc::new(wire.map_err(start_error)?);
        behind.side.connect(&wire);
        let capture = Capture::new(wire.clone())?;
        Ok(Self {
            wire,
            behind,
            capture,
        })
    }

    #[getter]
    fn session(&self) -> &str {
        self.wire.session()
    }

    fn request_fd(&self) -> RawFd {
        self.behind.requests.fd()
    }

    fn take_request(&self) -> Option<Request> {
        if self.wire.is_copy() {
            return None;
        }
        self.behind.requests.take().map(|inner| Request { inner })
    }

    fn cell_waits(&self) -> bool {
        self.behind.requests.has_execute()
    }

    #[pyo3(signature = (request, msg_type, content, metadata = EMPTY, buffers = Vec::new()))]
    fn reply(
        &self,
        request: &Bound<'_, Request>,
        msg_type: String,
        content: &[u8],
        metadata: &[u8],
        buffers: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let message = Message {
            metadata: Bytes::copy_from_slice(metadata),
            buffers: copied(&buffers)?,
            ..Message::new(msg_type, Bytes::new(), Bytes::copy_from_slice(content))
        };
        self.capture.drain();
        self.wire.reply(&request.get().inner, message);
        Ok(())
    }

    fn reply_failed(
        &self,
        request: &Bound<'_, Request>,
        content: &[u8],
        metadata: &[u8],
        taken: Vec<Bound<'_, Request>>,
        aborted: &[u8],
        subshell_id: Option<String>,
    ) -> PyResult<()> {
        let message = Message {
            metadata: Bytes::copy_from_slice(metadata),
            ..Message::new(
                "execute_reply",
                Bytes::new(),
                Bytes::copy_from_slice(content),
            )
        };
        let aborting = Aborting {
            subshell: subshell_id,
            taken: taken.iter().map(|r| r.get().inner.clone()).collect(),
            metadata: Bytes::copy_from_slice(aborted),
        };
        self.capture.drain();
        let ticket = self
            .wire
            .reply_failed(&request.get().inner, message, aborting);
        self.wait(request.py(), ticket)
    }

    fn status(&self, state: &str, parent: &[u8]) {
        self.wire.status(state, Bytes::copy_from_slice(parent));
    }

    #[pyo3(signature = (msg_type, content, *, parent = EMPTY, metadata = EMPTY, buffers = Vec::new(), topic = None))]
    #[expect(clippy::too_many_arguments, reason = "the parts of a message")]
    fn publish(
        &self,
        py: Python<'_>,
        msg_type: String,
        content: &[u8],
        parent: &[u8],
        metadata: &[u8],
        buffers: Vec<Bound<'_, PyAny>>,
        topic: Option<&[u8]>,
    ) -> PyResult<()> {
        let message = Message {
            metadata: Bytes::copy_from_slice(metadata),
            buffers: copied(&buffers)?,
            ..Message::new(
                msg_type,
                Bytes::copy_from_slice(parent),
                Bytes::copy_from_slice(content),
            )
        };
        self.after_children();
        self.wire.publish(
            topic.map(Bytes::copy_from_slice).unwrap_or_default(),
            message,
        );
        self.wait_for_room(py)
    }

    fn stream(
        &self,
        py: Python<'_>,
        name: &str,
        text: &Bound<'_, PyString>,
        parent: &[u8],
    ) -> PyResult<()> {
        // Lone surrogates cannot travel: they become U+FFFD.
        let text = text
            .to_str()
            .map_or_else(|_| text.to_string_lossy(), Into::into);
        self.after_children();
        self.wire.stream(stdio(name)?, &text, parent);
        self.wait_for_room(py)
    }

    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.capture.drain());
        self.wait(py, self.wire.flush())
    }

    fn serve_beside(&self, handlers: Py<PyAny>) {
        self.behind.side.serve(handlers);
    }

    fn capture_fd(&self, fd: RawFd, name: &str) -> PyResult<RawFd> {
        let name = stdio(name)?;
        let copy = self.capture.capture(fd, name).map_err(|error| {
            let text = format!("descriptor {fd} cannot be captured: {error}");
            os_error(&error, text)
        })?;
        Ok(copy.into_raw_fd())
    }

    fn child_fd(&self, py: Python<'_>, name: &str, parent: &[u8]) -> PyResult<Option<RawFd>> {
        let name = stdio(name)?;
        let fd = py
            .detach(|| self.capture.for_child(name, parent))
            .map_err(|error| {
                let text = format!("no pipe for a subprocess: {error}");
                os_error(&error, text)
            })?;
        Ok(fd.map(IntoRawFd::into_raw_fd))
    }

    fn set_captured_parent(&self, parent: &[u8]) {
        self.capture.set_parent(Bytes::copy_from_slice(parent));
    }

    fn input_request(
        &self,
        py: Python<'_>,
        request: &Bound<'_, Request>,
        prompt: &str,
        password: bool,
    ) -> PyResult<()> {
        let prompt = jupyter::json_string(prompt);
        let content = format!(r#"{{"prompt":{prompt},"password":{password}}}"#);
        let ticket = self
            .wire
            .input_request(&request.get().inner, Bytes::from(content));
        self.wait(py, ticket)
    }

    fn take_input_reply(&self) -> Option<String> {
        if self.wire.is_copy() {
            return None;
        }
        self.behind.input.take()
    }

    fn input_fd(&self) -> RawFd {
        self.behind.input.fd()
    }

    #[pyo3(signature = (linger_seconds = 5.0))]
    fn stop(&self, py: Python<'_>, linger_seconds: f64) -> PyResult<()> {
        let linger = Duration::try_from_secs_f64(linger_seconds).map_err(|e| {
            PyValueError::new_err(format!("linger_seconds = {linger_seconds}: {e}"))
        })?;
        py.detach(|| {
            self.capture.stop();
            self.wire.stop(linger);
        });
        Ok(())
    }
}
