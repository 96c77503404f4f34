//! How long a decision takes: 200 roles over 20 kinds of 60 fields each, beside Cedar in the same run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on fails")]

use cedar_policy::{Authorizer, Context, Entities, PolicySet, Request};
use dossier_access::{
    Action, Actions, FieldRule, Holder, Moment, Place, RoleId, RoleRules, Roles, RowRule, TeamRule,
};
use dossier_model::Level;
use dossier_model::id::Uid;
use dossier_model::kind::{Field, Kind, KindId, Kinds};
use dossier_model::time::Day;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

const ROLES: u8 = 200;
const KINDS: u16 = 20;
const FIELDS: u16 = 60;

/// A kind of sixty fields, like the customer's.
fn kind(number: u16) -> Kind {
    let mut kind = Kinds::customer().clone();
    let like: Vec<Field> = kind.fields.clone();
    kind.id = KindId(number);
    kind.fields = like.iter().cycle().take(usize::from(FIELDS)).cloned().collect();
    for (at, field) in (1..).zip(&mut kind.fields) {
        field.number = at;
    }
    kind
}

/// Every role sees two fields of three, in teams of its own.
fn rules(role: u8) -> RoleRules {
    let rule =
        |number: u16| [FieldRule::Masked, FieldRule::Openable, FieldRule::Clear][usize::from(number % 3)];
    let seen = (1..=FIELDS).filter(|number| number % 3 != u16::from(role) % 3);
    let fields: BTreeMap<u16, FieldRule> = seen.map(|number| (number, rule(number))).collect();
    RoleRules {
        inherits: Vec::new(),
        actions: Actions::of(&[Action::Read, Action::Reveal]),
        rows: RowRule::teams(TeamRule::These(vec![u32::from(role % 10), 77])),
        see_to: Level::L4,
        clear_to: Level::L2,
        open_to: Some(Level::L3),
        fields: (1..=KINDS).map(|kind| (kind, fields.clone())).collect(),
        masks: BTreeMap::new(),
        hours: None,
    }
}

/// The shortest of many, in microseconds for one.
fn least(times: u32, mut run: impl FnMut()) -> f64 {
    let one = |run: &mut dyn FnMut()| {
        let started = Instant::now();
        for _ in 0..times {
            run();
        }
        started.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    (0..7).map(|_| one(&mut run)).fold(f64::INFINITY, f64::min)
}

fn main() {
    let kinds: Vec<Kind> = (1..=KINDS).map(kind).collect();
    let all: Vec<RoleRules> = (0..ROLES).map(rules).collect();
    let id = |role: u8| RoleId::Own(Uid([role; 16]));
    let kinds: Vec<&Kind> = kinds.iter().collect();
    let compile = || Roles::compile((0..ROLES).map(id).zip(&all), &kinds).unwrap();
    let roles = compile();
    println!(
        "roles put together, once an epoch            {:>10.1} µs",
        least(5, || drop(black_box(compile())))
    );
    let at = Moment { day: Day(20_787), weekday: 0, minute: 600 };
    for held in [1_u8, 5, ROLES] {
        let ids: Vec<RoleId> = (0..held).map(id).collect();
        let holder = Holder { roles: &ids, team: 1, below: &[2], number: 1, at };
        let views = || kinds.iter().map(|kind| roles.view(&holder, kind)).collect::<Vec<_>>();
        println!(
            "views of 20 kinds, of somebody with {held:>3} roles {:>10.1} µs",
            least(20, || drop(black_box(views())))
        );
        let view = roles.view(&holder, kinds[0]);
        let place = Place { team: 77, ..Place::default() };
        let decide = || {
            let reach = view.at(&place);
            (1..=FIELDS).map(|number| reach.form(number, Level::L2) as usize).sum::<usize>()
        };
        println!(
            "one record of 60 fields decided               {:>10.3} µs",
            least(2_000, || _ = black_box(decide()))
        );
    }
    let policies: PolicySet = (0..ROLES)
        .map(|role| {
            let fields = all[usize::from(role)].fields[&1].keys();
            let actions: Vec<String> = fields.map(|field| format!("Action::\"{field}\"")).collect();
            let actions = actions.join(", ");
            let teams = format!("[{}, 77]", role % 10);
            format!(
                "permit(principal in Role::\"{role}\", action in [{actions}], resource) when {{ {teams}.contains(resource.team) }};"
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
        .parse()
        .unwrap();
    let json = serde_json::json!([
        { "uid": { "type": "Role", "id": "0" }, "attrs": {}, "parents": [] },
        { "uid": { "type": "User", "id": "u" }, "attrs": {}, "parents": [{ "type": "Role", "id": "0" }] },
        { "uid": { "type": "Dossier", "id": "d" }, "attrs": { "team": 77 }, "parents": [] },
    ]);
    let entities = Entities::from_json_value(json, None).unwrap();
    let uid = |text: &str| text.parse().unwrap();
    let requests: Vec<Request> = (1..=FIELDS)
        .map(|field| {
            let action = uid(&format!("Action::\"{field}\""));
            Request::new(uid("User::\"u\""), action, uid("Dossier::\"d\""), Context::empty(), None).unwrap()
        })
        .collect();
    let authorizer = Authorizer::new();
    let ask =
        || requests.iter().map(|one| authorizer.is_authorized(one, &policies, &entities)).collect::<Vec<_>>();
    println!(
        "the same 60 fields asked of Cedar             {:>10.1} µs",
        least(3, || drop(black_box(ask())))
    );
}
