//! The wire: connection files, signatures, frames and the five channels of the Jupyter protocol. No Python here.
