"""What is known about callables whose source we do not read: which change an object, which make a new one."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


MUTATORS = words(
    """
    append extend insert remove pop clear sort reverse add discard update setdefault popitem appendleft
    extendleft popleft rotate intersection_update difference_update symmetric_difference_update write writelines
    put put_nowait get_nowait send throw read readline readlines readinto read1 seek truncate flush close fill
    resize itemset setflags fit fit_transform fit_predict partial_fit set_params subtract move_to_end
    __setitem__ __delitem__ __setattr__ __next__ __iadd__ execute executemany commit fetchone fetchmany fetchall
    recv acquire release advance push heappush elements_update byteswap seed set_state setstate set
    write_text_at insert_one train eval backward
    load_state_dict spawn
    """
)
"""Methods that change their receiver although their value may be used."""

READING = words("execute fetchone fetchmany fetchall read readline readlines read1 recv get_nowait")
"""Those of them that take what comes next, and the methods of cursors before them."""

TWO_FACED = words("rotate resize subtract")
"""Those of them that give nothing where they change their receiver (deques, arrays), and something new elsewhere
(images, tables)."""

PURE_METHODS = words(
    """
    get keys values items copy index count split rsplit splitlines strip lstrip rstrip lower upper title join
    replace startswith endswith format encode decode find rfind match search fullmatch finditer findall sub
    raise_for_status
    """
)
"""Methods that change nothing, even when their value is dropped."""

FRESH_METHODS = words(
    """
    copy split rsplit splitlines strip lstrip rstrip lower upper title join replace format encode decode findall
    sub read readlines readline read_text read_bytes tolist astype sum mean std min max keys_copy most_common
    group groups json partition casefold hex to_numpy groupby apply dot
    """
)
"""Methods whose result nobody else holds."""

LAZY = words("zip map filter enumerate reversed iter open finditer iterdir rglob iglob scandir walk")
"""Callables whose result is an iterator: it cannot leave its worker, what it goes over can. So are itertools'."""

STAYING = {
    "asyncio": words("new_event_loop get_event_loop create_task Lock Event Queue Semaphore"),
    "threading": words("Lock RLock Event Condition Semaphore BoundedSemaphore Barrier Thread Timer local"),
    "sqlite3": words("connect"),
    "socket": words("socket create_connection"),
    "subprocess": words("Popen"),
    "tempfile": words("TemporaryFile NamedTemporaryFile SpooledTemporaryFile TemporaryDirectory"),
    "weakref": words("ref proxy finalize"),
    "contextvars": words("ContextVar Context copy_context"),
    "concurrent.futures": words("ThreadPoolExecutor ProcessPoolExecutor"),
    "queue": words("Queue LifoQueue PriorityQueue SimpleQueue"),
    "mmap": words("mmap"),
    "urllib.request": words("urlopen"),
}
"""Module -> its callables that make what cannot leave the process: the commit part makes it."""

OF_PROCESS = {
    "decimal": words("getcontext"),
    "logging": words("getLogger"),
    "multiprocessing": words("current_process"),
    "threading": words("current_thread main_thread"),
}
"""Module -> its functions that hand out an object of the whole process."""

WHERE = {
    "os": words("getpid getppid"),
    "posix": words("getpid getppid"),
    "threading": words("get_ident get_native_id current_thread active_count enumerate"),
    "thread": words("get_ident get_native_id"),
}
"""Module -> its functions that ask which process or thread runs them."""

SAME = {
    "numpy": words("shares_memory may_share_memory"),
    "operator": words("is_ is_not"),
}
"""Module -> its functions that ask whether two objects, or their memories, are one."""

CONSUMERS = words(
    """
    sum min max any all sorted list tuple set frozenset dict len sort join map filter reduce enumerate Counter
    deque array fsum prod fromiter concat mean fmean median stdev pstdev variance nlargest nsmallest writelines
    writerows from_records Parallel
    """
)
"""Callables that use up a generator or call a function before they return (map and filter: when consumed at once)."""

LOGGER_METHODS = words("debug info warning warn error exception critical fatal log")
"""Methods of a logger that make a record: it travels, and is handled in order."""

FORBIDDEN = {
    "input": "reads from the user",
    "exec": "runs code that cannot be seen",
    "eval": "runs code that cannot be seen",
    "globals": "reaches the notebook's namespace by name",
    "locals": "reaches the notebook's namespace by name",
    "vars": "reaches a namespace by name",
    "dir": "looks at the notebook's namespace",
    "get_ipython": "talks to IPython",
    "breakpoint": "stops in the debugger",
    "help": "talks to the user",
    "exit": "ends the session",
    "quit": "ends the session",
}

BUILTIN_CHANGES = {"next": 0, "setattr": 0, "delattr": 0, "anext": 0}
"""Builtins that change the argument at this position."""

LIBRARY_CHANGES = {
    ("random", "shuffle"): 0,
    ("heapq", "heappush"): 0,
    ("heapq", "heappop"): 0,
    ("heapq", "heapify"): 0,
    ("heapq", "heapreplace"): 0,
    ("heapq", "heappushpop"): 0,
    ("bisect", "insort"): 0,
    ("bisect", "insort_left"): 0,
    ("bisect", "insort_right"): 0,
    ("numpy", "put"): 0,
    ("numpy", "place"): 0,
    ("numpy", "copyto"): 0,
    ("numpy", "fill_diagonal"): 0,
    ("numpy", "put_along_axis"): 0,
    ("numpy.random", "shuffle"): 0,
    ("operator", "setitem"): 0,
    ("operator", "iadd"): 0,
    ("operator", "iconcat"): 0,
    ("operator", "isub"): 0,
    ("operator", "imul"): 0,
    ("operator", "ior"): 0,
    ("operator", "iand"): 0,
    ("operator", "ixor"): 0,
    ("operator", "imatmul"): 0,
    ("operator", "ifloordiv"): 0,
    ("operator", "itruediv"): 0,
    ("operator", "imod"): 0,
    ("operator", "ipow"): 0,
    ("operator", "ilshift"): 0,
    ("operator", "irshift"): 0,
    ("operator", "delitem"): 0,
    ("json", "dump"): 1,
    ("pickle", "dump"): 1,
    ("itertools", "islice"): 0,
}
"""(module, function) -> position of the argument that it changes."""

STATEFUL_MODULES = (
    "matplotlib.pyplot",
    "pylab",
    "turtle",
    "seaborn",
)
"""Modules whose functions act on state of the kernel process."""

ALIASING = words(
    """
    asarray asanyarray ascontiguousarray asfortranarray atleast_1d atleast_2d atleast_3d ravel reshape squeeze transpose
    frombuffer broadcast_to swapaxes moveaxis rollaxis expand_dims flip fliplr flipud rot90 diagonal real imag
    as_strided sliding_window_view require from_numpy as_tensor
    reduce getitem cast choice mode setdefault pop popitem popleft get getattr vars next min max nullcontext closing
    fromkeys reversed
    """
)
"""Library functions that may return their argument, a view of it, or something that it holds."""

HANDING = words("iter tee from_iterable merge heappop heappushpop heapreplace heappop_max heappushpop_max proxy")
"""Library functions that give what their arguments hold, or move them on when what they return is."""

KEEPING = words(
    "append add insert extend update setdefault appendleft extendleft put put_nowait __setitem__ __setattr__ __iadd__"
)
"""Methods that put what they are given into their object."""

VIEWS = words("memoryview ChainMap MappingProxyType mappingproxy nullcontext closing proxy ref")
"""Classes whose objects stand for what they are made of: who changes them changes that."""

HOLDING = words(
    """
    sorted copy replace nlargest nsmallest choices sample multimode split array_split hsplit vsplit dsplit
    broadcast_arrays astuple
    """
)
"""Library functions that make a new object, which holds what their argument held."""
