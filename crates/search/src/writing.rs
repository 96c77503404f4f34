//! Putting names in, taking them out, and writing segments again so that nothing is left of what was taken out.

use tantivy::{TantivyDocument, Term};

use crate::error::SearchError;
use crate::index::Index;
use crate::progress::Progress;
use crate::terms::Entry;

impl Index {
    /// Puts a name in. It is found after the next commit.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn add(&self, entry: &Entry) -> Result<(), SearchError> {
        let mut document = TantivyDocument::default();
        for term in entry.terms() {
            document.add_bytes(self.fields.terms, &term);
        }
        document.add_u64(self.fields.rid, u64::try_from(entry.rid).unwrap_or_default());
        document.add_u64(self.fields.length, entry.name.whole.chars().count() as u64);
        self.writer.read().add_document(document)?;
        Ok(())
    }

    /// Takes all names of a record out that were put in before. They are found no more after the next commit.
    pub fn remove_record(&self, rid: i64) {
        let term = Term::from_field_u64(self.fields.rid, u64::try_from(rid).unwrap_or_default());
        self.writer.read().delete_term(term);
    }

    /// Writes everything down that was put in and taken out, together with how far this came, and lets it be found.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn commit(&self, progress: Progress) -> Result<(), SearchError> {
        let payload =
            serde_json::to_string(&progress).map_err(|error| SearchError::Damaged(error.to_string()))?;
        let mut writer = self.writer.write();
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        drop(writer);
        self.set_progress(progress);
        self.reload()
    }

    /// Takes note of how far the log was read where there was nothing to write; lost when the process ends.
    pub fn pass(&self, progress: Progress) {
        self.set_progress(progress);
    }

    /// Forgets what was put in and taken out since the last commit.
    ///
    /// # Errors
    /// When the index cannot go on.
    pub fn rollback(&self) -> Result<(), SearchError> {
        self.writer.write().rollback()?;
        Ok(())
    }

    /// Whether something that was taken out is still in a file, under the key.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn has_remains(&self) -> Result<bool, SearchError> {
        let metas = self.writer.read().index().searchable_segment_metas()?;
        Ok(metas.iter().any(|meta| meta.num_deleted_docs() > 0))
    }

    /// Writes the segments again that hold anything taken out, and deletes the old ones. Whether nothing is left; a segment
    /// that is just being merged with others is left to the next time.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn purge(&self) -> Result<bool, SearchError> {
        let mut writer = self.writer.write();
        for meta in writer.index().searchable_segment_metas()? {
            if meta.num_deleted_docs() > 0
                && let Err(error) = writer.merge(&[meta.id()]).wait()
            {
                tracing::debug!(%error, "a segment is being merged");
            }
        }
        drop(writer);
        // Files that the old view still reads are not deleted.
        self.reload()?;
        self.writer.read().garbage_collect_files().wait()?;
        Ok(!self.has_remains()?)
    }
}
