//! What only a file can do.

mod counted; // reports of what was there before
mod damaged; // what cannot be read any more
mod health; // copies, and damage that is planted
mod opening; // whose it is
mod privacy; // what was deleted
mod private; // what must not be found in it
mod writing; // full, failing, closing
