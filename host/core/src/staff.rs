//! Who may do what: people with an account of the machine and a role in each of one or more
//! libraries. The table below is the whole of it; pages ask and do not decide.
//!
//! Whoever has no role in a library is not told that it has what was asked for; whoever has one
//! that does not go so far is told so. A [`Permit`] is the proof that this was asked.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{LibraryId, StaffId};

/// What somebody is in one library, or, as `Operator`, on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs the machine for all libraries and sees no text of any.
    Operator,
    Owner,
    Admin,
    /// Answers patrons.
    Staff,
    /// Writes plugins and sees no patron.
    Developer,
    ReadOnly,
}

impl Role {
    /// Those that a library gives.
    pub const IN_LIBRARY: [Role; 5] = [
        Role::Owner,
        Role::Admin,
        Role::Staff,
        Role::Developer,
        Role::ReadOnly,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Staff => "staff",
            Role::Developer => "developer",
            Role::ReadOnly => "read-only",
        }
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Self::IN_LIBRARY
            .into_iter()
            .chain([Role::Operator])
            .find(|role| role.name() == name)
    }

    /// What somebody agrees to who gives it.
    pub fn sentence(self) -> &'static str {
        match self {
            Role::Operator => "runs the machine for every library and sees no text",
            Role::Owner => "may do everything in the library, and say who its owners are",
            Role::Admin => "may do everything in the library but name owners",
            Role::Staff => "answers patrons",
            Role::Developer => "sees plugins and their faults, and no patron",
            Role::ReadOnly => "may read the queue and change nothing",
        }
    }

    /// Has more to lose than a password guards.
    pub fn is_powerful(self) -> bool {
        matches!(self, Role::Operator | Role::Owner | Role::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is asked for, always within one library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    SeeKeywords,
    /// Keywords off and on, closed today, outage.
    Switch,
    SeeNumbers,
    /// Lists and broadcasts, with how many people; never who.
    SeeLists,
    /// Send something to a whole list.
    Broadcast,
    /// What became of messages; never what they say.
    SeeDelivery,
    /// Another try for a message that failed.
    SendAgain,
    SeePlugins,
    /// Bring a plugin of the library's own, and withdraw it.
    InstallPlugins,
    /// The queue, conversations, what nothing matched.
    SeeTexts,
    Answer,
    /// Saved answers, topics, what is worth a keyword.
    ManageDesk,
    /// See a patron's phone number.
    Reveal,
    /// Take conversations out of the house, masked.
    TakeForStudy,
    SeeStaff,
    ManageStaff,
    ManageOwners,
    SeeAudit,
    /// Name people for a list, who are then asked (g5).
    Invite,
}

impl Action {
    pub const ALL: [Action; 19] = [
        Action::SeeKeywords,
        Action::Switch,
        Action::SeeNumbers,
        Action::SeeLists,
        Action::Broadcast,
        Action::SeeDelivery,
        Action::SendAgain,
        Action::SeePlugins,
        Action::InstallPlugins,
        Action::SeeTexts,
        Action::Answer,
        Action::ManageDesk,
        Action::Reveal,
        Action::TakeForStudy,
        Action::SeeStaff,
        Action::ManageStaff,
        Action::ManageOwners,
        Action::SeeAudit,
        Action::Invite,
    ];
}

pub fn may(role: Role, action: Action) -> bool {
    use Role::{Admin, Developer, Operator, Owner, ReadOnly, Staff};
    let those: &[Role] = match action {
        Action::SeeKeywords => &[Operator, Owner, Admin, Staff, Developer, ReadOnly],
        Action::Switch => &[Operator, Owner, Admin],
        Action::SeeNumbers => &[Operator, Owner, Admin],
        Action::Broadcast => &[Owner, Admin],
        Action::SeeLists => &[Operator, Owner, Admin, Staff, ReadOnly],
        Action::SeePlugins | Action::InstallPlugins => &[Operator, Owner, Admin, Developer],
        Action::SeeDelivery => &[Operator, Owner, Admin, Staff, ReadOnly],
        Action::SendAgain => &[Operator, Owner, Admin, Staff],
        Action::SeeTexts => &[Owner, Admin, Staff, ReadOnly],
        Action::Answer => &[Owner, Admin, Staff],
        Action::ManageDesk => &[Owner, Admin],
        Action::Reveal => &[Owner, Admin],
        Action::TakeForStudy | Action::Invite => &[Owner],
        Action::SeeStaff => &[Operator, Owner, Admin],
        Action::ManageStaff => &[Operator, Owner, Admin],
        Action::ManageOwners => &[Operator, Owner],
        Action::SeeAudit => &[Operator, Owner, Admin],
    };
    those.contains(&role)
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    /// What is typed to sign in.
    pub name: String,
    /// As colleagues see it.
    pub shown: String,
    pub operator: bool,
    pub roles: BTreeMap<LibraryId, Role>,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Say that there is nothing: the library is none of theirs.
    #[error("there is nothing here for this account")]
    Unknown,
    #[error("this account's role does not go so far")]
    Forbidden,
}

/// Proof that somebody may do something in one library. Only [`Staff::permit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    staff: StaffId,
    action: Action,
    library: LibraryId,
}

impl Permit {
    pub fn staff(&self) -> &StaffId {
        &self.staff
    }

    pub fn action(&self) -> Action {
        self.action
    }

    pub fn library(&self) -> &LibraryId {
        &self.library
    }
}

impl Staff {
    /// The roles that count in a library.
    fn roles_in(&self, library: &LibraryId) -> impl Iterator<Item = Role> {
        let operator = self.operator.then_some(Role::Operator);
        operator.into_iter().chain(self.roles.get(library).copied())
    }

    pub fn permit(&self, action: Action, library: &LibraryId) -> Result<Permit, Refused> {
        let mut roles = self.roles_in(library).peekable();
        if roles.peek().is_none() {
            return Err(Refused::Unknown);
        }
        if !roles.any(|role| may(role, action)) {
            return Err(Refused::Forbidden);
        }
        Ok(Permit {
            staff: self.id.clone(),
            action,
            library: library.clone(),
        })
    }

    pub fn can(&self, action: Action, library: &LibraryId) -> bool {
        self.permit(action, library).is_ok()
    }

    /// For what belongs to an account and so to every library that it has a role in: password,
    /// second step, being there at all.
    pub fn may_manage(&self, other: &Staff) -> Result<(), Refused> {
        let by_operator = self.operator;
        if other.operator && !by_operator {
            let known = other
                .roles
                .keys()
                .any(|library| self.can(Action::SeeStaff, library));
            return Err(if known {
                Refused::Forbidden
            } else {
                Refused::Unknown
            });
        }
        if by_operator {
            return Ok(());
        }
        let mut known = false;
        let mut all = !other.roles.is_empty();
        for (library, role) in &other.roles {
            known |= self.can(Action::SeeStaff, library);
            all &= self.can(managing(*role), library);
        }
        match (known, all) {
            (true, true) => Ok(()),
            (true, false) => Err(Refused::Forbidden),
            (false, _) => Err(Refused::Unknown),
        }
    }

    /// A password alone is too little for this account.
    pub fn is_powerful(&self) -> bool {
        self.operator || self.roles.values().any(|role| role.is_powerful())
    }
}

/// What giving or taking a role asks for.
pub fn managing(role: Role) -> Action {
    match role {
        Role::Owner | Role::Operator => Action::ManageOwners,
        Role::Admin | Role::Staff | Role::Developer | Role::ReadOnly => Action::ManageStaff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(operator: bool, roles: &[(&str, Role)]) -> Staff {
        Staff {
            id: "maria".into(),
            name: "maria".to_owned(),
            shown: "Maria".to_owned(),
            operator,
            roles: roles
                .iter()
                .map(|(library, role)| (LibraryId::from(*library), *role))
                .collect(),
        }
    }

    /// The table as a person reads it: o operator, O owner, A admin, S staff, D developer, R read-only.
    #[test]
    fn the_table_of_roles() {
        let letters = [
            ('o', Role::Operator),
            ('O', Role::Owner),
            ('A', Role::Admin),
            ('S', Role::Staff),
            ('D', Role::Developer),
            ('R', Role::ReadOnly),
        ];
        let table = [
            (Action::SeeKeywords, "oOASDR"),
            (Action::Switch, "oOA"),
            (Action::SeeNumbers, "oOA"),
            (Action::SeeLists, "oOASR"),
            (Action::Broadcast, "OA"),
            (Action::SeeDelivery, "oOASR"),
            (Action::SendAgain, "oOAS"),
            (Action::SeePlugins, "oOAD"),
            (Action::InstallPlugins, "oOAD"),
            (Action::SeeTexts, "OASR"),
            (Action::Answer, "OAS"),
            (Action::ManageDesk, "OA"),
            (Action::Reveal, "OA"),
            (Action::TakeForStudy, "O"),
            (Action::SeeStaff, "oOA"),
            (Action::ManageStaff, "oOA"),
            (Action::ManageOwners, "oO"),
            (Action::SeeAudit, "oOA"),
            (Action::Invite, "O"),
        ];
        assert_eq!(table.map(|(action, _)| action), Action::ALL);
        for (action, those) in table {
            for (letter, role) in letters {
                assert_eq!(
                    may(role, action),
                    those.contains(letter),
                    "{role} {action:?}"
                );
            }
        }
    }

    #[test]
    fn d2_an_operator_sees_no_texts_and_a_developer_no_patron() {
        for action in [Action::SeeTexts, Action::Answer, Action::Reveal] {
            assert!(!may(Role::Operator, action), "{action:?}");
            assert!(!may(Role::Developer, action), "{action:?}");
        }
    }

    #[test]
    fn d2_each_action_is_checked_against_its_library() {
        let bayside = LibraryId::from("bayside");
        let maple = LibraryId::from("maple");
        let maria = staff(
            false,
            &[("bayside", Role::Staff), ("maple", Role::ReadOnly)],
        );
        assert!(maria.can(Action::Answer, &bayside));
        assert_eq!(
            maria.permit(Action::Answer, &maple),
            Err(Refused::Forbidden)
        );
        let permit = maria.permit(Action::SeeTexts, &maple).unwrap();
        assert_eq!(
            (permit.library(), permit.action(), permit.staff()),
            (&maple, Action::SeeTexts, &StaffId::from("maria"))
        );
        let other = LibraryId::from("hilltop");
        for action in Action::ALL {
            assert_eq!(
                maria.permit(action, &other),
                Err(Refused::Unknown),
                "{action:?}"
            );
        }
        let operator = staff(true, &[("bayside", Role::Staff)]);
        assert_eq!(
            operator.permit(Action::SeeTexts, &other),
            Err(Refused::Forbidden)
        );
        assert!(operator.can(Action::SeeTexts, &bayside), "both roles count");
    }

    #[test]
    fn an_account_is_managed_by_who_may_in_each_of_its_libraries() {
        let both = staff(false, &[("bayside", Role::Staff), ("maple", Role::Staff)]);
        let one = staff(false, &[("bayside", Role::Staff)]);
        let owner_there = staff(false, &[("bayside", Role::Owner)]);
        let admin = staff(false, &[("bayside", Role::Admin)]);
        let operator = staff(true, &[]);
        assert_eq!(admin.may_manage(&one), Ok(()));
        assert_eq!(admin.may_manage(&both), Err(Refused::Forbidden));
        assert_eq!(admin.may_manage(&owner_there), Err(Refused::Forbidden));
        assert_eq!(owner_there.may_manage(&owner_there), Ok(()));
        assert_eq!(owner_there.may_manage(&operator), Err(Refused::Unknown));
        let elsewhere = staff(false, &[("maple", Role::Owner)]);
        assert_eq!(elsewhere.may_manage(&one), Err(Refused::Unknown));
        assert_eq!(
            one.may_manage(&one),
            Err(Refused::Unknown),
            "oneself by one's own page"
        );
        for other in [&both, &owner_there, &operator] {
            assert_eq!(operator.may_manage(other), Ok(()));
        }
    }

    #[test]
    fn names_are_read_back() {
        for role in Role::IN_LIBRARY.into_iter().chain([Role::Operator]) {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("boss"), None);
    }
}
