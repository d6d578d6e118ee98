//! Lists and broadcasts, as people look after them.

use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_store::StoreError;
use callslip_store::lists::ListCount;

use crate::Engine;

impl Engine {
    /// How many are on each of a library's lists, and how these changed since then.
    pub async fn list_counts(
        &self,
        library: &LibraryId,
        since: At,
    ) -> Result<Vec<ListCount>, StoreError> {
        let library = library.clone();
        let read = move |reader: &dyn callslip_store::Reader| {
            let lists = reader.lists();
            lists.list_counts(&library, since)
        };
        self.read(read).await
    }
}
