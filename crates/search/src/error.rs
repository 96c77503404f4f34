//! What can go wrong with an index. All of it is mended in the same way: by making the index again.

use std::sync::Arc;

use dossier_crypto::CryptoError;
use tantivy::TantivyError;
use tantivy::directory::error::{OpenReadError, OpenWriteError};

/// Why an index cannot be used as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SearchError {
    /// A file is missing, was changed, or cannot be read.
    #[error("the index is damaged or was made by another version: {0}")]
    Damaged(String),
    /// The disk or the folder does not take it.
    #[error("a file of the index cannot be written or read: {0}")]
    Io(Arc<std::io::Error>),
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::IoError(error) => error.into(),
            TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => Self::Io(io_error),
            // Tantivy's texts name files and fields, never a term.
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<OpenReadError> for SearchError {
    fn from(error: OpenReadError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<std::io::Error>> for SearchError {
    fn from(error: Arc<std::io::Error>) -> Self {
        match error.kind() {
            std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::NotFound => Self::Damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<CryptoError> for SearchError {
    fn from(error: CryptoError) -> Self {
        Self::Damaged(error.to_string())
    }
}
