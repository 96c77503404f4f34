//! Mappings that are kept by name: each is of whoever kept it, and is suggested for files with the same columns.

use super::mapping::Mapping;
use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, View};
use dossier_crypto::{open_system, seal_system};
use dossier_model::check::is_hidden;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::Kind;
use dossier_model::time::Micros;
use dossier_store::{Conflict, JobRow, Op, Read, WriteSet};
use serde::{Deserialize, Serialize};

/// They lie among the jobs, as jobs that are never due.
const KIND: &str = "import_mapping";
const STATE: u8 = 30;
/// Most of one person.
const MOST: usize = 200;

/// A mapping that is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct SavedMapping {
    #[serde(rename = "owner")]
    owner: [u8; 16],
    /// TypeID `map_…`.
    #[serde(skip)]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What each column is.
    pub mapping: Mapping,
    /// When it was kept, in microseconds.
    pub at: i64,
}

struct Stored {
    id: Uid,
    version: u32,
    saved: SavedMapping,
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}

/// All that the caller has kept, newest first.
fn all(cx: &Context<'_>, read: &dyn Read) -> Result<Vec<Stored>, Fault> {
    let damaged = || Fault::new("store_damaged");
    let keys = cx.engine.keyring.keys();
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let rows = read.jobs_of(TENANT, KIND, before, 100)?;
        let full = rows.len() == 100;
        before = rows.last().map(|row| row.id);
        for row in rows {
            let plain = open_system(keys.system(), &context(row.id, row.version), &row.body);
            let mut saved: SavedMapping =
                serde_json::from_slice(&plain.map_err(|_| damaged())?).map_err(|_| damaged())?;
            saved.id = row.id.to_typeid("map");
            if saved.owner == cx.caller.principal.id16() {
                found.push(Stored { id: row.id, version: row.version, saved });
            }
        }
        if !full {
            return Ok(found);
        }
    }
}

/// The mapping kept under a name, for a file with this header.
pub(crate) fn chosen(cx: &Context<'_>, name: &str, header: &[String]) -> Result<Mapping, Stop> {
    let found = all(cx, &*cx.read()?)?.into_iter().find(|stored| stored.saved.name == name);
    let found = found.ok_or_else(|| Fault::new("import_mapping_not_found").with("name", name))?;
    Ok(found.saved.mapping.onto(header))
}

/// The newest one for exactly these columns, if it can still be used.
pub(crate) fn remembered(
    cx: &Context<'_>,
    kind: &Kind,
    view: &View,
    header: &[String],
) -> Result<Option<Mapping>, Fault> {
    let found = all(cx, &*cx.engine.store.read()?)?.into_iter().map(|stored| stored.saved.mapping);
    let mut fitting = found.filter(|mapping| mapping.check(kind, header, view).is_ok());
    Ok(fitting.next())
}

impl Engine {
    /// The operation that keeps a mapping under a name, over one of the same name.
    pub(crate) fn keep_mapping(&self, cx: &Context<'_>, name: &str, mapping: &Mapping) -> Result<Op, Stop> {
        let name = name.trim();
        if !(1..=64).contains(&name.chars().count()) || name.chars().any(is_hidden) {
            let fault = Fault::new("value_length").field("save_as").with("least", "1").with("most", "64");
            return Err(fault.into());
        }
        let kept = all(cx, &*cx.read()?)?;
        let same = kept.iter().find(|stored| stored.saved.name == name);
        if same.is_none() && kept.len() >= MOST {
            return Err(Fault::new("import_mappings_full").with("limit", MOST.to_string()).into());
        }
        let (id, expect) =
            same.map_or((new_id(cx.now, &*self.entropy), 0), |stored| (stored.id, stored.version));
        let saved = SavedMapping {
            owner: cx.caller.principal.id16(),
            id: String::new(),
            name: name.to_owned(),
            mapping: mapping.clone(),
            at: cx.now.0,
        };
        let plain = serde_json::to_vec(&saved).map_err(|_| Fault::new("internal"))?;
        let keys = self.keyring.keys();
        let body = seal_system(keys.system(), &context(id, expect + 1), &plain, &*self.entropy)?;
        let (state, due) = (STATE, Micros(i64::MAX));
        let job = JobRow { id, kind: KIND.to_owned(), state, due, version: expect + 1, body };
        Ok(Op::PutJob { job, expect })
    }

    /// The mappings that the caller has kept, newest first.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn import_mappings(&self, caller: &Caller) -> Result<Vec<SavedMapping>, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let (view, _) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let found = all(cx, &*cx.read()?)?.into_iter().map(|stored| stored.saved).collect();
            cx.record(Entry::done(Deed::ImportLook), Vec::new(), found)
        })
    }

    /// Forgets a mapping, named by its id or its name.
    ///
    /// # Errors
    /// `action_not_allowed`, `import_mapping_not_found`.
    pub fn forget_import_mapping(&self, caller: &Caller, name: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::ImportChange, |cx| {
            let (view, _) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let named = |stored: &Stored| stored.saved.name == name || stored.saved.id == name;
            let found = all(cx, &*cx.read()?)?.into_iter().find(named);
            let found = found.ok_or_else(|| Fault::new("import_mapping_not_found").with("name", name))?;
            let set = WriteSet::new(TENANT).op(Op::DeleteJob { id: found.id });
            match cx.commit(set, &Entry::done(Deed::ImportChange)) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// Keeps the mapping of a file that lies outside.
    pub(crate) fn keep_mapping_now(
        &self,
        cx: &Context<'_>,
        name: &str,
        mapping: &Mapping,
    ) -> Result<(), Stop> {
        let set = WriteSet::new(TENANT).op(self.keep_mapping(cx, name, mapping)?);
        match cx.commit(set, &Entry::done(Deed::ImportChange)) {
            Ok(_) => Ok(()),
            Err(error) => match again(error)? {
                Conflict::Job { .. } => Err(Stop::Again),
                other => Err(unexpected(&other)),
            },
        }
    }
}
