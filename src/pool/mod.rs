//! The worker pools: processes fed and watched by one thread, and threads of rayon. Knows bytes, tasks, workers and
//! deaths; knows neither Python nor Jupyter. docs/pool.md is the concurrency contract.

mod ahead;
pub mod arena;
pub mod board;
pub mod channel;
pub mod counters;
pub mod descriptors;
mod dispatch;
mod driver;
pub mod error;
pub mod fork;
pub mod frames;
mod heap;
#[cfg(any(test, fuzzing))]
pub mod hostile_tests;
mod limits;
mod listen;
mod paces;
pub mod pages;
pub mod parcel;
pub mod processes;
mod roster;
pub mod run;
pub mod say;
pub mod schedule;
pub mod shm;
pub mod spawn;
mod standing;
pub mod threads;
pub mod timeline;
pub mod unwritten;
pub mod view;
pub mod wake;
pub mod worker;
