//! Entering a new record.

use super::{
    Done, Input, Once, Tokens, check_writable, commitments, conflict, shown_now, shown_written, source_of,
    tokens_of,
};
use crate::caller::Channel;
use crate::context::{Context, Recorded, Stop, again};
use crate::ledger::entry::{Deed, Entry, Item};
use crate::place::place_of;
use crate::query::{Found, find};
use crate::seal::{Draft, Opened, Origin16, bucket_of, new_id, seal};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, View};
use dossier_crypto::DataKey;
use dossier_model::code::CustomerCode;
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::{Kind, KindId};
use dossier_model::scope::Place;
use dossier_model::time::Day;
use dossier_model::value::{Fields, apply};
use dossier_model::{Level, Stage, Subject};
use dossier_store::{CommitError, Conflict, Op, Row, STATE_LIVE, WrappedKey, WriteSet};
use serde::Serialize;

/// A new record.
#[derive(Clone, Default, Serialize)]
pub struct Create {
    /// `customer` or `contact`.
    pub kind: String,
    /// The dossier that a contact belongs to.
    pub dossier: Option<String>,
    /// Fields by name.
    pub fields: Input,
    /// Cooperation stage, 0 when not given; customers only.
    pub stage: Option<u8>,
    /// Sensitivity, `L2` when not given; customers only.
    pub level: Option<String>,
    /// Owning team, the caller's own when not given; customers only.
    pub team: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// Repeating a command under the same key does not repeat what it does.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// A record's place and origin, decided before its values are sealed.
pub(crate) struct NewRecord<'a> {
    pub kind: &'static Kind,
    pub rid: Rid,
    pub sequence: Option<u32>,
    /// The dossier's row, for what is not a dossier itself.
    pub dossier: Option<&'a Row>,
    pub stage: Stage,
    pub level: Level,
    /// Its dossier's, for what is not a dossier itself.
    pub at: Place,
    pub source: u8,
    pub channel: Channel,
}

impl Engine {
    /// Enters a record.
    ///
    /// # Errors
    /// Problems of the fields; `duplicate` with code and team; `action_not_allowed`, `team_unknown`, `not_found`.
    pub fn create(&self, caller: &Caller, ask: &Create) -> Result<Done, Fault> {
        self.guarded(caller, Deed::Create, |cx| create(cx, ask))
    }
}

fn create(cx: &Context<'_>, ask: &Create) -> Result<Recorded<Done>, Stop> {
    let (view, kind) = cx.view(&ask.kind)?;
    view.anywhere().permit(Action::Create)?;
    let once = Once::new(cx, ask.idempotency_key.as_deref(), ask)?;
    if let Some(once) = &once
        && let Some(record) = once.earlier_record(cx)?
    {
        let (record, item) = shown_now(cx, kind.id, record)?;
        return cx.record(Entry::done(Deed::View).item(item), Vec::new(), Done { record, replayed: true });
    }
    check_writable(kind, &view.anywhere(), &ask.fields)?;
    let stage = stage_of(ask.stage)?;
    let mut subject = None;
    let dossier = match (&ask.dossier, kind.id == KindId::CUSTOMER) {
        (None, true) => None,
        (Some(id), false) => {
            let (view, kind) = cx.view_of(KindId::CUSTOMER)?;
            let read = cx.read()?;
            let found = find(&*read, &view, kind, id)?;
            subject = Some(subject_of(&found, kind, cx.engine)?);
            Some(found.row)
        }
        _ => return Err(crate::invalid("dossier").into()),
    };
    let fields = accepted(cx, kind, &ask.fields, stage, subject)?;
    let team = team_of(cx, &view, Action::Create, ask.team.as_deref())?;
    let at = dossier.as_ref().map_or_else(|| place_of(kind, &fields, team, cx.number()), Row::place);
    // Where it is to be, both the entering and each of its fields have to be allowed.
    let reach = view.at(&at);
    reach.permit(Action::Create)?;
    check_writable(kind, &reach, &ask.fields)?;
    let (sequence, rid) = match &dossier {
        None => (Some(cx.next_code()?), cx.new_rid()?),
        Some(_) => (None, cx.new_rid()?),
    };
    let place = NewRecord {
        kind,
        rid,
        sequence,
        dossier: dossier.as_ref(),
        stage,
        level: level_of(ask.level.as_deref())?,
        at,
        source: source_of(ask.source.as_deref())?,
        channel: cx.caller.channel,
    };
    let tokens = tokens_of(cx.engine, kind, &fields);
    let Assembled { mut set, item, row, key } = assemble(cx, &place, fields, &tokens)?;
    if let Some(dossier) = &dossier {
        // The dossier must still be there, as it was, when the contact goes in.
        set.ops.insert(0, Op::ExpectRow { rid: dossier.rid, version: dossier.version });
    }
    if let Some(once) = &once {
        set = set.op(once.op(cx, row.record));
    }
    let committed = match cx.commit(set, &Entry::done(Deed::Create).item(item)) {
        Ok(committed) => committed,
        // The record is new, so that this is its dossier, which was changed meanwhile.
        Err(CommitError::Conflict(Conflict::Version { .. })) => return Err(Stop::Again),
        Err(error) => return Err(conflict(cx, kind, &view, &again(error)?)),
    };
    let record = shown_written(cx, &view, kind, &row, &key)?;
    Ok(cx.committed(committed, Done { record, replayed: false }))
}

/// Normalised, checked, completed values of a new record.
fn accepted(
    cx: &Context<'_>,
    kind: &Kind,
    input: &Input,
    stage: Stage,
    subject: Option<Subject>,
) -> Result<Fields, Fault> {
    let changes = kind.accept(input, today(cx)).map_err(Fault::many)?;
    let mut fields = Fields::new();
    apply(&mut fields, changes);
    kind.derive(&mut fields);
    let problems = check(kind, &fields, stage, subject);
    if problems.is_empty() { Ok(fields) } else { Err(Fault::many(problems)) }
}

/// Checks a whole record; what is not a customer itself is held to the rules of its customer's subject.
pub(crate) fn check(kind: &Kind, fields: &Fields, stage: Stage, subject: Option<Subject>) -> Vec<Fault> {
    match subject {
        Some(subject) => kind.check_record_of(fields, stage, subject),
        None => kind.check_record(fields, stage),
    }
}

/// The subject that a customer's record names; an enterprise, where it names none.
pub(crate) fn subject_of(found: &Found, kind: &'static Kind, engine: &Engine) -> Result<Subject, Fault> {
    let opened = Opened::new(TENANT, kind, &found.row, &found.key, &engine.keyring)?;
    let values = opened.all()?.into_iter().map(|(number, (value, _))| (number, value)).collect();
    Ok(kind.subject(&values).unwrap_or(Subject::A))
}

pub(crate) fn today(cx: &Context<'_>) -> Day {
    crate::context::today(cx.now)
}

pub(crate) fn stage_of(stage: Option<u8>) -> Result<Stage, Fault> {
    Stage::from_u8(stage.unwrap_or(0)).ok_or_else(|| Fault::new("choice_unknown").field("stage"))
}

pub(crate) fn level_of(level: Option<&str>) -> Result<Level, Fault> {
    level.map_or(Ok(Level::L2), |text| text.parse().map_err(|_| Fault::new("choice_unknown").field("level")))
}

/// The team that a record goes to: named and in reach of the action, or the caller's own.
pub(crate) fn team_of(
    cx: &Context<'_>,
    view: &View,
    action: Action,
    named: Option<&str>,
) -> Result<u32, Stop> {
    let Some(name) = named else { return Ok(cx.team()) };
    let rows = view.rows(action);
    let reached = |team: &u32| rows.have_team(*team);
    match cx.snapshot.team_no(name).filter(reached) {
        Some(team) => Ok(team),
        None => {
            // Another process may have added it since.
            cx.current()?;
            Err(Fault::new("team_unknown").field("team").into())
        }
    }
}

/// A new record, sealed.
pub(crate) struct Assembled {
    /// What puts it into the store.
    pub set: WriteSet,
    /// What the ledger says of it.
    pub item: Item,
    pub row: Row,
    pub key: DataKey,
}

/// Seals a new record with the tokens of its fields.
pub(crate) fn assemble(
    cx: &Context<'_>,
    place: &NewRecord<'_>,
    fields: Fields,
    tokens: &Tokens,
) -> Result<Assembled, Fault> {
    let engine = cx.engine;
    let entropy = &*engine.entropy;
    let record = new_id(cx.now, entropy);
    let Place { team, region, industry, band, owner, dossier: _ } = place.at;
    let code = match place.sequence {
        Some(sequence) => {
            let code = CustomerCode::generate(&format!("{industry:02}"), cx.year(), sequence)?;
            Some(code.as_str().to_owned())
        }
        None => None,
    };
    let row = Row {
        rid: place.rid,
        record,
        kind: place.kind.id,
        version: 1,
        dossier: place.dossier.map_or(place.rid, |dossier| dossier.rid),
        domain: place.rid,
        domain_uid: record,
        code,
        stage: place.dossier.map_or(place.stage.as_u8(), |dossier| dossier.stage),
        level: place.dossier.map_or(place.level.as_u8(), |dossier| dossier.level),
        team,
        region,
        industry,
        band,
        owner,
        created: cx.now,
        changed: cx.now,
        state: STATE_LIVE,
        key_version: 1,
        mask_revision: place.kind.mask_revision,
        generation: 1,
        container: Vec::new(),
    };
    let key = DataKey::generate(entropy);
    let wrapped = wrap(engine, place.rid, &key)?;
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let said = commitments(&salt, fields.iter().map(|(number, value)| (*number, value)))?;
    let origin = origin_of(cx, 1, place.channel, place.source);
    let row = seal(
        TENANT,
        Draft {
            kind: place.kind,
            row,
            values: fields.into_iter().map(|(number, value)| (number, (value, 0))).collect(),
            origins: vec![origin],
            salts: vec![salt],
        },
        &key,
        &engine.keyring.system(),
        entropy,
    )?;
    let item = Item { kind: row.kind.0, record, version: 1, row_hash: Some(row.hash(TENANT)), fields: said };
    let mut set =
        WriteSet::new(TENANT).op(Op::PutKey(wrapped)).op(Op::PutRow { row: row.clone(), expect: 0 });
    set.ops.extend(tokens.ops_from(&Tokens::default(), place.rid));
    Ok(Assembled { set, item, row, key })
}

/// Who answers for the values of one version.
pub(crate) fn origin_of(cx: &Context<'_>, version: u32, channel: Channel, source: u8) -> Origin16 {
    Origin16 {
        version,
        at: cx.now,
        who: cx.caller.principal.id16(),
        who_type: cx.caller.principal.type_code(),
        channel: channel as u8,
        source,
    }
}

/// Wraps a new domain's data key under the current generation of its bucket.
fn wrap(engine: &Engine, domain: Rid, key: &DataKey) -> Result<WrappedKey, Fault> {
    let bucket = bucket_of(domain);
    let keys = engine.keyring.keys();
    let (bucket_generation, secret) = keys.current_bucket(bucket)?;
    Ok(WrappedKey { domain, version: 1, bucket_generation, wrapped: key.wrap(secret)?.to_vec() })
}
