//! The items of a loop that runs where it stands in its cell, and is watched: an iterator over the loop's own one that
//! asks a Python generator from time to time whether the loop is to go on here. In between an item costs a call in C
//! and a decrement, where `chain` and `islice` cost three times as much.
//!
//! pyo3's classes have no slot of their own for `__next__`, thus the type is made by hand here, as in [`super::memory`].
//! The generator is all that keeps the loop's state; it is dropped, and thereby closed, when the loop is left.

use std::ffi::{c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyStopIteration, PyTypeError};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The clock is looked at after so long, nanoseconds.
const CHUNK: u64 = 8_000;
/// Items between two looks at the clock, at most: the next ones may take much longer.
const MOST: i64 = 32;
/// More items than any loop has.
const ALL: i64 = i64::MAX / 4;

/// How many items a loop was given.
#[pyclass(frozen)]
struct Handed {
    items: AtomicI64,
    ended: AtomicBool,
}

#[pymethods]
impl Handed {
    /// As they were counted when the generator was asked last, and when the loop was left.
    #[getter]
    fn items(&self) -> i64 {
        self.items.load(Relaxed)
    }

    /// Whether the source has said that there are no more.
    #[getter]
    fn ended(&self) -> bool {
        self.ended.load(Relaxed)
    }
}

#[repr(C)]
struct Feed {
    base: ffi::PyObject,
    /// Owned, from the moment at which anybody else sees the object until it goes.
    source: *mut ffi::PyObject,
    /// What `source` does for its next item.
    next: Option<ffi::iternextfunc>,
    /// Owned: what items come from after the source, once the generator has said so; then `left` stays 0.
    other: AtomicPtr<ffi::PyObject>,
    /// Owned: a [`Handed`].
    handed: *mut ffi::PyObject,
    /// Owned: the generator; null once the loop has had its last item from here.
    asks: AtomicPtr<ffi::PyObject>,
    /// Items that may be handed out before the clock is looked at.
    left: AtomicI64,
    /// Items handed out when `left` has come to 0.
    upto: AtomicI64,
    chunk: AtomicI64,
    /// When `chunk` began, and when the generator is to be asked: nanoseconds since [`origin`].
    mark: AtomicU64,
    due: AtomicU64,
}

fn now() -> u64 {
    static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

impl Feed {
    /// The next item of the source, which is handed out; else the loop is over.
    ///
    /// SAFETY: attached.
    unsafe fn step(&self) -> *mut ffi::PyObject {
        let Some(next) = self.next else {
            return ptr::null_mut();
        };
        // SAFETY: the source is alive, and `next` is its type's.
        unsafe {
            let item = next(self.source);
            if item.is_null() {
                self.left.fetch_add(1, Relaxed);
                self.over();
            }
            item
        }
    }

    /// The next item of what comes after the source.
    ///
    /// SAFETY: attached, and `other` is alive.
    unsafe fn step_on(&self, other: *mut ffi::PyObject) -> *mut ffi::PyObject {
        // SAFETY: as above.
        unsafe {
            let item = ffi::PyIter_Next(other);
            if item.is_null() {
                self.over();
            } else {
                self.upto.fetch_add(1, Relaxed);
            }
            item
        }
    }

    /// There is no next item, or an exception is set.
    ///
    /// SAFETY: attached.
    unsafe fn over(&self) {
        // SAFETY: `handed` is alive.
        unsafe {
            let ended = ffi::PyErr_Occurred().is_null()
                || ffi::PyErr_ExceptionMatches(ffi::PyExc_StopIteration) != 0;
            if let Some(handed) = self.handed().filter(|_| ended) {
                handed.get().ended.store(true, Relaxed);
            }
            self.end();
        }
    }

    /// Nothing more is handed out. An exception that is set stays so.
    ///
    /// SAFETY: attached.
    unsafe fn end(&self) {
        let asks = self.asks.swap(ptr::null_mut(), Relaxed);
        if asks.is_null() {
            return;
        }
        // SAFETY: `handed` is a Handed and alive; `asks` was owned by this object.
        unsafe {
            self.note();
            self.left.store(0, Relaxed);
            let (mut kind, mut value, mut trace) =
                (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
            ffi::PyErr_Fetch(&mut kind, &mut value, &mut trace);
            ffi::Py_DECREF(asks);
            ffi::PyErr_Restore(kind, value, trace);
        }
    }

    /// SAFETY: attached, and `handed` is alive.
    unsafe fn note(&self) -> i64 {
        let items = self.upto.load(Relaxed) - self.left.load(Relaxed);
        // SAFETY: as above.
        if let Some(handed) = unsafe { self.handed() } {
            handed.get().items.store(items, Relaxed);
        }
        items
    }

    /// SAFETY: attached, and `handed` is alive as long as what is given is used.
    unsafe fn handed<'py>(&self) -> Option<Borrowed<'_, 'py, Handed>> {
        // SAFETY: as above; the pointer was made from a Py<Handed>.
        unsafe { Borrowed::from_ptr(Python::assume_attached(), self.handed) }
            .cast::<Handed>()
            .ok()
    }

    fn grant(&self, items: i64, count: i64) {
        self.upto.store(items + count, Relaxed);
        self.left.store(count, Relaxed);
    }

    /// The number of items after which to look at the clock again, going by the time that the last ones took.
    fn fit(&self, time: u64) -> i64 {
        // Loads and stores: what would be one step for other threads costs as much as a few items.
        let took = time.saturating_sub(self.mark.load(Relaxed)).max(1);
        self.mark.store(time, Relaxed);
        let chunk = self.chunk.load(Relaxed);
        if chunk == MOST && took <= CHUNK {
            return chunk;
        }
        let fits = (chunk as u64 * CHUNK / took).min(MOST as u64) as i64;
        let chunk = fits.clamp(1, (2 * chunk).min(MOST));
        self.chunk.store(chunk, Relaxed);
        chunk
    }

    /// SAFETY: attached.
    unsafe fn between(&self) -> *mut ffi::PyObject {
        if self.asks.load(Relaxed).is_null() {
            return ptr::null_mut();
        }
        let other = self.other.load(Relaxed);
        if !other.is_null() {
            // SAFETY: attached; it goes with this object.
            return unsafe { self.step_on(other) };
        }
        let time = now();
        let chunk = self.fit(time);
        if time >= self.due.load(Relaxed) {
            // SAFETY: attached.
            return unsafe { self.ask() };
        }
        self.upto.store(self.upto.load(Relaxed) + chunk, Relaxed);
        self.left.store(chunk - 1, Relaxed);
        // SAFETY: attached.
        unsafe { self.step() }
    }

    /// Ask the generator with the number of items handed out and the next one.
    ///
    /// SAFETY: attached.
    unsafe fn ask(&self) -> *mut ffi::PyObject {
        // SAFETY: attached; what is borrowed here is alive while it is used.
        unsafe {
            let py = Python::assume_attached();
            self.upto.fetch_add(1, Relaxed); // the item is not handed out yet, but it is taken
            let item = self.step();
            let Some(item) = Bound::from_owned_ptr_or_opt(py, item) else {
                return ptr::null_mut();
            };
            self.upto.fetch_sub(1, Relaxed);
            let items = self.note();
            let asks = self.asks.load(Relaxed);
            if asks.is_null() {
                return ptr::null_mut();
            }
            let asks = Bound::from_borrowed_ptr(py, asks);
            match answer(&asks, items, &item) {
                Ok(Answer::Wait(wait)) => {
                    let time = now();
                    self.mark.store(time, Relaxed);
                    self.due.store(time.saturating_add(wait), Relaxed);
                    if wait == 0 {
                        self.chunk.store(1, Relaxed);
                    }
                    let chunk = self.chunk.load(Relaxed);
                    self.grant(items + 1, chunk - 1);
                }
                Ok(Answer::Enough) => self.grant(items + 1, ALL),
                Ok(Answer::From(iterator)) => {
                    self.other.store(iterator.into_ptr(), Relaxed);
                    self.grant(items + 1, 0);
                }
                Err(error) => {
                    self.end();
                    if !error.is_instance_of::<PyStopIteration>(py) {
                        error.restore(py);
                    }
                    return ptr::null_mut();
                }
            }
            item.into_ptr()
        }
    }
}

/// What the generator says to the next item.
enum Answer<'py> {
    /// It is to be asked again after so many nanoseconds.
    Wait(u64),
    /// It is not asked any more.
    Enough,
    /// Nor then: what comes after the item comes from here.
    From(Bound<'py, PyAny>),
}

fn answer<'py>(
    asks: &Bound<'py, PyAny>,
    items: i64,
    item: &Bound<'py, PyAny>,
) -> PyResult<Answer<'py>> {
    let answer = asks.call_method1(intern!(asks.py(), "send"), ((items, item),))?;
    if answer.is_none() {
        return Ok(Answer::Enough);
    }
    let Ok(seconds) = answer.extract::<f64>() else {
        return answer
            .try_iter()
            .map(|iterator| Answer::From(iterator.into_any()));
    };
    Ok(Answer::Wait(
        Duration::try_from_secs_f64(seconds.max(0.0))
            .map_or(u64::MAX, |wait| wait.as_nanos() as u64),
    ))
}

unsafe extern "C" fn next(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this, attached, with an instance of our type.
    unsafe {
        let feed = &*object.cast::<Feed>();
        let left = feed.left.load(Relaxed);
        if left > 0 {
            feed.left.store(left - 1, Relaxed);
            return feed.step();
        }
        feed.between()
    }
}

unsafe extern "C" fn itself(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this with an instance of our type.
    unsafe { ffi::Py_NewRef(object) }
}

unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: the collector calls this with an instance of our type.
    unsafe {
        let feed = &*object.cast::<Feed>();
        let held = [
            ffi::Py_TYPE(object).cast(),
            feed.source,
            feed.other.load(Relaxed),
            feed.asks.load(Relaxed),
        ];
        for one in held {
            if !one.is_null() {
                let stop = visit(one, arg);
                if stop != 0 {
                    return stop;
                }
            }
        }
    }
    0
}

unsafe extern "C" fn clear(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: the collector calls this with an instance of our type. The source stays: it may be in use.
    unsafe { (*object.cast::<Feed>()).end() };
    0
}

unsafe extern "C" fn dealloc(object: *mut ffi::PyObject) {
    // SAFETY: the last reference is gone; the object was allocated by its type.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let feed = &*object.cast::<Feed>();
        feed.end();
        let (mut kind, mut value, mut trace) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        ffi::PyErr_Fetch(&mut kind, &mut value, &mut trace);
        ffi::Py_XDECREF(feed.source);
        ffi::Py_XDECREF(feed.other.load(Relaxed));
        ffi::Py_XDECREF(feed.handed);
        ffi::PyErr_Restore(kind, value, trace);
        let class = ffi::Py_TYPE(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(class.cast());
    }
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_iter, itself as *mut c_void),
        slot(ffi::Py_tp_iternext, next as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"paracell._native.Feed".as_ptr(),
        basicsize: size_of::<Feed>() as c_int,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC) as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: attached; the spec is complete, and CPython copies what it keeps (the name is static).
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&mut spec)).map(Bound::unbind) }
}

/// (an iterator over what `source` gives, how many items it has handed out). `asks` is a generator that has been started.
///
/// Before the second item, and then again after the seconds that it has answered, it is sent the number of items that
/// were handed out and the next one. None: it is not asked any more; an iterator: nor then, and what comes after that
/// item comes from there. When it returns, the iterator ends, without that item.
#[pyfunction]
fn feed<'py>(
    source: &Bound<'py, PyAny>,
    asks: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    static TYPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = source.py();
    // SAFETY: attached.
    if unsafe { ffi::PyIter_Check(source.as_ptr()) } == 0 {
        return Err(PyTypeError::new_err("not an iterator"));
    }
    let handed = Bound::new(
        py,
        Handed {
            items: AtomicI64::new(0),
            ended: AtomicBool::new(false),
        },
    )?
    .into_any();
    let class = TYPE.get_or_try_init(py, || make_type(py))?;
    // SAFETY: attached; the type is ours, so the new object has room for a Feed, zeroed by the allocator, which each of
    // its fields may be. An iterator's type has the slot.
    unsafe {
        let object = ffi::PyType_GenericAlloc(class.as_ptr().cast(), 0);
        let object = Bound::from_owned_ptr_or_err(py, object)?;
        let feed = &mut *object.as_ptr().cast::<Feed>();
        let slot = ffi::PyType_GetSlot(ffi::Py_TYPE(source.as_ptr()), ffi::Py_tp_iternext);
        feed.next = std::mem::transmute::<*mut c_void, Option<ffi::iternextfunc>>(slot);
        feed.source = source.clone().into_ptr();
        feed.handed = handed.clone().into_ptr();
        feed.asks.store(asks.clone().into_ptr(), Relaxed);
        feed.grant(0, 1);
        feed.upto.store(1, Relaxed);
        feed.chunk.store(1, Relaxed);
        Ok((object, handed))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Handed>()?;
    module.add_function(wrap_pyfunction!(feed, module)?)
}
