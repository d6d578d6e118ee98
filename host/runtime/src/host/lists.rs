//! `lists`: the library's sign-up lists, for this turn's patron alone. Which lists there are, and
//! what joining one sets going, is decided outside.

use callslip_core::flow::{Read, Write};

use crate::abi::interfaces::lists::Host;
use crate::view::{Stop, Subject, View, unknown};

impl Host for View {
    fn join(&mut self, name: String) -> Result<bool, Stop> {
        let new = !self.member(&name)?;
        if new {
            self.write(Write::Join { list: name })?;
        }
        Ok(new)
    }

    fn leave(&mut self, name: String) -> Result<bool, Stop> {
        let was = self.member(&name)?;
        if was {
            self.write(Write::Leave { list: name })?;
        }
        Ok(was)
    }

    fn is_member(&mut self, name: String) -> Result<bool, Stop> {
        self.member(&name)
    }
}

impl View {
    fn member(&mut self, name: &str) -> Result<bool, Stop> {
        self.check_name("list", name)?;
        if let Some(member) = self.members.get(name) {
            return Ok(*member);
        }
        self.read(
            Subject::List(name.to_owned()),
            |data| data.is_member(name),
            // A list that does not exist has no members; declaring it is a change of config, not
            // of what this turn saw.
            |member| Read::Member {
                list: name.to_owned(),
                member: member.unwrap_or(false),
            },
        )?
        .ok_or_else(|| unknown(format!("this library has no list \"{name}\"")))
    }
}
