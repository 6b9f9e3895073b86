//! What stands behind the wire: a language that runs code. The I/O thread calls it, so nothing here may wait.

use bytes::Bytes;

use super::message::Request;

/// The language's side of the protocol. tests/echo_kernel.rs has a toy that needs no Python.
pub trait Language: Send + Sync + 'static {
    /// The content of kernel_info_reply, status included.
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info>
    fn kernel_info(&self) -> Bytes;

    /// A request on shell or control that the wire does not answer itself. The language publishes its busy and idle.
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-shell-router-dealer-channel>
    fn request(&self, request: Request);

    /// A question of the debugger about the language's own state; the answer comes back as a command with `ticket`.
    fn debug(&self, ticket: u64, question: Bytes);

    /// Begins a subshell: requests that name it are handled beside those of the main shell. The text of the error if that
    /// is not possible.
    fn open_subshell(&self, name: &str) -> Result<(), String>;

    /// Ends a subshell once what waits for it has been handled.
    fn close_subshell(&self, name: &str);

    /// Gives back the execute requests of `subshell` that wait, in order: the wire answers them with "aborted".
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#execution-results>
    fn take_queued_executes(&self, subshell: Option<&str>) -> Vec<Request>;

    /// Interrupts what runs now; the text of the error if that is not possible.
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-interrupt>
    fn interrupt(&self) -> Result<(), String>;

    /// The kernel shall end, which the client has been told: what runs is interrupted.
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-shutdown>
    fn shutdown(&self, request: Request);

    /// Replies to earlier input requests are stale: forget those that wait.
    fn forget_input(&self);

    /// The text that the user gave.
    /// <https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel>
    fn input_reply(&self, value: String);
}
