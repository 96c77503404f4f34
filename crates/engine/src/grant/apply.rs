//! Applying for a right, and its beginning once others have agreed.

use super::{MOST_DAYS, MOST_DOSSIERS, MOST_HELD, PAUSE};
use crate::admin::{RoleForm, Writing, rules_of, user_bound};
use crate::approval::{Asking, Carried, Gate, Work};
use crate::caller::Principal;
use crate::context::{Context, Recorded, Stop, today};
use crate::ledger::entry::Deed;
use crate::policy::{GRANT, GrantBody, USER, UserBody};
use crate::query::{count_miss, locate};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Actions, Form, Hours, Role, RoleId, RoleRules, RowRule, TeamRule};
use dossier_approvals::{Command, Facts};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_model::time::Day;
use dossier_store::{Read, Row, RowQuery, STATE_ERASED};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What can be granted of what roles can give: looks at records and changes of them, never the guard itself.
const GRANTABLE: [Action; 9] = [
    Action::Read,
    Action::Change,
    Action::Reveal,
    Action::Copy,
    Action::Find,
    Action::History,
    Action::Export,
    Action::Print,
    Action::Share,
];
/// Roles that give one of these are given by those who keep them, and not applied for.
const KEPT: [Action; 5] =
    [Action::Delete, Action::ManageAccess, Action::ManageKeys, Action::ReadLedger, Action::Supervise];

/// What somebody applies for: a role, for good or for a time; or the use of data, for a time.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Application {
    /// What for: 2 to 200 characters.
    pub purpose: String,
    /// The last day, `YYYY-MM-DD`, at most the fifteenth from today; none for a role that is to last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// Name or id of a role; none for the use of data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The dossiers, by TypeID or customer code; where there are none, those that `teams`, `regions` and `industries` say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dossiers: Vec<String>,
    /// `own`, `own_and_below` or `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<String>,
    /// Provinces by their full names; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Industries, two digits; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// What is to be done beside reading: `reveal`, `find` and others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// `masked`, `openable` or `clear`, by `kind.field`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// The highest level that is needed; L3 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest: Option<String>,
}

/// What an application comes to, all names resolved.
enum Meant {
    /// The role itself, without an end.
    Lasting(RoleId),
    /// Rules with an end.
    Granted(Box<RoleRules>),
}

impl Engine {
    /// Applies for a right. It always waits for others; they see its purpose.
    ///
    /// # Errors
    /// `people_only`, `flows_not_begun`, `approval_flow_missing`; `grant_too_long`, `grant_stacked`, `grant_full`,
    /// `grant_held`, `grant_role`, and others that name what is wrong; those of a request for approval.
    pub fn apply(&self, caller: &Caller, ask: &Application) -> Result<Carried<()>, Fault> {
        self.guarded(caller, Deed::GrantBegin, |cx| apply(cx, ask))
    }
}

/// Parks an application, or, once it is approved, begins what was applied for.
pub(crate) fn apply(cx: &Context<'_>, ask: &Application) -> Result<Recorded<Carried<()>>, Stop> {
    let person = applicant(cx)?;
    if cx.snapshot.flows.is_none() {
        return Err(Fault::new("flows_not_begun").into());
    }
    let (version, user) = cx.user_version(person)?;
    let purpose = crate::query::purpose(&ask.purpose)?;
    let last = last_day(cx, ask)?;
    let (meant, facts) = meant(cx, ask, last, user)?;
    let meaning = match &meant {
        Meant::Lasting(role) => json!([person, role]),
        Meant::Granted(rules) => {
            check_held(cx, person, rules, last.unwrap_or(Day(0)))?;
            json!([person, rules])
        }
    };
    let asking = Asking {
        facts,
        records: [user_bound(person, user)].into(),
        remark: Some(purpose.clone()),
        ..Asking::of(Command::Use, Work::Apply(Box::new(ask.clone())), meaning, said(cx, ask, &meant))
    };
    let passed = match cx.gate(asking)? {
        // What nobody decides on is nobody's to have: where no flow is met, and where those met were not drawn.
        Gate::Go(_) if cx.caller.approved.is_none() => return Err(Fault::new("approval_flow_missing").into()),
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let asked = cx.caller.approved.as_ref().map_or(cx.now, |approved| approved.parked.asked());
    let committed = match meant {
        Meant::Lasting(role) => {
            let body = UserBody { roles: user.roles.iter().copied().chain([role]).collect(), ..user.clone() };
            let difference = format!("{} → {}", roles_said(cx, &user.roles), roles_said(cx, &body.roles));
            cx.write_security(Writing {
                deed: Deed::UserChange,
                kind: USER,
                id: person,
                expect: version,
                body: &body,
                step: Some("applied"),
                difference: Some(difference),
                ops: passed,
            })?
        }
        Meant::Granted(rules) => {
            let id = new_id(cx.now, &*cx.engine.entropy);
            let difference =
                Some(format!("{}\n{}", user.name, said(cx, ask, &Meant::Granted(rules.clone()))));
            let first = first_of(cx, person, &rules).unwrap_or(cx.now.0);
            let (asked, begun) = (asked.0, cx.now.0);
            let body = GrantBody { person, purpose, rules: *rules, asked, begun, first, ended: None };
            cx.write_security(Writing {
                deed: Deed::GrantBegin,
                kind: GRANT,
                id,
                expect: 0,
                body: &body,
                step: None,
                difference,
                ops: passed,
            })?
        }
    };
    Ok(cx.committed(committed, Carried::Done(())))
}

/// Whoever applies: a person who is signed in, or in whose name what was approved is carried out.
fn applicant(cx: &Context<'_>) -> Result<Uid, Fault> {
    match &cx.caller.principal {
        Principal::User(id) if cx.caller.approved.is_some() => Ok(*id),
        _ => cx.sitting().map(|(id, _)| id),
    }
}

/// The last day, from today on, and no further off than it may be.
fn last_day(cx: &Context<'_>, ask: &Application) -> Result<Option<Day>, Fault> {
    let Some(text) = ask.last_day.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return if ask.role.is_some() { Ok(None) } else { Err(Fault::new("required").field("last_day")) };
    };
    let wrong = || Fault::new("choice_unknown").field("last_day").with("options", "YYYY-MM-DD");
    let day = Day::parse(text).ok_or_else(wrong)?;
    let (first, last) = (today(cx.now), today(cx.now).plus(MOST_DAYS - 1));
    if day < first || day > last {
        let fault = Fault::new("grant_too_long").field("last_day");
        return Err(fault.with("days", MOST_DAYS.to_string()).with("last", last.to_string()));
    }
    Ok(Some(day))
}

fn meant<'k>(
    cx: &Context<'k>,
    ask: &Application,
    last: Option<Day>,
    user: &UserBody,
) -> Result<(Meant, Facts<'k>), Stop> {
    let hours = last.map(|day| Hours { to: Some(day), ..Hours::default() });
    if let Some(text) = &ask.role {
        let only_role = Application {
            purpose: ask.purpose.clone(),
            last_day: ask.last_day.clone(),
            role: ask.role.clone(),
            ..Application::default()
        };
        if *ask != only_role {
            return Err(Fault::new("grant_role_alone").field("role").into());
        }
        let role = cx.snapshot.role(text).ok_or_else(|| Fault::new("role_unknown").field("role"))?;
        if is_kept(cx, role) {
            return Err(Fault::new("grant_role").field("role").into());
        }
        if cx.snapshot.roles.held(&user.roles).contains(&role) {
            return Err(Fault::new("grant_held").field("role").into());
        }
        let command = if last.is_some() { Command::Use } else { Command::RoleGive };
        // What a role shows is not known by level here.
        let facts = Facts { highest: Level::L4, ..Facts::of(command, None) };
        let nothing = RowRule::teams(TeamRule::These(Vec::new()));
        let meant = match hours {
            None => Meant::Lasting(role),
            Some(_) => Meant::Granted(Box::new(RoleRules {
                inherits: vec![role],
                actions: Actions::NONE,
                rows: nothing,
                see_to: Level::L1,
                clear_to: Level::L1,
                open_to: None,
                fields: BTreeMap::new(),
                masks: BTreeMap::new(),
                hours,
            })),
        };
        return Ok((meant, facts));
    }
    let rules = RoleRules { hours, ..use_rules(cx, ask)? };
    let facts = facts(cx, &rules)?;
    Ok((Meant::Granted(Box::new(rules)), facts))
}

/// The rules of a use of data: what roles may say, of fields that the applicant knows of.
fn use_rules(cx: &Context<'_>, ask: &Application) -> Result<RoleRules, Stop> {
    let options = |member: &str, all: &[&str]| {
        Fault::new("choice_unknown").field(member).with("options", all.join("、"))
    };
    if ask.fields.is_empty() {
        return Err(Fault::new("required").field("fields").into());
    }
    let names = GRANTABLE.map(Action::name);
    if !ask.actions.iter().all(|action| names.contains(&action.as_str())) {
        return Err(options("actions", &names).into());
    }
    let named = !ask.dossiers.is_empty();
    if named && (ask.teams.is_some() || !ask.regions.is_empty() || !ask.industries.is_empty()) {
        return Err(Fault::new("grant_scope").field("dossiers").into());
    }
    let teams = match (named, ask.teams.as_deref()) {
        (true, _) => "all",
        (false, None) => return Err(Fault::new("required").field("dossiers").into()),
        (false, Some(teams)) if ["own", "own_and_below", "all"].contains(&teams) => teams,
        (false, Some(_)) => return Err(options("teams", &["own", "own_and_below", "all"]).into()),
    };
    let highest = ask.highest.clone().unwrap_or_else(|| Level::L3.as_str().to_owned());
    let form = RoleForm {
        actions: ask.actions.iter().cloned().chain([Action::Read.name().to_owned()]).collect(),
        teams: teams.to_owned(),
        regions: ask.regions.clone(),
        industries: ask.industries.clone(),
        see_to: highest.clone(),
        clear_to: highest.clone(),
        open_to: Some(highest),
        fields: ask.fields.clone(),
        ..RoleForm::default()
    };
    check_known(cx, &form)?;
    let mut rules = rules_of(cx, &form).map_err(|fault| match fault.field.as_deref() {
        Some("see_to") => fault.field("highest"),
        _ => fault,
    })?;
    if named {
        rules.rows.dossiers = Some(dossiers(cx, &ask.dossiers)?);
    }
    Ok(rules)
}

/// Refuses fields that are hidden from the applicant everywhere: nobody learns by applying what there is.
fn check_known(cx: &Context<'_>, form: &RoleForm) -> Result<(), Fault> {
    let unknown = || Fault::new("unknown_field").field("fields");
    for path in form.fields.keys() {
        let (kind, field) = path.split_once('.').ok_or_else(unknown)?;
        let (view, kind) = cx.view(kind).map_err(|_| unknown())?;
        let field = kind.by_name(field).filter(|field| field.enabled).ok_or_else(unknown)?;
        let reach = view.anywhere();
        if Level::ALL.iter().all(|level| reach.form(field.number, *level) == Form::Hidden) {
            return Err(unknown());
        }
    }
    Ok(())
}

/// The numbers of dossiers by their ids or codes. To name what one does not see counts as looking up, so that nobody learns
/// by applying which codes there are.
fn dossiers(cx: &Context<'_>, texts: &[String]) -> Result<Vec<i64>, Stop> {
    if texts.len() > MOST_DOSSIERS {
        let fault = Fault::new("too_many_rows").field("dossiers");
        return Err(fault.with("max", MOST_DOSSIERS.to_string()).into());
    }
    let texts: BTreeSet<&str> = texts.iter().map(|text| text.trim()).collect();
    let read = cx.read()?;
    let rows = texts.iter().map(|text| row_of(cx, &*read, text)).collect::<Result<Vec<_>, _>>()?;
    drop(read);
    let (view, _) = cx.view_of(KindId::CUSTOMER)?;
    let unseen = rows.iter().any(|row| row.as_ref().is_none_or(|row| !view.reads(&row.place())));
    // What is carried out was counted when it was asked for.
    if unseen && cx.caller.approved.is_none() {
        count_miss(cx)?;
    }
    let numbers: Option<BTreeSet<i64>> = rows.iter().map(|row| row.as_ref().map(|row| row.rid.0)).collect();
    let numbers = numbers.ok_or_else(|| Fault::new("grant_dossiers").field("dossiers"))?;
    Ok(numbers.into_iter().collect())
}

/// The dossier of an id or a code, whoever reaches it.
fn row_of(cx: &Context<'_>, read: &dyn Read, text: &str) -> Result<Option<Row>, Fault> {
    let kind = cx.engine.kinds.get(KindId::CUSTOMER).ok_or_else(|| Fault::new("internal"))?;
    let Some(by) = locate(kind, text) else { return Ok(None) };
    Ok(read.row(TENANT, &by)?.filter(|row| row.kind == kind.id && row.state != STATE_ERASED))
}

/// The numbers of the dossiers that an application names and that are still there.
pub(crate) fn named_in(cx: &Context<'_>, read: &dyn Read, texts: &[String]) -> Result<Vec<i64>, Fault> {
    let rows = texts.iter().filter_map(|text| row_of(cx, read, text.trim()).transpose());
    rows.map(|row| Ok(row?.rid.0)).collect()
}

/// What flows ask for: the one kind whose fields are meant, where it is one; how many dossiers are in reach.
fn facts<'k>(cx: &Context<'k>, rules: &RoleRules) -> Result<Facts<'k>, Stop> {
    let mut kinds = rules.fields.iter();
    let one = match (kinds.next(), kinds.next()) {
        (Some((kind, fields)), None) => {
            cx.engine.kinds.get(KindId(*kind)).map(|kind| (kind, fields.keys().copied().collect()))
        }
        _ => None,
    };
    let (kind, fields) = one.unzip();
    let all = RowQuery { reach: Some(vec![cx.scope_of(&rules.rows)]), ..RowQuery::new(KindId::CUSTOMER) };
    let count = cx.read()?.count(TENANT, &all)?;
    let fields = fields.unwrap_or_default();
    Ok(Facts { fields, highest: rules.see_to, count, ..Facts::of(Command::Use, kind) })
}

/// Refuses what would be held longer than it may by one grant after the other, and too many at a time.
fn check_held(cx: &Context<'_>, person: Uid, rules: &RoleRules, last: Day) -> Result<(), Fault> {
    let now = today(cx.now);
    let own = || cx.snapshot.grants.values().map(|grant| &grant.body).filter(|grant| grant.person == person);
    let lives = |grant: &&GrantBody| grant.ended.is_none() && grant.last_day() >= now;
    if own().filter(lives).count() >= MOST_HELD {
        return Err(Fault::new("grant_full").with("most", MOST_HELD.to_string()));
    }
    let Some(first) = first_of(cx, person, rules) else { return Ok(()) };
    let most = day(first).plus(MOST_DAYS - 1);
    if last <= most {
        return Ok(());
    }
    let free = near(cx, person, rules).map(end).max().unwrap_or(now).plus(PAUSE + 1);
    let fault = Fault::new("grant_stacked").field("last_day");
    Err(fault
        .with("last", most.to_string())
        .with("free", free.to_string())
        .with("days", MOST_DAYS.to_string()))
}

/// The grants of a person that ended a short while ago at most and gave something of the same.
fn near<'c>(cx: &'c Context<'_>, person: Uid, rules: &'c RoleRules) -> impl Iterator<Item = &'c GrantBody> {
    let now = today(cx.now);
    let own =
        cx.snapshot.grants.values().map(|grant| &grant.body).filter(move |grant| grant.person == person);
    own.filter(move |grant| end(grant).plus(PAUSE) >= now && meets(cx, &grant.rules, rules))
}

/// When the first of a row of grants began that gave something of the same, each a short while after another at most.
fn first_of(cx: &Context<'_>, person: Uid, rules: &RoleRules) -> Option<i64> {
    near(cx, person, rules).map(|grant| if grant.first == 0 { grant.begun } else { grant.first }).min()
}

fn day(at: i64) -> Day {
    today(dossier_model::time::Micros(at))
}

fn end(grant: &GrantBody) -> Day {
    grant.ended.as_ref().map_or(grant.last_day(), |end| day(end.at))
}

/// Whether two give something of the same.
fn meets(cx: &Context<'_>, one: &RoleRules, other: &RoleRules) -> bool {
    if !one.inherits.is_empty() || !other.inherits.is_empty() {
        // A role is the same also where another one takes it over.
        let of = |all: &[RoleId], some: &[RoleId]| {
            let held = cx.snapshot.roles.held(all);
            some.iter().any(|role| held.contains(role))
        };
        return of(&one.inherits, &other.inherits) || of(&other.inherits, &one.inherits);
    }
    let apart = match (&one.rows.dossiers, &other.rows.dossiers) {
        (Some(one), Some(other)) => one.iter().all(|dossier| !other.contains(dossier)),
        _ => false,
    };
    let shared = |(kind, fields): (&u16, &BTreeMap<u16, _>)| {
        other.fields.get(kind).is_some_and(|others| fields.keys().any(|field| others.contains_key(field)))
    };
    !apart && one.fields.iter().any(shared)
}

fn roles_said(cx: &Context<'_>, roles: &[RoleId]) -> String {
    cx.snapshot.role_names(roles).join("、")
}

/// What is applied for, a line each, without its purpose and without saying which dossiers.
fn said(cx: &Context<'_>, ask: &Application, meant: &Meant) -> String {
    let shown = Application {
        purpose: String::new(),
        role: match meant {
            Meant::Lasting(role) => Some(cx.snapshot.role_name(*role)),
            Meant::Granted(rules) => rules.inherits.first().map(|role| cx.snapshot.role_name(*role)),
        },
        dossiers: Vec::new(),
        ..ask.clone()
    };
    let mut json = json!(shown);
    if let Some(members) = json.as_object_mut() {
        members.remove("purpose");
        if !ask.dossiers.is_empty() {
            members.insert("dossiers".to_owned(), json!(ask.dossiers.len()));
        }
    }
    crate::admin::difference(None, Some(&json))
}

/// The names of the roles that can be applied for.
pub(super) fn roles(cx: &Context<'_>) -> Vec<String> {
    let built_in = Role::ALL.into_iter().map(RoleId::Fixed);
    let all = built_in.chain(cx.snapshot.own_roles.keys().map(|id| RoleId::Own(*id)));
    all.filter(|role| !is_kept(cx, *role)).map(|role| cx.snapshot.role_name(role)).collect()
}

/// Whether a role is given by those who keep it, and not applied for.
fn is_kept(cx: &Context<'_>, role: RoleId) -> bool {
    let gives = cx.snapshot.roles.ever(&[role]);
    KEPT.iter().any(|action| gives.has(*action))
}
