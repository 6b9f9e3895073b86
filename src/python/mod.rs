//! CPython's side: the only folder that names pyo3. Each room's bridge registers its classes here.

mod audit;
mod behind;
pub mod buffer;
mod clocks;
mod directory;
mod feed;
mod fork;
mod gil;
mod interpreters;
mod interrupt;
mod iterations;
pub mod kernel;
mod marks;
mod memory;
mod output;
pub mod pickle_refs;
pub mod pool;
pub mod progress;
mod request;
pub mod ship;
mod side;
pub mod threads;
pub mod timeline;
mod untraced;
mod worker;

use pyo3::prelude::*;

/// The extension module `paracell._native`; its Python-visible contract is `python/paracell/_native.pyi`.
#[pymodule(gil_used = false)]
#[pyo3(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    audit::register(module)?;
    ship::register(module)?;
    marks::register(module)?;
    request::register(module)?;
    kernel::register(module)?;
    pool::register(module)?;
    progress::register(module)?;
    worker::register(module)?;
    threads::register(module)?;
    side::register(module)?;
    output::register(module)?;
    clocks::register(module)?;
    directory::register(module)?;
    untraced::register(module)?;
    feed::register(module)?;
    gil::register(module)?;
    fork::register(module)?;
    interpreters::register(module)?;
    interrupt::register(module)?;
    iterations::register(module)?;
    Ok(())
}
