"""The Jupyter kernel's Python side: IPython's shell on the main thread behind the Rust channels."""
