//! The engine's desk as pages use it: who asks, and who is who.

use std::collections::HashMap;

use callslip_core::ids::StaffId;
use callslip_core::staff::{Action, Role, Staff, may};
use callslip_engine::desk::{Actor, Desk, Right};

use crate::refusal::Refusal;
use crate::visit::Visit;

/// Somebody's roles, in the desk's words.
pub(crate) fn actor(staff: &Staff) -> Actor {
    let mut actor = Actor::new(staff.id.clone());
    for (library, role) in &staff.roles {
        if let Some(right) = right(*role) {
            actor = actor.with(library.clone(), right);
        }
        if may(*role, Action::Reveal) {
            actor = actor.revealing(library.clone());
        }
    }
    actor
}

fn right(role: Role) -> Option<Right> {
    if !may(role, Action::SeeTexts) {
        return None;
    }
    Some(
        match (may(role, Action::Answer), may(role, Action::ManageDesk)) {
            (true, true) => Right::Manage,
            (true, false) => Right::Answer,
            (false, _) => Right::See,
        },
    )
}

impl Visit {
    pub(crate) fn desk(&self) -> Desk {
        self.shared.engine.desk()
    }

    pub(crate) fn actor(&self) -> Result<Actor, Refusal> {
        let mut actor = actor(self.staff()?);
        // Of a school's patrons no number is revealed, whoever asks (b4).
        let running = self.running();
        let schools = running.directory.libraries.values();
        for school in schools.filter(|library| library.school) {
            actor = actor.not_revealing(&school.id);
        }
        Ok(actor)
    }

    /// What colleagues are called.
    pub(crate) async fn names(
        &self,
        ids: impl IntoIterator<Item = StaffId>,
    ) -> Result<Names, Refusal> {
        let me = self.staff()?;
        let mut ids: Vec<StaffId> = ids.into_iter().filter(|id| *id != me.id).collect();
        ids.sort();
        ids.dedup();
        let own = me.id.clone();
        if ids.is_empty() {
            return Ok(Names {
                own,
                others: HashMap::new(),
            });
        }
        let others = self
            .shared
            .keep
            .read(move |reader| {
                let mut names = HashMap::new();
                for id in ids {
                    if let Some(name) = reader.shown(&id)? {
                        names.insert(id, name);
                    }
                }
                Ok(names)
            })
            .await?;
        Ok(Names { own, others })
    }
}

pub(crate) struct Names {
    own: StaffId,
    others: HashMap<StaffId, String>,
}

impl Names {
    pub(crate) fn is_me(&self, id: &StaffId) -> bool {
        *id == self.own
    }

    /// `you`, or as colleagues know them.
    pub(crate) fn of(&self, id: &StaffId) -> &str {
        if self.is_me(id) {
            return "you";
        }
        self.others
            .get(id)
            .map_or("a former colleague", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_right_at_the_desk() {
        for (role, expected) in [
            (Role::Operator, None),
            (Role::Owner, Some(Right::Manage)),
            (Role::Admin, Some(Right::Manage)),
            (Role::Staff, Some(Right::Answer)),
            (Role::Developer, None),
            (Role::ReadOnly, Some(Right::See)),
        ] {
            assert_eq!(right(role), expected, "{role}");
        }
    }
}
