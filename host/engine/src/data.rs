//! What a flow reads while it runs, out of the turn's own view of the store.

use callslip_core::directory::{Keyword, Library};
use callslip_core::flow::Scope;
use callslip_core::ids::PhoneId;
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
}

impl FlowData<'_> {
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
}
