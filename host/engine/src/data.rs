//! What a flow reads while it runs, out of the turn's own view of the store.

use callslip_core::directory::{Keyword, Library};
use callslip_core::due::{ReminderId, Waiting};
use callslip_core::flow::Scope;
use callslip_core::ids::{InboundId, PhoneId};
use callslip_core::outside::{Answer, Ask};
use callslip_core::phone::{Keys, hex, unhex};
use callslip_runtime::Data;
use callslip_store::{Owner, Place, Reader};

pub(crate) struct FlowData<'a> {
    pub(crate) reader: &'a dyn Reader,
    pub(crate) library: &'a Library,
    pub(crate) keyword: &'a Keyword,
    pub(crate) phone: PhoneId,
    /// Its holder begins with this turn: what the store has is the last one's (a9).
    pub(crate) is_new: bool,
    pub(crate) card: String,
    /// What the turn asked outside so far.
    pub(crate) answers: &'a [(Ask, Answer)],
    pub(crate) keys: &'a Keys,
    pub(crate) tenure: u32,
    /// The turn's text: reminders are called by it.
    pub(crate) text: InboundId,
}

impl FlowData<'_> {
    /// What is sealed for one holder, keyword and key opens nowhere else.
    fn sealed_at(&self, key: &str) -> String {
        let (library, storage) = (&self.library.id, &self.keyword.storage);
        let (phone, tenure) = (self.phone.0, self.tenure);
        format!("{key:?} of phone {phone}/{tenure} in {storage:?} of {library}")
    }

    fn hides(&self, scope: Scope) -> bool {
        self.is_new && scope == Scope::Patron
    }

    fn place(&self, scope: Scope) -> Place<'_> {
        let owner = match scope {
            Scope::Library => Owner::Library,
            Scope::Patron => Owner::Patron(self.phone),
        };
        Place {
            library: &self.library.id,
            storage: &self.keyword.storage,
            owner,
        }
    }
}

impl Data for FlowData<'_> {
    fn get(&mut self, scope: Scope, key: &str) -> anyhow::Result<Option<(String, i64)>> {
        if self.hides(scope) {
            return Ok(None);
        }
        let stored = self.reader.value(self.place(scope), key)?;
        Ok(stored.map(|stored| (stored.value, stored.version)))
    }

    fn list(
        &mut self,
        scope: Scope,
        prefix: &str,
        max: usize,
    ) -> anyhow::Result<(Vec<(String, String)>, i64)> {
        if self.hides(scope) {
            return Ok((Vec::new(), 0));
        }
        Ok(self.reader.list(self.place(scope), prefix, max)?)
    }

    fn is_member(&mut self, list: &str) -> anyhow::Result<Option<bool>> {
        if !self.library.lists.iter().any(|known| known.id == list) {
            return Ok(None);
        }
        if self.is_new {
            return Ok(Some(false));
        }
        Ok(Some(self.reader.is_member(
            &self.library.id,
            list,
            self.phone,
        )?))
    }

    fn profile(&mut self, field: &str) -> anyhow::Result<Option<String>> {
        if self.is_new {
            return Ok(None);
        }
        Ok(self.reader.profile(&self.library.id, self.phone, field)?)
    }

    fn languages(&self) -> &[String] {
        &self.library.languages
    }

    fn card_link(&self) -> Option<String> {
        Some(self.card.clone())
    }

    fn outside(&mut self, ask: &Ask, before: usize) -> Option<Answer> {
        let same = self.answers.iter().filter(|(known, _)| known == ask);
        same.map(|(_, answer)| answer.clone()).nth(before)
    }

    fn seal(&self, key: &str, value: &str) -> Option<String> {
        let sealed = self.keys.seal(&self.sealed_at(key), value.as_bytes());
        Some(hex(&sealed))
    }

    fn unseal(&self, key: &str, sealed: &str) -> Option<String> {
        let plain = self.keys.open(&self.sealed_at(key), &unhex(sealed)?);
        String::from_utf8(plain.ok()?).ok()
    }

    fn is_own_number(&mut self, number: &str) -> anyhow::Result<bool> {
        Ok(self.reader.outside().is_number_of(self.phone, number)?)
    }

    fn reminders(&mut self) -> anyhow::Result<Vec<Waiting>> {
        if self.is_new {
            return Ok(Vec::new());
        }
        let (library, keyword) = (&self.library.id, &self.keyword.id);
        let reader = self.reader.due();
        Ok(reader.reminders_waiting(library, keyword, self.phone)?)
    }

    fn reminder_id(&self, ordinal: u64) -> ReminderId {
        ReminderId::of(self.text, ordinal)
    }
}
