//! The index as it was at one commit, opened for searching.

use std::sync::Arc;

use tantivy::columnar::ColumnValues;
use tantivy::{InvertedIndexReader, Searcher, SegmentReader};

use crate::error::SearchError;
use crate::index::Fields;

/// One segment with what every search needs of it.
pub(crate) struct Segment {
    pub reader: SegmentReader,
    pub terms: Arc<InvertedIndexReader>,
    pub rids: Arc<dyn ColumnValues<u64>>,
    pub lengths: Arc<dyn ColumnValues<u64>>,
}

/// All segments of one commit.
pub(crate) struct View {
    pub segments: Vec<Segment>,
}

impl View {
    pub(crate) fn open(searcher: &Searcher, fields: &Fields) -> Result<View, SearchError> {
        let segments = searcher.segment_readers().iter().map(|reader| {
            Ok(Segment {
                terms: reader.inverted_index(fields.terms)?,
                rids: reader.fast_fields().column_first_or_default("rid")?,
                lengths: reader.fast_fields().column_first_or_default("length")?,
                reader: reader.clone(),
            })
        });
        Ok(View { segments: segments.collect::<Result<_, SearchError>>()? })
    }
}
