//! What only a file can do.

mod damaged; // what cannot be read any more
mod opening; // whose it is
mod private; // what must not be found in it
mod writing; // full, failing, closing
