//! Whole-system tests: see the folder `it`.
