//! right_files
