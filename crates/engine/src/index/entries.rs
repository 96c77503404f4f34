//! From rows to what stands of them in the index.

use crate::seal::Opened;
use crate::{Engine, TENANT};
use dossier_model::Field;
use dossier_model::fault::Fault;
use dossier_model::kind::Kind;
use dossier_model::text::Name;
use dossier_search::{Class, Entry, Index};
use dossier_store::{Read, Row, STATE_ERASED, WrappedKey};
use rayon::prelude::*;

use super::failed;

/// Fewer rows than this are opened where they are read: handing them to other threads would take longer.
const MANY: usize = 16;

impl Engine {
    /// Puts the names of rows into the index. A row that does not open is passed over: it is found by nothing then, and
    /// verification tells of it.
    pub(super) fn index_rows(&self, index: &Index, read: &dyn Read, rows: &[Row]) -> Result<(), Fault> {
        let named = rows.iter().filter(|row| row.state != STATE_ERASED).filter_map(|row| {
            let kind = self.kinds.get(row.kind)?;
            kind.fields.iter().any(indexed).then_some((kind, row))
        });
        let mut keyed = Vec::new();
        for (kind, row) in named {
            if let Some(key) = read.key(TENANT, row.domain, row.key_version)? {
                keyed.push((kind, row, key));
            }
        }
        let add = |(kind, row, key): &(&'static Kind, &Row, WrappedKey)| match self.names_of(kind, row, key) {
            Ok(entries) => {
                entries.iter().try_for_each(|entry| index.add(entry)).map_err(|error| failed(&error))
            }
            Err(fault) if fault.key == "sealed_damaged" => Ok(()),
            Err(fault) => Err(fault),
        };
        if keyed.len() < MANY {
            return keyed.iter().try_for_each(add);
        }
        self.in_bulk(|| keyed.par_iter().try_for_each(add))?
    }

    fn names_of(&self, kind: &'static Kind, row: &Row, key: &WrappedKey) -> Result<Vec<Entry>, Fault> {
        let opened = Opened::new(TENANT, kind, row, key, &self.keyring)?;
        let mut entries = Vec::new();
        for (level, place) in opened.places() {
            opened.each_value(level, place, indexed, |field, value, _| {
                if let Some(text) = value.as_text() {
                    let class = Class { kind: kind.id, field: field.number, level: level.as_u8() };
                    entries.push(Entry { rid: row.rid.0, class, team: row.team, name: Name::new(text) });
                }
            })?;
        }
        Ok(entries)
    }
}

fn indexed(field: &Field) -> bool {
    field.enabled && field.index.text
}
