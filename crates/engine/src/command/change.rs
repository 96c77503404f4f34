//! Changing a record: a new version against the one that the caller has seen.

use super::create::{check, level_of, origin_of, stage_of, subject_of, team_of, today};
use super::{
    Done, Earlier, Input, Member, Once, check_writable, commitments, conflict, members, shown_now,
    shown_written, source_of, tokens_of,
};
use crate::approval::{Asking, Carried, Gate, MoveShown, Work, bound_row, waiting_of};
use crate::caller::Channel;
use crate::context::{Context, Recorded, Stop, again};
use crate::ledger::entry::{Deed, Entry, Item};
use crate::place::place_of;
use crate::query::{Found, count_miss, find, render};
use crate::seal::{Draft, Opened, Stored, Wanted, damaged, masked, seal, unwrap_key};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form, Reach, View};
use dossier_approvals::{Bound, Command, Facts, Turn};
use dossier_crypto::{Committer, DataKey};
use dossier_model::fault::Fault;
use dossier_model::kind::{Kind, KindId};
use dossier_model::scope::Place;
use dossier_model::value::{Changes, Fields, apply};
use dossier_model::{Level, Stage, Subject};
use dossier_store::{Op, Read, Row, RowBy, STATE_FROZEN, WriteSet};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A change.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Change {
    /// `customer` or `contact`.
    pub kind: String,
    /// TypeID or customer code.
    pub id: String,
    /// The version that the caller has seen.
    pub expect: u32,
    /// Fields by name; null clears one.
    pub fields: Input,
    /// New stage; customers only.
    pub stage: Option<u8>,
    /// New sensitivity; customers only.
    pub level: Option<String>,
    /// New owning team; customers only.
    pub team: Option<String>,
    /// Who answers for the dossier from now on (name or id), an empty text for nobody; customers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// What those who may have to approve it are told; not part of the record.
    #[serde(skip)]
    pub remark: Option<String>,
    /// Repeating a command under the same key does not repeat what it does.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Engine {
    /// Changes a record.
    ///
    /// # Errors
    /// `version_conflict` when somebody else was faster; `masked_value` when a mask is sent back; problems of the
    /// fields; `duplicate`; `not_found`; `frozen`; and those of a request for approval.
    pub fn change(&self, caller: &Caller, ask: &Change) -> Result<Carried<Done>, Fault> {
        self.guarded(caller, Deed::Change, |cx| change(cx, ask))
    }
}

pub(crate) fn change(cx: &Context<'_>, ask: &Change) -> Result<Recorded<Carried<Done>>, Stop> {
    let engine = cx.engine;
    let (view, kind) = cx.view(&ask.kind)?;
    view.anywhere().permit(Action::Change)?;
    let once = Once::new(cx, ask.idempotency_key.as_deref(), ask)?;
    if let Some(earlier) = once.as_ref().map(|once| once.earlier(cx)).transpose()?.flatten() {
        return replayed(cx, kind, earlier);
    }
    check_writable(kind, &view.anywhere(), &ask.fields)?;
    let read = cx.read()?;
    let found = find(&*read, &view, kind, &ask.id)?;
    let row = &found.row;
    let reach = view.at(&row.place());
    reach.permit(Action::Change)?;
    check_writable(kind, &reach, &ask.fields)?;
    // One that was approved is bound to the state that it was asked on instead.
    let approved = cx.caller.approved.is_some();
    if row.version != ask.expect && !approved {
        return Err(Fault::new("version_conflict").with("version", row.version.to_string()).into());
    }
    if row.state == STATE_FROZEN {
        return Err(Fault::new("frozen").into());
    }
    let key = unwrap_key(&engine.keyring, &found.key)?;
    let opened = Opened::with_key(TENANT, kind, row, &key)?;
    let stored = opened.all()?;
    refuse_masks(engine, kind, &reach, &stored, &ask.fields)?;
    let before: Fields = stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
    let mut next = scope_of(cx, &view, ask, row)?;
    let changes = kind.accept(&ask.fields, today(cx)).map_err(Fault::many)?;
    let subject = dossier_subject(cx, &*read, kind, row)?;
    let stage = Stage::from_u8(next.stage).ok_or_else(|| damaged("its stage is unknown"))?;
    let after = merged(kind, &before, changes, stage, subject)?;
    if kind.id == KindId::CUSTOMER {
        next.put_at(place_of(kind, &after, next.team, next.owner));
    }
    check_move(&view, &reach, &next.place(), Action::Change)?;
    for apart in cx.views_apart(kind) {
        // Neither gains by what they do together.
        check_gain(&apart.at(&row.place()), &apart.at(&next.place()))?;
    }
    let same_scope = is_scope_of(&next, row);
    if after == before && same_scope && !approved {
        let (record, item) = render(cx, &*read, &view, &opened, Wanted::All, false)?;
        drop(read);
        let done = Carried::Done(Done { record, replayed: false });
        return cx.record(Entry::done(Deed::View).item(item), Vec::new(), done);
    }
    let members = if same_scope { Vec::new() } else { members(cx, &*read, row.rid)? };
    drop(read);
    let (facts, bound) = facts_of(&opened, &stored, &next, &before, &after)?;
    // Whether what is there is what one thinks would be told by a change that waits, and is then taken back.
    let unseen = |number: &u16| {
        let field = kind.field(*number).filter(|_| before.contains_key(number));
        field.is_some_and(|field| reach.form(*number, field.placement(&before, kind).level) != Form::Clear)
    };
    if !approved && facts.fields.iter().any(unseen) && cx.must_wait(&facts)? {
        count_miss(cx)?;
    }
    let asking = Asking {
        facts,
        records: [(row.record, bound)].into(),
        // Which version was seen is of no matter any more.
        work: Work::Change(Change { expect: 0, ..ask.clone() }),
        meaning: json!([next.team, next.owner]),
        about: Some(row),
        difference: None,
        remark: ask.remark.clone(),
        once: once.as_ref(),
    };
    let passed = match cx.gate(asking)? {
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let from = (cx.caller.channel, source_of(ask.source.as_deref())?);
    let Renewed { row, item, ops } = renew(cx, &opened, &stored, &key, next, &after, from)?;
    let mut entry = Entry::done(Deed::Change);
    entry.items.push(item);
    let mut set = WriteSet::new(TENANT);
    set.ops = ops;
    set.ops.extend(passed);
    for member in &members {
        follow(cx, member, &row, &mut set.ops, &mut entry.items)?;
    }
    if let Some(once) = &once {
        set = set.op(once.op(cx, row.record));
    }
    let committed = match cx.commit(set, &entry) {
        Ok(committed) => committed,
        Err(error) => return Err(conflict(cx, kind, &view, &again(error)?)),
    };
    let record = shown_written(cx, &view, kind, &row, &key)?;
    Ok(cx.committed(committed, Carried::Done(Done { record, replayed: false })))
}

/// What came of the same command before.
fn replayed(cx: &Context<'_>, kind: &Kind, earlier: Earlier) -> Result<Recorded<Carried<Done>>, Stop> {
    match earlier {
        Earlier::Record(record) => {
            let (record, item) = shown_now(cx, kind.id, record)?;
            let done = Carried::Done(Done { record, replayed: true });
            cx.record(Entry::done(Deed::View).item(item), Vec::new(), done)
        }
        Earlier::Waits(id) => {
            let waiting = waiting_of(cx, id)?;
            cx.record(Entry::done(Deed::ApprovalLook), Vec::new(), Carried::Waits(waiting))
        }
    }
}

/// What flows ask for of a change, and what of the record an approval of it is bound to.
pub(crate) fn facts_of<'k>(
    opened: &Opened<'_>,
    stored: &Stored,
    next: &Row,
    before: &Fields,
    after: &Fields,
) -> Result<(Facts<'k>, Bound), Fault> {
    let (kind, row) = (opened.kind, opened.row);
    let salts = opened.salts()?;
    let numbers: BTreeSet<u16> = before.keys().chain(after.keys()).copied().collect();
    let moved = || numbers.iter().copied().filter(|number| before.get(number) != after.get(number));
    let committed = |number: u16| -> Result<_, Fault> {
        let Some((value, origin)) = stored.get(&number) else { return Ok(None) };
        let salt = salts.get(usize::from(*origin)).ok_or_else(|| damaged("a salt is missing"))?;
        Ok(Some(Committer::new(salt).commit(number, &value.to_cbor())?))
    };
    let fields = moved().map(|number| Ok((number, committed(number)?))).collect::<Result<_, Fault>>()?;
    let level_of = |level: u8| Level::from_u8(level).ok_or_else(|| damaged("its level is unknown"));
    let stage_of = |stage: u8| Stage::from_u8(stage).ok_or_else(|| damaged("its stage is unknown"));
    let level = Turn { from: level_of(row.level)?, to: level_of(next.level)? };
    let of_fields = moved()
        .filter_map(|number| kind.field(number))
        .flat_map(|field| [before, after].map(|record| field.placement(record, kind).level));
    let highest = of_fields.chain([level.from, level.to]).max().unwrap_or(level.to);
    let facts = Facts {
        fields: moved().collect(),
        stage: Some(Turn { from: stage_of(row.stage)?, to: stage_of(next.stage)? }),
        level: Some(level),
        team: Some(Turn { from: row.team, to: next.team }),
        owner: Some(Turn { from: row.owner, to: next.owner }),
        highest,
        band: row.place().band,
        ..Facts::of(Command::Change, Some(kind))
    };
    Ok((facts, bound_row(row, fields)))
}

/// The values as a change that waits would leave them, as far as they can be read at all.
pub(crate) fn merged_change(cx: &Context<'_>, kind: &Kind, stored: &Stored, ask: &Change) -> Stored {
    let before: Fields = stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
    let mut after = before.clone();
    if let Ok(changes) = kind.accept(&ask.fields, today(cx)) {
        apply(&mut after, changes);
        kind.derive_change(&before, &mut after);
    }
    after.into_iter().map(|(number, value)| (number, (value, 0))).collect()
}

/// Where a change that waits would put a dossier.
pub(crate) fn moves_of(cx: &Context<'_>, row: &Row, ask: &Change) -> Vec<MoveShown> {
    let mut moves = Vec::new();
    let mut said = |what, before: Option<String>, after: Option<String>| {
        if before != after {
            moves.push(MoveShown { what, before, after });
        }
    };
    if let Some(stage) = ask.stage {
        said("stage", Some(row.stage.to_string()), Some(stage.to_string()));
    }
    if let Some(level) = &ask.level {
        said("level", Level::from_u8(row.level).map(|level| level.as_str().to_owned()), Some(level.clone()));
    }
    if let Some(team) = &ask.team {
        let after = cx.snapshot.team_no(team).map(|no| cx.snapshot.team_name(no));
        said("team", Some(cx.snapshot.team_name(row.team)), after);
    }
    if let Some(owner) = &ask.owner {
        let after = cx.snapshot.user(owner).map(|(_, user)| user.name.clone());
        said("owner", cx.snapshot.owner_name(row.owner), after);
    }
    moves
}

/// A new version of a record.
pub(crate) struct Renewed {
    pub row: Row,
    /// What the ledger says of it.
    pub item: Item,
    /// What puts it into the store.
    pub ops: Vec<Op>,
}

/// Seals the next version of a record: `next` has its scope, `after` its values. What has moved is from the channel and
/// source given, the rest from where it was.
pub(crate) fn renew(
    cx: &Context<'_>,
    opened: &Opened<'_>,
    stored: &Stored,
    key: &DataKey,
    mut next: Row,
    after: &Fields,
    (channel, source): (Channel, u8),
) -> Result<Renewed, Fault> {
    let (engine, kind, row) = (cx.engine, opened.kind, opened.row);
    let before: Fields = stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
    let moved: Vec<u16> =
        after.iter().filter(|(number, value)| before.get(number) != Some(value)).map(|(n, _)| *n).collect();
    next.version = row.version + 1;
    next.changed = cx.now;
    next.generation = 1;
    next.container = Vec::new();
    let mut salt = [0; 32];
    engine.entropy.fill(&mut salt);
    let mut origins = opened.header.origins.clone();
    let mut salts = opened.salts()?;
    let number = u16::try_from(origins.len()).map_err(|_| Fault::new("versions_used_up"))?;
    origins.push(origin_of(cx, next.version, channel, source));
    salts.push(salt);
    let said = commitments(&salt, moved.iter().filter_map(|n| after.get(n).map(|value| (*n, value))))?;
    let values: Stored = after
        .iter()
        .map(|(n, value)| {
            let origin =
                if moved.contains(n) { number } else { stored.get(n).map_or(number, |(_, origin)| *origin) };
            (*n, (value.clone(), origin))
        })
        .collect();
    let draft = Draft { kind, row: next, values, origins, salts };
    let fresh = seal(TENANT, draft, key, &engine.keyring.system(), &*engine.entropy)?;
    let mut ops = vec![Op::PutRow { row: fresh.clone(), expect: row.version }];
    ops.extend(tokens_of(engine, kind, after).ops_from(&tokens_of(engine, kind, &before), row.rid));
    Ok(Renewed { item: item_of(&fresh, said), row: fresh, ops })
}

pub(crate) fn item_of(row: &Row, fields: Vec<(u16, crate::ledger::entry::Said)>) -> Item {
    Item {
        kind: row.kind.0,
        record: row.record,
        version: row.version,
        row_hash: Some(row.hash(TENANT)),
        fields,
    }
}

/// The row's next clear columns.
fn scope_of(cx: &Context<'_>, view: &View, ask: &Change, row: &Row) -> Result<Row, Stop> {
    let mut next = Row { container: Vec::new(), ..row.clone() };
    if row.kind != KindId::CUSTOMER {
        let given = [
            (ask.stage.is_some(), "stage"),
            (ask.level.is_some(), "level"),
            (ask.team.is_some(), "team"),
            (ask.owner.is_some(), "owner"),
        ];
        for (given, name) in given {
            if given {
                return Err(Fault::new("unknown_field").field(name).into());
            }
        }
        return Ok(next);
    }
    if ask.stage.is_some() {
        next.stage = stage_of(ask.stage)?.as_u8();
    }
    if ask.level.is_some() {
        next.level = level_of(ask.level.as_deref())?.as_u8();
    }
    if let Some(owner) = &ask.owner {
        next.owner = owner_of(cx, owner)?;
    }
    if ask.team.is_some() {
        next.team = team_of(cx, view, Action::Change, ask.team.as_deref())?;
    }
    Ok(next)
}

/// The number of a person who can answer for a dossier.
fn owner_of(cx: &Context<'_>, text: &str) -> Result<u32, Stop> {
    if text.is_empty() {
        return Ok(0);
    }
    let person = cx.snapshot.user(text).filter(|(_, user)| !user.disabled && user.number != 0);
    match person {
        Some((_, user)) => Ok(user.number),
        None => {
            // Another process may have added them since.
            cx.current()?;
            Err(Fault::new("user_not_found").field("owner").into())
        }
    }
}

/// The subject of the customer that a record belongs to; none for a customer, whose record says it itself.
fn dossier_subject(
    cx: &Context<'_>,
    read: &dyn Read,
    kind: &Kind,
    row: &Row,
) -> Result<Option<Subject>, Stop> {
    if kind.id == KindId::CUSTOMER {
        return Ok(None);
    }
    let missing = || Stop::from(damaged("its dossier is missing"));
    let (_, kind) = cx.view_of(KindId::CUSTOMER)?;
    let row = read.row(TENANT, &RowBy::Rid(row.dossier))?.ok_or_else(missing)?;
    let key = read.key(TENANT, row.domain, row.key_version)?.ok_or_else(missing)?;
    Ok(Some(subject_of(&Found { row, key }, kind, cx.engine)?))
}

/// The record as it is to be, checked as a whole.
fn merged(
    kind: &Kind,
    before: &Fields,
    changes: Changes,
    stage: Stage,
    subject: Option<Subject>,
) -> Result<Fields, Fault> {
    let mut after = before.clone();
    apply(&mut after, changes);
    kind.derive_change(before, &mut after);
    let problems = check(kind, &after, stage, subject);
    if problems.is_empty() { Ok(after) } else { Err(Fault::many(problems)) }
}

/// What the caller was shown as a mask must not come back as a value.
pub(crate) fn refuse_masks(
    engine: &Engine,
    kind: &Kind,
    reach: &Reach<'_>,
    stored: &Stored,
    input: &Input,
) -> Result<(), Fault> {
    let system = engine.keyring.system();
    let record: Fields = stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
    let problems: Vec<Fault> = input
        .iter()
        .filter_map(|(name, json)| {
            let (field, Json::String(text)) = (kind.by_name(name)?, json) else { return None };
            let (value, _) = stored.get(&field.number)?;
            let place = field.placement(&record, kind);
            let wanted = reach.mask(field.number, place.level);
            let shown = reach.form(field.number, place.level) == Form::Masked
                && masked(&system, kind, field, place.mask, wanted, value) == *text;
            shown.then(|| Fault::new("masked_value").field(name.clone()))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Fault::many(problems)) }
}

/// Nobody moves a dossier to where they could not do that, nor to where they see or may do more than where it is.
///
/// # Errors
/// `action_not_allowed`, `move_gains`.
pub(crate) fn check_move(view: &View, from: &Reach<'_>, to: &Place, action: Action) -> Result<(), Fault> {
    let there = view.at(to);
    there.permit(action)?;
    check_gain(from, &there)
}

fn check_gain(from: &Reach<'_>, to: &Reach<'_>) -> Result<(), Fault> {
    if to.is_within(from) { Ok(()) } else { Err(Fault::new("move_gains")) }
}

/// Whether two rows are of the same stage, level and place: what a dossier has, all that is in it has too.
pub(crate) fn is_scope_of(one: &Row, other: &Row) -> bool {
    (one.stage, one.level, one.place()) == (other.stage, other.level, other.place())
}

/// Takes a record along when its dossier moves to another stage, level or place: a new version with the same values.
pub(crate) fn follow(
    cx: &Context<'_>,
    member: &Member,
    dossier: &Row,
    ops: &mut Vec<Op>,
    items: &mut Vec<Item>,
) -> Result<(), Fault> {
    let mut next = Row { stage: dossier.stage, level: dossier.level, ..member.1.clone() };
    next.put_at(dossier.place());
    put_again(cx, member, next, ops, items).map(drop)
}

/// Puts a record where `next` stands: a new version with the same values.
pub(crate) fn put_again(
    cx: &Context<'_>,
    (kind, before, key): &Member,
    next: Row,
    ops: &mut Vec<Op>,
    items: &mut Vec<Item>,
) -> Result<Row, Fault> {
    let engine = cx.engine;
    let key = unwrap_key(&engine.keyring, key)?;
    let opened = Opened::with_key(TENANT, kind, before, &key)?;
    let draft = Draft {
        kind,
        row: Row { version: before.version + 1, changed: cx.now, container: Vec::new(), ..next },
        values: opened.all()?,
        origins: opened.header.origins.clone(),
        salts: opened.salts()?,
    };
    let row = seal(TENANT, draft, &key, &engine.keyring.system(), &*engine.entropy)?;
    items.push(item_of(&row, Vec::new()));
    ops.push(Op::PutRow { row: row.clone(), expect: before.version });
    Ok(row)
}
