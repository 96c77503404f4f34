//! Flows of approvals as records.

use super::flow_form::{FlowForm, flow_of, form_of};
use super::{What, Writing, difference};
use crate::approval::{Asking, Carried, Gate, Work, drop_requests_of};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{FLOW, FlowBody, seal};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::{Action, Role, RoleId};
use dossier_approvals::{Bound, Command, Flow, FlowId, Keepers, defaults};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A flow as it is kept.
#[derive(Serialize)]
pub struct FlowKept {
    /// TypeID `flow_…`.
    pub id: String,
    /// Counts its changes.
    pub version: u32,
    /// The flow.
    #[serde(flatten)]
    pub form: FlowForm,
}

/// A change of the flows, as it was asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlowWork {
    /// A new one.
    Add(FlowForm),
    /// Another form of one.
    Change(Uid, FlowForm),
    /// One is taken away.
    Remove(Uid),
}

impl Engine {
    /// All flows, in the order of their names; none before approvals were begun.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn flows(&self, caller: &Caller) -> Result<Vec<FlowKept>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let kept = |(id, flow): (&Uid, &crate::policy::Versioned<FlowBody>)| {
                shown(cx, *id, flow.version, &flow.body.flow)
            };
            let mut flows: Vec<FlowKept> = cx.snapshot.own_flows.iter().map(kept).collect();
            flows.sort_by(|one, other| one.form.name.zh.cmp(&other.form.name.zh));
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), flows)
        })
    }

    /// Begins approvals: writes the flows that an installation begins with. From then on what meets one waits, and changes
    /// of flows wait for approval themselves.
    ///
    /// # Errors
    /// `flows_begun` where there are some; `cdo_required`, `action_not_allowed`.
    pub fn begin_flows(&self, caller: &Caller, alone: bool) -> Result<Vec<FlowKept>, Fault> {
        self.guarded(caller, Deed::FlowChange, |cx| {
            super::roles::keeper(cx)?;
            if cx.snapshot.flows.is_some() {
                return Err(Fault::new("flows_begun").into());
            }
            if !alone && !has_two(cx) {
                return Err(Fault::new("flows_need_two").into());
            }
            let keepers = if alone { Keepers::Single } else { Keepers::Two };
            let mut rows = Vec::new();
            let mut flows = Vec::new();
            for flow in defaults(keepers, self.kinds).into_iter().filter_map(gated) {
                let id = new_id(cx.now, &*self.entropy);
                flows.push(shown(cx, id, 1, &flow));
                let body = FlowBody { flow, removed: false, created: cx.now.0 };
                rows.push((FLOW, seal(&self.keyring, FLOW, id, 1, &body, &*self.entropy)?, 0));
            }
            let step = Some(if alone { "begun_alone" } else { "begun" });
            let said = What { step, ..What::default() };
            let written = cx.write_security_rows(cx.caller, Deed::FlowChange, said, rows, Vec::new())?;
            Ok(cx.committed(written, flows))
        })
    }

    /// Adds a flow.
    ///
    /// # Errors
    /// Those that name what is wrong with it; `cdo_required`, `action_not_allowed`; those of a request for approval.
    pub fn add_flow(&self, caller: &Caller, form: &FlowForm) -> Result<Carried<FlowKept>, Fault> {
        let work = FlowWork::Add(form.clone());
        self.flow_work(caller, &work, None)?.map(|kept| kept.ok_or_else(|| Fault::new("internal")))
    }

    /// Gives a flow another form. Requests that met it go on as they were asked.
    ///
    /// # Errors
    /// As [`Engine::add_flow`]; `not_found`, `version_conflict`; `flow_keeps_flows` where changes of flows would meet none.
    pub fn change_flow(
        &self,
        caller: &Caller,
        id: &str,
        expect: u32,
        form: &FlowForm,
    ) -> Result<Carried<FlowKept>, Fault> {
        let work = FlowWork::Change(flow_id(id)?, form.clone());
        self.flow_work(caller, &work, Some(expect))?.map(|kept| kept.ok_or_else(|| Fault::new("internal")))
    }

    /// Takes a flow away; requests that met it are dropped.
    ///
    /// # Errors
    /// As [`Engine::change_flow`].
    pub fn remove_flow(&self, caller: &Caller, id: &str) -> Result<Carried<()>, Fault> {
        let work = FlowWork::Remove(flow_id(id)?);
        self.flow_work(caller, &work, None)?.map(|_| Ok(()))
    }

    fn flow_work(
        &self,
        caller: &Caller,
        work: &FlowWork,
        expect: Option<u32>,
    ) -> Result<Carried<Option<FlowKept>>, Fault> {
        self.guarded(caller, Deed::FlowChange, |cx| write_flow(cx, work, expect))
    }
}

/// What comes to its gate so far. A flow for anything else would be agreed on and ask for nothing.
pub(super) const GATED: [Command; 7] = [
    Command::Change,
    Command::Erase,
    Command::Use,
    Command::RoleGive,
    Command::RoleChange,
    Command::FlowChange,
    Command::KeyChange,
];

/// A flow for what comes to its gate; none where nothing is left of it.
fn gated(mut flow: Flow) -> Option<Flow> {
    flow.when.commands.retain(|command| GATED.contains(command));
    (!flow.when.commands.is_empty()).then_some(flow)
}

/// Whether a CDO has somebody else to decide on what they ask for: another CDO, or a security auditor.
fn has_two(cx: &Context<'_>) -> bool {
    let people = cx.organisation().people;
    let count = |role| people.values().filter(|person| person.roles.contains(&RoleId::Fixed(role))).count();
    count(Role::Cdo) > 1 || count(Role::Cdo) == 1 && count(Role::Isa) > 0
}

fn flow_id(text: &str) -> Result<Uid, Fault> {
    FlowId::parse(text).map(|id| id.0).ok_or_else(|| Fault::new("not_found"))
}

fn shown(cx: &Context<'_>, id: Uid, version: u32, flow: &Flow) -> FlowKept {
    FlowKept { id: FlowId(id).to_string(), version, form: form_of(cx, flow) }
}

/// Carries a change of the flows out, or parks it.
pub(crate) fn write_flow(
    cx: &Context<'_>,
    work: &FlowWork,
    expect: Option<u32>,
) -> Result<Recorded<Carried<Option<FlowKept>>>, Stop> {
    super::roles::keeper(cx)?;
    if cx.snapshot.flows.is_none() {
        return Err(Fault::new("flows_not_begun").into());
    }
    let found = |id: &Uid| cx.snapshot.own_flows.get(id).ok_or_else(|| Fault::new("not_found"));
    let (id, before, form) = match work {
        FlowWork::Add(form) => (None, None, Some(form)),
        FlowWork::Change(id, form) => (Some(*id), Some(found(id)?), Some(form)),
        FlowWork::Remove(id) => (Some(*id), Some(found(id)?), None),
    };
    let version = before.map_or(0, |before| before.version);
    if expect.is_some_and(|expect| expect != version) {
        return Err(Fault::new("version_conflict").with("version", version.to_string()).into());
    }
    let flow = form.map(|form| flow_of(cx, form)).transpose()?;
    check_kept(cx, id, flow.as_ref())?;
    let was = before.map(|before| form_of(cx, &before.body.flow));
    let is = flow.as_ref().map(|flow| form_of(cx, flow));
    let difference = difference(was.as_ref(), is.as_ref());
    let asking = Asking {
        records: id.and_then(|id| cx.bound_system(FLOW, id)).into_iter().collect(),
        ..Asking::of(Command::FlowChange, Work::Flow(Box::new(work.clone())), json!(flow), difference.clone())
    };
    let mut ops = match cx.gate(asking)? {
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let removed = flow.is_none();
    let Some(flow) = flow.or_else(|| before.map(|before| before.body.flow.clone())) else {
        return Err(Fault::new("internal").into());
    };
    if let Some(id) = id.filter(|_| removed || !flow.enabled) {
        ops.extend(drop_requests_of(cx, FlowId(id))?);
    }
    let id = id.unwrap_or_else(|| new_id(cx.now, &*cx.engine.entropy));
    let created = before.map_or(cx.now.0, |before| before.body.created);
    let body = FlowBody { flow, removed, created };
    let step = match work {
        FlowWork::Add(_) => "added",
        FlowWork::Change(..) => "changed",
        FlowWork::Remove(_) => "removed",
    };
    let committed = cx.write_security(Writing {
        deed: Deed::FlowChange,
        kind: FLOW,
        id,
        expect: version,
        body: &body,
        step: Some(step),
        difference: Some(difference),
        ops,
    })?;
    let kept = (!removed).then(|| shown(cx, id, version + 1, &body.flow));
    Ok(cx.committed(committed, Carried::Done(kept)))
}

/// Changes of flows have to meet a flow afterwards too: else nobody could ever change one again.
fn check_kept(cx: &Context<'_>, id: Option<Uid>, flow: Option<&Flow>) -> Result<(), Fault> {
    let keeps = |flow: &Flow| {
        let when = &flow.when;
        flow.enabled && when.condition.is_none() && when.commands.contains(&Command::FlowChange)
    };
    let others = cx.snapshot.own_flows.iter().filter(|(of, _)| Some(**of) != id);
    if others.map(|(_, other)| &other.body.flow).chain(flow).any(keeps) {
        Ok(())
    } else {
        Err(Fault::new("flow_keeps_flows"))
    }
}

impl Context<'_> {
    /// What is bound of a security record: the hash of its row.
    pub(crate) fn bound_system(&self, kind: &str, id: Uid) -> Option<(Uid, Bound)> {
        let (version, hash) = self.snapshot.hash_of(kind, id)?;
        Some((id, Bound { version, fields: BTreeMap::from([(0, Some(hash))]), scope: None }))
    }
}
