//! `own-number`: whether a number is the patron's. The flow learns yes or no, a few times a turn, so
//! that nobody counts through numbers.

use crate::abi::interfaces::own_number::Host;
use crate::view::{Stop, View, limit};

const COMPARED_MAX: u32 = 5;

impl Host for View {
    fn matches(&mut self, number: String) -> Result<bool, Stop> {
        self.check_name("number", &number)?;
        if self.compared >= COMPARED_MAX {
            return Err(limit(format!(
                "more than {COMPARED_MAX} numbers compared in one turn"
            )));
        }
        self.compared += 1;
        self.ask(|data| data.is_own_number(&number))?
            .map_err(Stop::Failed)
    }
}
