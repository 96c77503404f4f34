//! Which entries of a log are wanted, by what they say themselves.

use super::entry::{Deed, Entry, Leaf, Note, Outcome};
use super::show::LedgerQuery;
use crate::TENANT;
use crate::context::{Context, Stop};
use crate::policy::Snapshot;
use dossier_model::code::CustomerCode;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use dossier_store::RowBy;

/// The numbers of persons and programs in a leaf (`docs/formats.md`), and what their ids begin with.
const PERSON: (u8, &str) = (1, "usr");
const PROGRAM: (u8, &str) = (2, "cli");
/// What stands between the account of the operating system and the person for whom it acts.
const FOR: &str = " for ";

/// The note of the record that was asked for: its kind and id in bytes, as records stand in the leaves.
pub(crate) const RECORD: &str = "record";

/// What has to hold of an entry; each part that is there narrows.
#[derive(Default)]
pub(crate) struct Filter {
    pub who: Option<Who>,
    pub deed: Option<u8>,
    pub outcome: Option<Outcome>,
    pub record: Option<(KindId, Uid)>,
    pub since: Option<Micros>,
    /// The first moment that is too late.
    pub until: Option<Micros>,
}

/// A person or program by id, or an account of the operating system, or the server itself, by its text.
pub(crate) struct Who {
    ids: Vec<(u8, Uid)>,
    text: String,
    /// How texts end of accounts that act for one of the persons.
    endings: Vec<String>,
}

impl Filter {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// `query_invalid` for what has no such form; `not_found` for a name or code of nobody and nothing that the caller
    /// may know.
    pub(crate) fn of(cx: &Context<'_>, query: &LedgerQuery) -> Result<Filter, Stop> {
        let time = |text: &Option<String>, name: &str| match text {
            Some(text) => Micros::parse(text).map(Some).ok_or_else(|| crate::invalid(name)),
            None => Ok(None),
        };
        let (since, until) = (time(&query.since, "since")?, time(&query.until, "until")?);
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            return Err(crate::invalid("until").into());
        }
        let deed = |name: &String| Deed::of_name(name).ok_or_else(|| crate::invalid("action"));
        let outcome = |name: &String| Outcome::of_name(name).ok_or_else(|| crate::invalid("outcome"));
        Ok(Filter {
            who: query.who.as_deref().map(|text| Who::of(&cx.snapshot, text)).transpose()?,
            deed: query.action.as_ref().map(deed).transpose()?,
            outcome: query.outcome.as_ref().map(outcome).transpose()?,
            record: query.record.as_deref().map(|text| record(cx, text)).transpose()?,
            since,
            until,
        })
    }

    /// Whether all entries are wanted.
    pub(crate) fn is_open(&self) -> bool {
        let Filter { who, deed, outcome, record, since, until } = self;
        who.is_none()
            && deed.is_none()
            && outcome.is_none()
            && record.is_none()
            && since.is_none()
            && until.is_none()
    }

    /// What an entry says, as far as it is looked at.
    pub(crate) fn decode(&self, leaf: &[u8]) -> Result<Leaf, Fault> {
        if self.record.is_some() { Leaf::decode(leaf) } else { Leaf::decode_without_items(leaf) }
    }

    /// Whether an entry is wanted.
    pub(crate) fn takes(&self, leaf: &Leaf) -> bool {
        self.who.as_ref().is_none_or(|who| who.is(leaf))
            && self.deed.is_none_or(|deed| leaf.deed == deed)
            && self.outcome.is_none_or(|outcome| leaf.outcome == outcome as u8)
            && self.record.as_ref().is_none_or(|(_, id)| leaf.items.iter().any(|item| item.record == *id))
            && self.since.is_none_or(|since| leaf.at >= since.0)
            && self.until.is_none_or(|until| leaf.at < until.0)
    }

    /// The entry with what was asked for: ids, names of this program and times, never what somebody typed.
    pub(crate) fn noted(&self, mut entry: Entry) -> Entry {
        if let Some(who) = &self.who {
            entry = entry.note("who", Note::Text(who.ids_text()));
        }
        if let Some(deed) = self.deed {
            entry = entry.note("action", Note::Text(Deed::name_of(deed).to_owned()));
        }
        if let Some(outcome) = self.outcome {
            entry = entry.note("outcome", Note::Text(outcome.name().to_owned()));
        }
        if let Some((kind, id)) = self.record {
            entry = entry.note(RECORD, Note::Bytes([kind.0.to_be_bytes().as_slice(), &id.0].concat()));
        }
        for (name, time) in [("since", self.since), ("until", self.until)] {
            if let Some(time) = time {
                entry = entry.note(name, Note::Text(time.to_string()));
            }
        }
        entry
    }
}

impl Who {
    pub(crate) fn of(snapshot: &Snapshot, text: &str) -> Result<Who, Fault> {
        let by_id = |(number, prefix): (u8, &str)| Some((number, Uid::parse_typeid(prefix, text)?));
        let mut ids: Vec<(u8, Uid)> = [PERSON, PROGRAM].into_iter().filter_map(by_id).collect();
        if ids.is_empty() {
            let (users, clients) = (&snapshot.users, &snapshot.clients);
            ids.extend(
                users.iter().filter(|(_, user)| user.body.name == text).map(|(id, _)| (PERSON.0, *id)),
            );
            ids.extend(
                clients.iter().filter(|(_, one)| one.body.name == text).map(|(id, _)| (PROGRAM.0, *id)),
            );
        }
        if ids.is_empty() && !is_account(text) {
            return Err(Fault::new("not_found").field("who"));
        }
        let persons = ids.iter().filter(|(number, _)| *number == PERSON.0);
        let endings = persons.map(|(_, id)| format!("{FOR}{}", id.to_typeid(PERSON.1))).collect();
        Ok(Who { ids, text: text.to_owned(), endings })
    }

    fn is(&self, leaf: &Leaf) -> bool {
        match (leaf.who_id, &leaf.who_text) {
            (Some(id), _) => self.ids.contains(&(leaf.who_type, id)),
            (None, Some(text)) if self.ids.is_empty() => {
                text.strip_prefix(&self.text).is_some_and(|rest| rest.is_empty() || rest.starts_with(FOR))
            }
            (None, Some(text)) => self.endings.iter().any(|ending| text.ends_with(ending)),
            (None, None) => false,
        }
    }

    fn ids_text(&self) -> String {
        if self.ids.is_empty() {
            return self.text.clone();
        }
        let texts = self.ids.iter().map(|(number, id)| id_text(*number, *id));
        texts.collect::<Vec<_>>().join(",")
    }
}

/// Who an entry says that it was, by name.
pub(crate) fn who_name(snapshot: &Snapshot, leaf: &Leaf) -> String {
    let Some(text) = &leaf.who_text else {
        return snapshot.who(leaf.who_type, leaf.who_id.unwrap_or(Uid([0; 16])));
    };
    let person = |id| snapshot.users.get(&Uid::parse_typeid(PERSON.1, id)?);
    let acting = text.split_once(FOR).and_then(|(account, id)| Some((account, person(id)?)));
    acting.map_or_else(|| text.clone(), |(account, user)| format!("{account}{FOR}{}", user.body.name))
}

/// The same as the filter takes it.
pub(crate) fn who_text(leaf: &Leaf) -> String {
    match (&leaf.who_text, leaf.who_id) {
        (Some(text), _) => text.clone(),
        (None, id) => id_text(leaf.who_type, id.unwrap_or(Uid([0; 16]))),
    }
}

fn id_text(number: u8, id: Uid) -> String {
    id.to_typeid(if number == PROGRAM.0 { PROGRAM.1 } else { PERSON.1 })
}

/// `system`, `os:UID` or `os:UID for PERSON`: what entries call those who have no id.
fn is_account(text: &str) -> bool {
    let Some(account) = text.strip_prefix("os:") else { return text == "system" };
    let (number, person) = account.split_once(FOR).map_or((account, None), |(no, who)| (no, Some(who)));
    number.parse::<u32>().is_ok_and(|uid| uid.to_string() == number)
        && person.is_none_or(|id| Uid::parse_typeid(PERSON.1, id).is_some())
}

/// The record that a TypeID or a customer code names. Ids stand in the ledger as they are, whether or not there is such a
/// record; which one a code belongs to learns only who may see it.
fn record(cx: &Context<'_>, text: &str) -> Result<(KindId, Uid), Stop> {
    let missing = || Stop::from(Fault::new("not_found").field("record"));
    for kind in cx.engine.kinds.iter() {
        if let Some(id) = Uid::parse_typeid(&kind.prefix, text) {
            return Ok((kind.id, id));
        }
    }
    let code = CustomerCode::parse(text).map_err(|_| crate::invalid("record"))?;
    let (view, kind) = cx.view("customer")?;
    let row = cx.read()?.row(TENANT, &RowBy::Code(code.as_str().to_owned()))?;
    let row = row.filter(|row| view.reads(&row.place()));
    Ok((kind.id, row.ok_or_else(missing)?.record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_written_in_one_way() {
        let person = Uid([7; 16]).to_typeid("usr");
        for text in ["system", "os:0", "os:4294967295", &format!("os:1000 for {person}")] {
            assert!(is_account(text), "{text}");
        }
        for text in ["os:", "os:01", "os:+1", "os:1 ", "os:1 for ", "os:1 for usr_x", "os:4294967296", "root"]
        {
            assert!(!is_account(text), "{text}");
        }
    }
}
