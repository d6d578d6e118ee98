//! The mistake is in the name of this file: on a struct.

#[callslip::flow]
struct Hours;

fn main() {}
