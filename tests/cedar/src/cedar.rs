//! The same decisions by Cedar, a policy engine of others: roles, holders and dossiers as its entities, each rule as one
//! of its policies.

use crate::tests::random::{Given, given, own};
use crate::*;
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use dossier_model::Level;
use dossier_model::kind::Kinds;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// An entity as Cedar names it.
fn uid(kind: &str, id: &str) -> EntityUid {
    format!("{kind}::{id:?}").parse().unwrap()
}

/// The condition under which a role's rules hold, in Cedar's language.
fn condition(rules: &RoleRules) -> String {
    let mut when = String::from("true");
    let mut list = |attribute: &str, numbers: &[u32]| {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let _ = write!(when, " && [{}].contains(resource.{attribute})", numbers.join(", "));
    };
    if let TeamRule::These(teams) = &rules.rows.teams {
        list("team", teams);
    }
    let lists =
        [("region", &rules.rows.regions), ("industry", &rules.rows.industries), ("band", &rules.rows.bands)];
    for (attribute, numbers) in lists {
        if let Some(numbers) = numbers {
            list(attribute, numbers);
        }
    }
    if let Some(dossiers) = &rules.rows.dossiers {
        let numbers: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
        let _ = write!(when, " && [{}].contains(resource.dossier)", numbers.join(", "));
    }
    when += match rules.rows.teams {
        TeamRule::Own => " && resource.team == principal.team",
        TeamRule::OwnAndBelow => " && principal.own_and_below.contains(resource.team)",
        TeamRule::All | TeamRule::These(_) => "",
    };
    if rules.rows.own {
        when += " && resource.owner == principal.number";
    }
    if let Some((begin, end)) = rules.hours.as_ref().and_then(|hours| hours.minutes) {
        let join = if begin <= end { "&&" } else { "||" };
        let _ = write!(when, " && (context.minute >= {begin} {join} context.minute < {end})");
    }
    when
}

/// What each level of knowledge of a field is called as an action.
fn field_action(what: &str, field: u16, level: Level) -> String {
    format!("Action::\"{what} {field} {}\"", level.as_str())
}

fn policies(all: &[RoleRules]) -> String {
    let mut text = String::new();
    for (number, rules) in all.iter().enumerate() {
        let mut actions: Vec<String> =
            rules.actions.iter().map(|action| format!("Action::{:?}", action.name())).collect();
        for (field, rule) in rules.fields.get(&Kinds::customer().id.0).into_iter().flatten() {
            let declared = Kinds::customer().fields.iter().find(|one| one.number == *field);
            for level in Level::ALL.iter().copied().filter(|level| *level <= rules.see_to) {
                if declared.is_none_or(|one| !one.enabled) {
                    continue;
                }
                actions.push(field_action("see", *field, level));
                if *rule == FieldRule::Clear && level <= rules.clear_to {
                    actions.push(field_action("clear", *field, level));
                } else if *rule != FieldRule::Masked && rules.open_to.is_some_and(|most| level <= most) {
                    actions.push(field_action("open", *field, level));
                }
            }
        }
        if !actions.is_empty() {
            let _ = writeln!(
                text,
                "permit(principal in Role::\"{number}\", action in [{}], resource) when {{ {} }};",
                actions.join(", "),
                condition(rules)
            );
        }
    }
    text
}

/// Roles that take over from others are members of them: whoever is in the one is in the other.
fn entities(given: &Given, holder: &Holder<'_>) -> Json {
    let role = |number: usize| json!({ "type": "Role", "id": number.to_string() });
    let number_of = |id: &RoleId| (0..given.all.len()).find(|number| own(*number as u8) == *id);
    let mut entities: Vec<Json> = given
        .all
        .iter()
        .enumerate()
        .map(|(number, rules)| {
            // Who is in a role out of its hours is in nothing above it.
            let holds = rules.hours.as_ref().is_none_or(|hours| hours.hold(holder.at));
            let inherits = rules.inherits.iter().filter(|_| holds);
            let parents: Vec<Json> = inherits.filter_map(number_of).map(role).collect();
            json!({ "uid": role(number), "attrs": {}, "parents": parents })
        })
        .collect();
    let below: Vec<u32> = holder.below.iter().copied().chain([holder.team]).collect();
    entities.push(json!({
        "uid": { "type": "User", "id": "holder" },
        "attrs": { "team": holder.team, "own_and_below": below, "number": holder.number },
        "parents": given.given.iter().map(|number| role(usize::from(*number))).collect::<Vec<_>>(),
    }));
    for (at, place) in given.places.iter().enumerate() {
        entities.push(json!({
            "uid": { "type": "Dossier", "id": at.to_string() },
            "attrs": { "team": place.team, "region": place.region, "industry": place.industry, "band": place.band,
                "owner": place.owner, "dossier": place.dossier },
            "parents": [],
        }));
    }
    Json::Array(entities)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn cedar_decides_the_same(given in given()) {
        let roles = given.compile();
        let ids = given.ids();
        let holder = given.holder(&ids);
        let view = roles.view(&holder, Kinds::customer());
        let policies: PolicySet = policies(&given.all).parse().unwrap();
        let entities = Entities::from_json_value(entities(&given, &holder), None).unwrap();
        let context = json!({ "minute": holder.at.minute });
        let authorizer = Authorizer::new();
        for (at, place) in given.places.iter().enumerate() {
            let allowed = |action: &str| {
                let context = Context::from_json_value(context.clone(), None).unwrap();
                let (who, what) = (uid("User", "holder"), uid("Dossier", &at.to_string()));
                let request = Request::new(who, action.parse().unwrap(), what, context, None).unwrap();
                authorizer.is_authorized(&request, &policies, &entities).decision() == Decision::Allow
            };
            let reach = view.at(place);
            for action in Action::ALL {
                prop_assert_eq!(reach.may(*action), allowed(&format!("Action::{:?}", action.name())));
            }
            for field in (1..=27).step_by(3) {
                for level in Level::ALL {
                    let form = if allowed(&field_action("clear", field, *level)) {
                        Form::Clear
                    } else if allowed(&field_action("see", field, *level)) {
                        Form::Masked
                    } else {
                        Form::Hidden
                    };
                    prop_assert_eq!(reach.form(field, *level), form);
                    let opens = form == Form::Masked
                        && allowed("Action::\"reveal\"")
                        && allowed(&field_action("open", field, *level));
                    prop_assert_eq!(reach.may_reveal(field, *level), opens);
                }
            }
        }
    }
}
