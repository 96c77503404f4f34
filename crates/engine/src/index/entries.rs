//! From a row to what stands of it in the index.

use crate::seal::Opened;
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::kind::Kind;
use dossier_model::text::Name;
use dossier_search::{Class, Entry, Index};
use dossier_store::{Read, Row, STATE_ERASED};

use super::failed;

impl Engine {
    /// Puts the names of a row into the index. A row that does not open is passed over: it is found by nothing then, and
    /// verification tells of it.
    pub(super) fn index_row(&self, index: &Index, read: &dyn Read, row: &Row) -> Result<(), Fault> {
        let Some(kind) = self.kinds.get(row.kind) else { return Ok(()) };
        if row.state == STATE_ERASED || !kind.fields.iter().any(|field| field.enabled && field.index.text) {
            return Ok(());
        }
        match self.names_of(read, kind, row) {
            Ok(entries) => {
                entries.iter().try_for_each(|entry| index.add(entry)).map_err(|error| failed(&error))
            }
            Err(fault) if fault.key == "sealed_damaged" => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    fn names_of(&self, read: &dyn Read, kind: &'static Kind, row: &Row) -> Result<Vec<Entry>, Fault> {
        let Some(key) = read.key(TENANT, row.domain, row.key_version)? else { return Ok(Vec::new()) };
        let opened = Opened::new(TENANT, kind, row, &key, &self.keyring)?;
        let mut entries = Vec::new();
        for (level, place) in opened.places() {
            let keep = |field: &dossier_model::Field| field.enabled && field.index.text;
            opened.each_value(level, place, keep, |field, value, _| {
                if let Some(text) = value.as_text() {
                    let class = Class { kind: kind.id, field: field.number, level: level.as_u8() };
                    entries.push(Entry { rid: row.rid.0, class, team: row.team, name: Name::new(text) });
                }
            })?;
        }
        Ok(entries)
    }
}
