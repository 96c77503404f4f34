//! A flow by its names, as people write and read it.

use super::flows::GATED;
use crate::context::Context;
use dossier_approvals::{Apart, Command, Flow, Move, Quorum, Step, Trigger, Where, Who, check};
use dossier_model::fault::{Fault, Label};
use dossier_model::kind::Kind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A flow, everything by its name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowForm {
    /// What people call it, in both languages.
    pub name: Label,
    /// Whether it applies at all.
    pub enabled: bool,
    /// When it applies.
    pub when: WhenForm,
    /// Who has to agree, one step after the other.
    pub steps: Vec<StepForm>,
    /// Who has to be different persons: `each`, `asker`, `nobody`.
    #[serde(default)]
    pub apart: Apart,
    /// For how many minutes a request waits to be approved.
    pub approve_within: u32,
    /// For how many minutes after that it may be carried out.
    pub execute_within: u32,
    /// Whether it may be approved together with others of its kind.
    #[serde(default)]
    pub bulk: bool,
}

/// When a flow applies: one of the commands, of the kind, one of the fields or moves where any are named, and the condition.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenForm {
    /// `change` and so on.
    pub commands: Vec<Command>,
    /// Name of the kind; any where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Names of fields of that kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Moves of the dossier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// A condition in CEL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// A step of a flow.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    /// Who is asked.
    pub who: WhoForm,
    /// How many of them have to agree: `any`, `all`, `{"at_least": 2}`.
    #[serde(default)]
    pub quorum: Quorum,
    /// Asked in so many of a hundred requests only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<u8>,
    /// How many minutes they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many minutes before that they are reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<u32>,
    /// Who is asked as well after that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<WhoForm>,
    /// Whether they have to decide themselves.
    #[serde(default)]
    pub in_person: bool,
}

/// Who is asked: `"manager"`, `{"role": {"role": "CDO", "of": "anywhere"}}`, `{"people": ["…"]}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WhoForm {
    /// The asker's line manager.
    Manager,
    /// Whoever has a role.
    Role {
        /// Its name or id.
        role: String,
        /// `askers_team`, `askers_department`, `dossiers_team`, `dossiers_department`, `anywhere`.
        of: Where,
    },
    /// These people, by name or id.
    People(Vec<String>),
}

impl FlowForm {
    /// Reads a flow from its members.
    ///
    /// # Errors
    /// `flow_unreadable` at the member that is not as it has to be.
    pub fn read(members: Map<String, Json>) -> Result<FlowForm, Fault> {
        if let Ok(form) = serde_json::from_value(Json::Object(members.clone())) {
            return Ok(form);
        }
        // Which of them it is: the others are right by themselves.
        let readable = |name: &str, value: &Json| {
            fn is<T: serde::de::DeserializeOwned>(value: &Json) -> bool {
                serde_json::from_value::<T>(value.clone()).is_ok()
            }
            match name {
                "name" => is::<Label>(value),
                "enabled" | "bulk" => is::<bool>(value),
                "when" => is::<WhenForm>(value),
                "steps" => is::<Vec<StepForm>>(value),
                "apart" => is::<Apart>(value),
                "approve_within" | "execute_within" => is::<u32>(value),
                _ => false,
            }
        };
        const NEEDED: [&str; 6] = ["name", "enabled", "when", "steps", "approve_within", "execute_within"];
        let spoilt =
            members.iter().find(|(name, value)| !readable(name, value)).map(|(name, _)| name.as_str());
        let known = |name: &&str| NEEDED.contains(name) || ["apart", "bulk"].contains(name);
        let missing = || NEEDED.into_iter().find(|name| !members.contains_key(*name));
        Err(match (spoilt, missing()) {
            (Some(name), _) if known(&name) => Fault::new("flow_unreadable").field(name),
            (Some(_), _) => Fault::new("flow_member_unknown"),
            (None, Some(name)) => Fault::new("required").field(name),
            (None, None) => Fault::new("flow_unreadable"),
        })
    }
}

/// The flow of a form, checked.
///
/// # Errors
/// `flow_kind`, `flow_field`, `role_unknown`, `user_not_found` at their places; those of [`check`].
pub(super) fn flow_of(cx: &Context<'_>, form: &FlowForm) -> Result<Flow, Fault> {
    let flow = Flow {
        name: Label { zh: form.name.zh.trim().to_owned(), en: form.name.en.trim().to_owned() },
        enabled: form.enabled,
        when: trigger_of(cx, &form.when)?,
        steps: form
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| step_of(cx, at, step))
            .collect::<Result<_, _>>()?,
        apart: form.apart,
        approve_within: form.approve_within,
        execute_within: form.execute_within,
        bulk: form.bulk,
    };
    if !flow.when.commands.iter().all(|command| GATED.contains(command)) {
        return Err(Fault::new("flow_not_gated").field("when.commands"));
    }
    check(&flow, cx.engine.kinds, &cx.snapshot.roles, &cx.organisation())?;
    Ok(flow)
}

fn trigger_of(cx: &Context<'_>, form: &WhenForm) -> Result<Trigger, Fault> {
    let kinds = cx.engine.kinds;
    let kind = match &form.kind {
        Some(name) => Some(kinds.by_name(name).ok_or_else(|| Fault::new("flow_kind").field("when.kind"))?),
        None => None,
    };
    let field = |name: &String| {
        let field = kind.and_then(|kind: &Kind| kind.by_name(name));
        field.map(|field| field.number).ok_or_else(|| Fault::new("unknown_field").field("when.fields"))
    };
    Ok(Trigger {
        commands: form.commands.iter().copied().collect(),
        kind: kind.map(|kind| kind.id),
        fields: form.fields.iter().map(field).collect::<Result<_, _>>()?,
        moves: form.moves.iter().copied().collect(),
        condition: form.condition.clone().filter(|text| !text.trim().is_empty()),
    })
}

fn step_of(cx: &Context<'_>, at: usize, form: &StepForm) -> Result<Step, Fault> {
    let who = |form: &WhoForm, place: String| who_of(cx, form).map_err(|fault| fault.field(place));
    let then = form.then.iter().enumerate();
    Ok(Step {
        who: who(&form.who, format!("steps.{at}.who"))?,
        quorum: form.quorum,
        spot: form.spot,
        limit: form.limit,
        remind: form.remind,
        then: then
            .map(|(place, one)| who(one, format!("steps.{at}.then.{place}")))
            .collect::<Result<_, _>>()?,
        in_person: form.in_person,
    })
}

fn who_of(cx: &Context<'_>, form: &WhoForm) -> Result<Who, Fault> {
    Ok(match form {
        WhoForm::Manager => Who::Manager,
        WhoForm::Role { role, of } => {
            let role = cx.snapshot.role(role).ok_or_else(|| Fault::new("role_unknown"))?;
            Who::Role { role, of: *of }
        }
        WhoForm::People(people) => {
            let person = |text: &String| {
                cx.snapshot.user(text).map(|(id, _)| id).ok_or_else(|| Fault::new("user_not_found"))
            };
            Who::People(people.iter().map(person).collect::<Result<_, _>>()?)
        }
    })
}

/// A flow as people read it.
pub(super) fn form_of(cx: &Context<'_>, flow: &Flow) -> FlowForm {
    let kind = flow.when.kind.and_then(|kind| cx.engine.kinds.get(kind));
    let field = |number: &u16| Some(kind?.field(*number)?.name.clone());
    let who = |who: &Who| match who {
        Who::Manager => WhoForm::Manager,
        Who::Role { role, of } => WhoForm::Role { role: cx.snapshot.role_name(*role), of: *of },
        Who::People(people) => WhoForm::People(people.iter().map(|id| cx.snapshot.who(1, *id)).collect()),
    };
    let step = |step: &Step| StepForm {
        who: who(&step.who),
        quorum: step.quorum,
        spot: step.spot,
        limit: step.limit,
        remind: step.remind,
        then: step.then.iter().map(who).collect(),
        in_person: step.in_person,
    };
    FlowForm {
        name: flow.name.clone(),
        enabled: flow.enabled,
        when: WhenForm {
            commands: flow.when.commands.iter().copied().collect(),
            kind: kind.map(|kind| kind.name.clone()),
            fields: flow.when.fields.iter().filter_map(field).collect(),
            moves: flow.when.moves.iter().copied().collect(),
            condition: flow.when.condition.clone(),
        },
        steps: flow.steps.iter().map(step).collect(),
        apart: flow.apart,
        approve_within: flow.approve_within,
        execute_within: flow.execute_within,
        bulk: flow.bulk,
    }
}
