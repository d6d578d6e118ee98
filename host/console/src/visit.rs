//! A request whose asker is known: what a page's handler is given.

use std::sync::Arc;

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::ids::LibraryId;
use callslip_core::staff::{Action, Permit, Refused, Staff};
use callslip_engine::Running;
use callslip_store::staff::{
    Account, Author, Note, Session, StaffChange, StaffCommit, StaffCommitted,
};

use tokio::sync::watch;

use crate::Shared;
use crate::asked::Asked;
use crate::auth::Token;
use crate::refusal::Refusal;

pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) asked: Asked,
    pub(crate) now: At,
    /// What is in the cookie, or will be.
    pub(crate) visitor: Token,
    pub(crate) who: Option<Who>,
    /// What the path's places hold, in order.
    pub(crate) places: Vec<String>,
    /// For routes within one library: that the asker may.
    pub(crate) permit: Option<Permit>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Somebody who is signed in.
pub(crate) struct Who {
    pub(crate) account: Account,
    pub(crate) session: Session,
}

impl Visit {
    pub(crate) fn running(&self) -> Arc<Running> {
        self.shared.engine.running()
    }

    /// The nth place of the path.
    pub(crate) fn place(&self, index: usize) -> &str {
        self.places.get(index).map_or("", String::as_str)
    }

    pub(crate) fn who(&self) -> Result<&Who, Refusal> {
        self.who.as_ref().ok_or(Refusal::SignIn)
    }

    pub(crate) fn staff(&self) -> Result<&Staff, Refusal> {
        Ok(&self.who()?.account.staff)
    }

    /// The library that the route is about, of which the door has made sure.
    pub(crate) fn library(&self) -> Result<Arc<Library>, Refusal> {
        let permit = self.permit()?;
        let running = self.running();
        let library = running.directory.library(permit.library());
        library.cloned().ok_or(Refusal::Nothing)
    }

    pub(crate) fn permit(&self) -> Result<&Permit, Refusal> {
        self.permit.as_ref().ok_or(Refusal::Forbidden)
    }

    /// The libraries in which the asker may do this, in the order of their ids; with `?library=`
    /// that one alone.
    pub(crate) fn libraries(&self, action: Action) -> Result<Vec<Arc<Library>>, Refusal> {
        let staff = self.staff()?;
        let running = self.running();
        let able = running.directory.libraries.values();
        let able: Vec<Arc<Library>> = able
            .filter(|library| staff.can(action, &library.id))
            .cloned()
            .collect();
        match self.asked.query("library") {
            None => Ok(able),
            Some(wanted) => {
                let wanted = LibraryId::from(wanted);
                staff.permit(action, &wanted)?;
                let library = running.directory.library(&wanted);
                Ok(vec![library.cloned().ok_or(Refusal::Nothing)?])
            }
        }
    }

    /// Whether there is any library in which the asker may.
    pub(crate) fn may_somewhere(&self, action: Action) -> Result<(), Refusal> {
        let staff = self.staff()?;
        let running = self.running();
        let mut able = running.directory.libraries.keys();
        match able.any(|library| staff.can(action, library)) {
            true => Ok(()),
            false => Err(Refused::Forbidden.into()),
        }
    }

    pub(crate) fn author(&self) -> Author {
        match &self.who {
            Some(who) => Author {
                staff: Some(who.account.staff.id.clone()),
                name: who.account.staff.shown.clone(),
            },
            None => crate::machine(),
        }
    }

    pub(crate) async fn commit(
        &self,
        change: StaffChange,
        note: Option<Note>,
    ) -> Result<StaffCommitted, Refusal> {
        let commit = StaffCommit {
            now: self.now,
            by: self.author(),
            change,
            note,
        };
        Ok(self.shared.keep.commit(commit).await?)
    }
}

/// A line for the log.
pub(crate) fn note(library: Option<&LibraryId>, what: &str, about: impl Into<String>) -> Note {
    Note {
        library: library.cloned(),
        what: what.to_owned(),
        about: about.into(),
    }
}
