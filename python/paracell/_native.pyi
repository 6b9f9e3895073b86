"""What the Rust extension offers to the Python package: the contract between the two, checked by mypy.

JSON crosses as UTF-8 bytes, so that the I/O thread can send it on without the GIL. A ``Buffer`` is anything that
exports a C-contiguous buffer (bytes, bytearray, memoryview, numpy array, pickle.PickleBuffer).
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, Literal, TypeAlias

Buffer: TypeAlias = Any

__version__: str

# ---------------------------------------------------------------------------------------------- kernel (src/jupyter)

class Request:
    """One message from a client on shell, control or stdin, signature verified. Parts are raw JSON."""

    channel: Literal["shell", "control", "stdin"]
    msg_id: str
    msg_type: str
    session: str
    subshell_id: str | None
    header: bytes
    parent_header: bytes
    metadata: bytes
    content: bytes
    buffers: list[bytes]
    identities: list[bytes]

def cell_file_name(code: bytes) -> str:
    """The file name of a cell with this source, as UTF-8: where a debugger's client finds the file, if there is one."""

class InterruptHandler:
    """SIGINT's handler: raises KeyboardInterrupt where ``decide(signum, frame)`` is true, and is in no traceback."""

    def __init__(self, decide: Callable[[int, FrameType | None], bool]) -> None: ...
    def watch(self) -> None:
        """To be called by the main thread when this has been made SIGINT's handler, and again when another one may have
        been for a while: no interrupt is lost from here on."""

    def __call__(self, signum: int, frame: FrameType | None) -> None: ...

class Subshell:
    """The requests of one subshell, for the thread that serves it."""

    name: str
    closed: bool
    """No more requests will come: the descriptor is readable and there is none."""
    def request_fd(self) -> int: ...
    def take_request(self) -> Request | None: ...

class Kernel:
    """The five channels, served by one I/O thread that never takes the GIL."""

    def __init__(self, connection_file: str, kernel_info: bytes) -> None:
        """Bind every channel and answer kernel_info, heartbeat and interrupt from now on.

        Raises OSError (address in use), ValueError (bad connection file, CURVE keys), each naming the file."""
    @property
    def session(self) -> str: ...
    def request_fd(self) -> int:
        """An eventfd that is readable while requests wait; for ``loop.add_reader``."""
    def take_request(self) -> Request | None:
        """The next waiting shell/control/stdin-less request, or None; never blocks."""
    def cell_waits(self) -> bool:
        """Whether an execute_request is among those that wait."""
    def reply(
        self, request: Request, msg_type: str, content: bytes, metadata: bytes = b"{}", buffers: Sequence[Buffer] = ()
    ) -> None:
        """Answer on the channel and to the client that asked. What was written before, captured descriptors included,
        is on iopub first."""
    def reply_failed(
        self,
        request: Request,
        content: bytes,
        metadata: bytes,
        taken: Sequence[Request],
        aborted: bytes,
        subshell_id: str | None,
    ) -> None:
        """``reply`` of a cell that failed. The execute requests that have arrived by the time that it is sent get
        status "aborted" and the metadata `aborted`: first `taken`, then those that still wait here for `subshell_id`
        (None: the main shell). A request that a client sends when it has the reply is none of them."""
    def status(self, state: Literal["starting", "busy", "idle"], parent: bytes) -> None: ...
    def publish(
        self,
        msg_type: str,
        content: bytes,
        *,
        parent: bytes = b"{}",
        metadata: bytes = b"{}",
        buffers: Sequence[Buffer] = (),
        topic: bytes | None = None,
    ) -> None:
        """Send on iopub, after all streams written before by any thread. Waits (GIL released) under back-pressure."""
    def stream(self, name: Literal["stdout", "stderr"], text: str, parent: bytes) -> None:
        """Append to the coalescing stream buffer of `parent` (a raw header). Waits (GIL released) under back-pressure.
        Lone surrogates become U+FFFD."""
    def serve_beside(self, handlers: Any) -> None:
        """Call ``handlers.debug(question) -> bytes`` on a thread for what the debugger's clients ask, and
        ``handlers.subshell(subshell)`` on a thread of its own for each subshell."""
    def flush(self) -> None:
        """Everything written so far, captured descriptors included, is handed to every subscriber's queue."""
    def capture_fd(self, fd: int, name: Literal["stdout", "stderr"]) -> int:
        """Replace `fd` by a pipe whose contents become stream output of the captured parent, read by a thread that
        never takes the GIL; a copy of the original descriptor. OSError if there is none."""
    def child_fd(self, name: Literal["stdout", "stderr"], parent: bytes) -> int | None:
        """A descriptor, the caller's to close, for a subprocess of the cell `parent` (a raw header): what it writes
        there belongs to that cell, however late. None if what was captured under this name is not in use any more."""
    def set_captured_parent(self, parent: bytes) -> None:
        """The parent (a raw header) of what captured descriptors receive from now on; what they hold is read first."""
    def input_request(self, request: Request, prompt: str, password: bool) -> None:
        """Ask the client that sent `request`; stale replies are purged first."""
    def take_input_reply(self) -> str | None:
        """The reply to the pending input_request, or None. `input_fd()` is readable when there is one."""
    def input_fd(self) -> int: ...
    def stop(self, linger_seconds: float = 5.0) -> None:
        """Send what is queued (bounded by `linger_seconds`), close every socket, join the I/O thread."""

# -------------------------------------------------------------------------------------------- worker pool (src/pool)

class Outcome:
    """What became of one task, in submission order."""

    task: int
    status: Literal["done", "died"]
    payload: memoryview | bytes
    buffers: list[memoryview]
    """Writable, backed by shared memory that is recycled when the last view dies."""
    worker: int
    seconds: float
    """Busy time of the worker for this task."""
    pid: int
    signal: int | None
    exit_code: int | None
    peak_memory: int | None
    """The most memory that the process had in use, in bytes; of one that died."""
    overdue: bool
    """Whether the pool ended the worker, since one iteration took longer than the run's `limit`."""
    finished: int
    """Iterations of this task that had finished (from the shared counter): where a dead worker stood."""

class RunStats:
    tasks: int
    items: int
    seconds: float
    """Sum of the workers' busy seconds."""
    bytes_in: int
    bytes_out: int
    workers: int
    timeline: Recorded

class Recorded:
    """When which worker was busy with what, in a run that has ended."""

    def spans(self) -> list[tuple[int, int, int, int, float, float, float]]:
        """(worker, first iteration, iterations, tasks, begun, ended, busy), times in seconds from the run's start; by
        worker, then by time. Long runs: neighbouring tasks of a worker are one span, with `busy` below its length."""

class ProcessRun:
    """One region's tasks on the process pool. Used from one thread."""

    def wanted(self) -> int:
        """How many items the next task should hold (by measured time), or 0: enough is in flight or uncommitted."""
    def submit(self, payload: Buffer, buffers: Sequence[Buffer], items: int, first: int = 0) -> int:
        """Queue a task of the iterations from `first` on; its index. Payload and buffers are copied before this
        returns."""
    def next(self) -> Outcome | None:
        """The outcome of the lowest task not yet taken. Waits with the GIL released; signal handlers run
        (KeyboardInterrupt surfaces at once). IndexError if nothing was submitted that has not been taken. None:
        workers of the run's own have ended, and take_lost() says how many."""
    def hungry(self, more: bool = True, listen: int | None = None) -> bool:
        """Wait until next() would return at once (False), or (True) wanted() is above 0, if there is `more` to hand
        out, or the task `listen` has said something, or workers of the run's own have ended; interrupts as in
        next()."""
    def fork(self) -> int | None:
        """Of a run that has workers of its own: fork this process as one of them. In the child: the descriptor to give
        to ``serve_worker``, with all signals blocked. Only where nothing can hang (``backends.forksafe``)."""
    def take_lost(self) -> int:
        """How many workers of the run's own have ended since this was called last."""
    def said(self, task: int) -> bytes:
        """What a task that still runs has said since this was called last."""
    def ready(self) -> bool:
        """Whether next() would return at once."""
    def again(self, task: int) -> bool:
        """Run the task whose outcome "died" was taken last once more, with the same bytes and under the same index, so
        that next() waits for it again. False: no such task."""
    def cancel(self) -> None:
        """Stop all that is queued or running: workers get KeyboardInterrupt, and SIGKILL if that does not help in
        time. Their results are dropped. Returns when no worker runs user code of this run any more."""
    def close(self) -> RunStats:
        """End the run (cancels what is left)."""
    @property
    def counters(self) -> Counters: ...

def shared_memory_trouble() -> str | None:
    """The first error of shared memory in this process; None as long as there was none."""

class ProcessPool:
    """Warm worker processes: started, fed, watched (pidfd) and ended by a Rust thread."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """`argv` starts one worker; the pool appends the number of the inherited control descriptor."""
    def prestart(self, workers: int, after: float = 0.0, job: bytes | None = None) -> None:
        """Start workers ahead of need, in so many seconds, and send all of them this job (the key of a blob that is
        held); returns at once."""
    def put(self, key: bytes, payload: Buffer, buffers: Sequence[Buffer]) -> None:
        """Keep a blob for workers under a content key; a no-op if it is held. Sent to a worker once, before the first
        task of a run that needs it. Its buffers arrive as private writable mappings of one shared copy."""
    def has(self, key: bytes) -> bool: ...
    def discard(self, key: bytes) -> None: ...
    def open(
        self, workers: int, job: bytes, needs: Sequence[bytes], total: int | None, limit: float | None = None
    ) -> ProcessRun:
        """Begin a run on `workers` workers: `job` (a key that was put) names what every task calls; it and the blobs in
        `needs`, in that order, are defined in a worker before its first task. A worker in which one iteration (as told
        by `item_done`) takes longer than `limit` seconds is ended."""
    def open_own(self, workers: int, job: bytes, total: int | None, limit: float | None = None) -> ProcessRun:
        """Begin a run that has workers of its own: those that ``ProcessRun.fork`` makes, which know `job` from this
        process and end with the run."""
    def pids(self) -> list[int]: ...
    def serving(self) -> int:
        """How many workers are there and take tasks."""
    def shutdown(self) -> None:
        """End every worker, free shared memory, join the pool's thread. Idempotent."""

class ThreadRun:
    """One region's tasks on a rayon pool of its own; tasks are Python callables."""

    def wanted(self) -> int: ...
    def submit(self, call: Callable[[], Any], items: int, first: int = 0) -> int: ...
    def next(self) -> tuple[int, Any, BaseException | None, float]:
        """(task, result, exception, seconds), in submission order; signal handlers run while waiting."""
    def hungry(self, more: bool = True) -> bool:
        """As ProcessRun.hungry; True as well after poke(), and if the task that is due has said something."""
    def said(self) -> bytes:
        """What the task that is due, in a subinterpreter, has said since this was called last."""
    def poke(self) -> None:
        """Let the hungry() that waits now, or is called next, return."""
    def ready(self) -> bool: ...
    def cancel(self) -> None:
        """Drop what is queued, raise KeyboardInterrupt in the threads that run user code, wait until they are out."""
    def close(self) -> RunStats: ...
    @property
    def counters(self) -> Counters: ...

class ProgramOutput:
    """An anonymous file for what a program writes; closed with its last reference."""

    def __init__(self) -> None: ...
    def fileno(self) -> int: ...
    def take(self) -> bytes:
        """What was written since this was called last."""

class ThreadPool:
    def __init__(self, tidy: Callable[[], object]) -> None:
        """`tidy` is called in each thread whose task was interrupted."""
    def open(self, workers: int, total: int | None, inside_only: bool = False) -> ThreadRun:
        """`inside_only`: what an interrupt ends is code in subinterpreters alone."""
    def shutdown(self) -> None: ...

def given() -> list[bytes]:
    """What a subinterpreter has given on this thread since this was called last, by the library's C functions
    (``paracell.interpreter``)."""

class Handed:
    """How many items a loop was given by ``feed``."""

    @property
    def items(self) -> int:
        """As they were counted when the generator was asked last, and when the loop was left."""

    @property
    def ended(self) -> bool:
        """Whether the source has said that there are no more."""

def feed(
    source: Iterator[Any], asks: Generator[float | Iterator[Any] | None, tuple[int, Any]]
) -> tuple[Iterator[Any], Handed]:
    """The items of `source`, as fast as C hands them on. `asks` has been started.

    Before the second item, and then again after the seconds that it has answered, it is sent the number of items that
    were handed out and the next one. None: it is not asked any more; an iterator: nor then, and what comes after that
    item comes from there. When it returns, the iterator ends, without that item."""

class Iterations(Iterator[Any]):
    """The items of a task, for a call in C that computes one iteration after the other. When the next one is asked for,
    one more has ended, and is counted as by ``item_done`` if `counts`.

    ``between()`` is called behind the first one, then behind the first one to end when the seconds have passed that it
    has answered, or when ``ask()`` was called, and behind the last one. None: there are no more."""

    def __init__(self, items: Iterator[Any], between: Callable[[], float | None], counts: bool) -> None: ...
    def __iter__(self) -> Iterations: ...
    def __next__(self) -> Any: ...
    def ask(self) -> None: ...

def clocks(schedule: int | None) -> tuple[float, float, int, float, float]:
    """(elapsed, run by this thread, its page faults that needed no disk, run by the process, waited by this thread for
    a core): seconds, but for the faults. `schedule` is a descriptor of the thread's schedstat, if there is one."""

class Untraced:
    """A function, or in a class a method, whose errors are handed to ``trim(error)``, which may take frames out of the
    traceback, before they go on to its caller. The call itself has no frame."""

    def __init__(self, call: Callable[..., Any], trim: Callable[[BaseException], None]) -> None: ...
    def __get__(self, object: Any, owner: Any) -> Untraced: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class Raising(Iterator[Any]):
    """An iterator that has nothing but an error to give, once, with the traceback that it has."""

    def __init__(self, error: BaseException) -> None: ...
    def __iter__(self) -> Raising: ...
    def __next__(self) -> Any: ...

def working_directory() -> bytes | None:
    """The working directory's path; None if it has been removed."""

class GilProbe:
    """A thread that asks for the GIL about once a millisecond while a measurement is under way, and rests otherwise."""

    def __init__(self) -> None: ...
    def begin(self) -> None: ...
    def read(self) -> tuple[int, int]:
        """(samples since `begin`, how many of them found the GIL free)."""
    def end(self) -> None: ...
    def close(self) -> None:
        """The thread ends, at the latest when it has got the GIL that it waits for."""

def rehearse_fork() -> None:
    """Fork a child that ends at once: libraries that end their threads before a fork have done so afterwards."""

class Counters:
    """Shared finished-item counters of a run; readable by any Rust thread without the GIL."""

    def finished(self) -> int: ...
    def failed(self) -> None:
        """Note one failed iteration (progress shows it in red)."""
    def per_worker(self) -> list[int]: ...

def tell_of_files(tell: Callable[[str, tuple[Any, ...]], None]) -> bool:
    """From now on, ``tell(event, arguments)`` is called for audit events of files while somebody has asked for them.
    False: that cannot be had."""

def files_asked_for(change: int) -> None:
    """One more asks to be told of files (1), or one less (-1)."""

def item_done(count: int = 1) -> None:
    """In a worker (process or thread) while it runs a task: `count` more iterations are finished."""

def serve_worker(
    fd: int,
    define: Callable[[bytes, memoryview | bytes, list[memoryview]], None],
    task: Callable[[bytes, memoryview | bytes, list[memoryview]], tuple[Buffer, Sequence[Buffer]]],
    forget: Callable[[bytes], None] | None = None,
    idle: Callable[[], None] | None = None,
) -> int:
    """A worker's main loop on its main thread: `define(key, payload, buffers)` for blobs, `task(job, payload, buffers)`
    for tasks, `forget(key)` for a discarded blob, `idle()` once no task has come for a while. KeyboardInterrupt is
    raised inside `task` when the run is cancelled, and only there. Returns the exit code when the kernel is gone or
    says so. An exception out of a callback ends the worker."""

def say(words: bytes) -> None:
    """In a worker process while it runs a task: to be had from the run's said() before the task has ended. Nothing is
    sent of a task that is over soon."""

def written() -> list[tuple[str, bytes]] | None:
    """In a worker process: what was written to its descriptors 1 ("stdout") and 2 ("stderr") since the last call, by C
    code and by child processes; None if nothing was."""

def cancelled() -> bool:
    """Whether this thread runs a task, here or in a worker process, of a run that is cancelled."""

def run_workers() -> int:
    """In a worker process while it runs a task: on how many workers that run runs; else 0."""

# ------------------------------------------------------------------------------------------- progress (src/progress)

class Progress:
    """A live display fed by counters, updated by a Rust thread at most 10 times a second, from 0.3 s of work on."""

    def __init__(
        self,
        kernel: Kernel,
        counters: Counters,
        *,
        parent: bytes,
        title: str,
        backend: str,
        workers: int,
        total: int | None,
    ) -> None: ...
    def finish(self, summary: str, *, failed: bool = False) -> None:
        """Stop updating; if a bar was shown, it becomes the one line `summary`."""

class ProgressPoll:
    """The same display without a thread and a kernel of ours: who shows it asks, as often as it likes."""

    def __init__(self, counters: Counters, *, title: str, backend: str, workers: int, total: int | None) -> None: ...
    def now(self) -> tuple[bool, str, str] | None:
        """Whether it is the first, as plain text, as HTML; None: it is not time for an update."""
    def finished(self, summary: str, *, failed: bool = False) -> tuple[str, str] | None:
        """The line that stays, in both forms; None if nothing was shown."""

# ----------------------------------------------------------------------------------- shipping (src/python/ship.rs)

def content_hash(buffers: Sequence[Buffer]) -> bytes:
    """16 bytes that stand for the content of the buffers, in order (xxh3-128). Large ones without the GIL."""

def buffer_hashes(buffers: Sequence[Buffer], known: Sequence[Buffer] = (), hashes: bytes | None = None) -> bytes:
    """16 bytes for the content of each buffer, one after the other. Of one whose memory is that of one of `known`: what
    stands for it in `hashes`."""

def buffer_marks(buffers: Sequence[Buffer], hashes: bytes | None = None) -> tuple[bytes, int]:
    """16 bytes for each buffer that differ as soon as its content does; and of how many bytes only the content tells.
    Of memory that was received and is as it came the page tables do, and its mark is where it lies. The mark of other
    memory is its hash, of `hashes` if they are given."""

def places_of(known: Sequence[Buffer], buffers: Sequence[Buffer]) -> list[int]:
    """Where in `known` the memory of `buffers` stands."""

def plain_atoms(items: list[Any]) -> bool:
    """Whether every element is exactly int, float, str, bytes, bool or None."""

def item_marks(items: list[Any], other: Callable[[Any, int], int], kinds: bool) -> bytes:
    """A number for every element, 8 bytes each in the machine's order: it differs, very likely, where atoms do, or the
    kind of Python's own containers, or (without `kinds`) their length or first members. Of anything else `other` gives
    it, called with the element and how deep it may look (0: at its kind alone). What that raises is raised."""

def makes_sets(payload: bytes) -> bool:
    """Whether a protocol 5 pickle makes a set or frozenset; also if it holds what the C pickler does not write."""

def rebase_memo(payload: bytes, primed: int) -> tuple[bytes, list[int]] | None:
    """A protocol 5 pickle whose writer's memo began with `primed` objects, rewritten to name those by persistent ids
    (their memo index) instead; and which it names. None if it holds opcodes that the C pickler does not write."""
