//! The index: opened, or begun again where it cannot be.

use std::path::Path;
use std::sync::Arc;

use dossier_crypto::{BlocksKey, MacKey};
use dossier_model::Entropy;
use parking_lot::RwLock;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::{BytesOptions, Field, NumericOptions, Schema};
use tantivy::{IndexReader, IndexSettings, IndexWriter, ReloadPolicy};

use crate::directory::Sealed;
use crate::error::SearchError;
use crate::kept;
use crate::progress::Progress;
use crate::view::View;

/// Memory for terms that are not written yet.
const WRITER_BYTES: usize = 32_000_000;
/// Larger segments are not merged with others: an erasure writes one segment again, and that is not to take long.
const LARGEST_MERGED: usize = 150_000;

/// The fields that an entry has in the index. None is stored.
pub(crate) struct Fields {
    pub terms: Field,
    pub rid: Field,
    pub length: Field,
}

/// An index over the names of records.
pub struct Index {
    pub(crate) fields: Fields,
    pub(crate) writer: RwLock<IndexWriter>,
    reader: IndexReader,
    view: RwLock<Arc<View>>,
    progress: RwLock<Progress>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("progress", &self.progress).finish_non_exhaustive()
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        terms: schema.add_bytes_field("terms", BytesOptions::default().set_indexed()),
        rid: schema.add_u64_field("rid", NumericOptions::default().set_indexed().set_fast()),
        length: schema.add_u64_field("length", NumericOptions::default().set_fast()),
    };
    (schema.build(), fields)
}

impl Index {
    /// Opens the index in a folder, if it is there, whole, of this version, and of the installation of this name.
    /// `under` is the key of the keyring that its own key is sealed under.
    ///
    /// # Errors
    /// `Damaged` when it has to be made again; `Io` when the disk or the folder fails.
    pub fn open(
        folder: &Path,
        under: &MacKey,
        name: &str,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Index, SearchError> {
        let key = kept::read_key(folder, under, name)?;
        let directory = Sealed::new(folder, key, entropy);
        let index = tantivy::Index::open(directory)?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(SearchError::Damaged("it has other fields".into()));
        }
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let progress: Progress = serde_json::from_str(&payload)
            .ok()
            .filter(|progress: &Progress| progress.is_of(name))
            .ok_or_else(|| SearchError::Damaged("it is of another version or log".into()))?;
        Index::with(&index, fields, progress)
    }

    /// Throws away what is in the folder, and begins an index with a key of its own.
    ///
    /// # Errors
    /// `Io` when the disk or the folder fails.
    pub fn create(
        folder: &Path,
        under: &MacKey,
        progress: Progress,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Index, SearchError> {
        let key: BlocksKey = kept::start_again(folder, under, &progress.of, &*entropy)?;
        let directory = Sealed::new(folder, key, entropy);
        let (schema, fields) = schema();
        let index = tantivy::Index::create(directory, schema, IndexSettings::default())?;
        let index = Index::with(&index, fields, progress.clone())?;
        index.commit(progress)?;
        Ok(index)
    }

    /// Removes whatever is in the folder.
    ///
    /// # Errors
    /// `Io` when the folder cannot be removed.
    pub fn remove(folder: &Path) -> Result<(), SearchError> {
        kept::remove(folder)
    }

    fn with(index: &tantivy::Index, fields: Fields, progress: Progress) -> Result<Index, SearchError> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(WRITER_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer = index.writer_with_options(options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_max_docs_before_merge(LARGEST_MERGED);
        policy.set_del_docs_ratio_before_merge(0.3);
        writer.set_merge_policy(Box::new(policy));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let view = View::open(&reader.searcher(), &fields)?;
        Ok(Index {
            fields,
            writer: RwLock::new(writer),
            reader,
            view: RwLock::new(Arc::new(view)),
            progress: RwLock::new(progress),
        })
    }

    /// How far the last commit came.
    pub fn progress(&self) -> Progress {
        self.progress.read().clone()
    }

    /// The index as it was at the last commit.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read())
    }

    /// Shows searches what was written meanwhile.
    pub(crate) fn reload(&self) -> Result<(), SearchError> {
        self.reader.reload()?;
        let view = View::open(&self.reader.searcher(), &self.fields)?;
        *self.view.write() = Arc::new(view);
        Ok(())
    }

    pub(crate) fn set_progress(&self, progress: Progress) {
        *self.progress.write() = progress;
    }
}
