//! What is explained is what is decided, and what is said to change it does.

use super::random::{Given, given, own};
use super::{AT, built_in, holder, kinds};
use crate::*;
use dossier_model::Level;
use dossier_model::kind::Kinds;
use proptest::prelude::*;

/// What a view says, in the words of its page.
fn seen(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>) -> Verdict {
    let view = roles.view(holder, target.kind);
    let reach = view.at(&target.place);
    if !reach.may(Action::Read) {
        return Verdict::Absent;
    }
    match reach.form(target.field, target.level) {
        Form::Hidden => Verdict::Hidden,
        Form::Clear => Verdict::Clear,
        Form::Masked if reach.may_reveal(target.field, target.level) => Verdict::Openable,
        Form::Masked => Verdict::Masked,
    }
}

fn target(place: Place, field: u16, level: Level) -> Target<'static> {
    Target { kind: Kinds::customer(), place, field, level }
}

/// Does what a change says, from the beginning.
fn after(given: &Given, change: &Change, target: &Target<'_>) -> Verdict {
    let (mut all, mut ids, mut target) = (given.all.clone(), given.ids(), *target);
    let (mut team, mut at) = (1, AT);
    match change {
        Change::Wait(moment) => at = *moment,
        Change::Give(role) => ids.push(*role),
        Change::Take(role) => ids.retain(|id| id != role),
        Change::Team => team = target.place.team,
        Change::Owner => target.place.owner = 1,
        Change::Rule(role, change) => {
            let rules = &mut all[(0..8).position(|number| own(number) == *role).unwrap()];
            *rules = change.apply(rules, &target).unwrap();
        }
    }
    let roles = Roles::compile((0..8).map(own).zip(&all), &kinds()).unwrap();
    seen(&roles, &Holder { roles: &ids, team, below: &[2], number: 1, at }, &target)
}

proptest! {
    #[test]
    fn an_explanation_is_the_decision(given in given(), level in 1_u8..=4) {
        let (roles, ids) = (given.compile(), given.ids());
        let holder = given.holder(&ids);
        let level = Level::from_u8(level).unwrap();
        for place in &given.places {
            for field in (1..=40).chain([900]) {
                let target = target(*place, field, level);
                let explained = explain(&roles, &holder, &target);
                prop_assert_eq!(explained.verdict, seen(&roles, &holder, &target));
                // Each role that somebody has is told once, and one link of one of them decides.
                let told: Vec<RoleId> = explained.ways.iter().map(|way| way.role).collect();
                prop_assert_eq!(told.len(), roles.held(&ids).len());
                let deciding = explained.ways.iter().filter(|way| way.decides).count();
                prop_assert_eq!(deciding, usize::from(!told.is_empty()));
                let links = explained.ways.iter().flat_map(|way| &way.links);
                prop_assert_eq!(links.filter(|link| link.decides).count(), deciding);
                let of = |way: &Way| way.links.iter().any(|link| link.decides) == way.decides;
                prop_assert!(explained.ways.iter().all(of));
            }
        }
    }

    #[test]
    fn the_links_of_all_roles_together_are_the_verdict(given in given(), level in 1_u8..=4) {
        let (roles, ids) = (given.compile(), given.ids());
        let holder = given.holder(&ids);
        for place in &given.places {
            for field in 1..=40 {
                let target = target(*place, field, Level::from_u8(level).unwrap());
                let explained = explain(&roles, &holder, &target);
                let passes = |way: &Way, step: &dyn Fn(Step) -> bool| {
                    way.links.iter().filter(|link| step(link.step)).all(|link| link.passes)
                };
                let counting: Vec<&Way> = explained
                    .ways
                    .iter()
                    .filter(|way| passes(way, &|step| matches!(step, Step::Hours | Step::Rows(_))))
                    .collect();
                let any = |step: &dyn Fn(Step) -> bool| counting.iter().any(|way| passes(way, step));
                let reads = any(&|step| step == Step::Action(Action::Read));
                let shows = any(&|step| matches!(step, Step::Field(_) | Step::SeeTo(_)));
                let clear = counting.iter().any(|way| {
                    way.links.iter().any(|link| link.step == Step::Field(Some(FieldRule::Clear)))
                        && passes(way, &|step| matches!(step, Step::SeeTo(_) | Step::ClearTo(_)))
                });
                prop_assert_eq!(explained.verdict == Verdict::Absent, !reads);
                prop_assert_eq!(explained.verdict == Verdict::Hidden, reads && !shows);
                prop_assert_eq!(explained.verdict == Verdict::Clear, reads && clear);
            }
        }
    }

    #[test]
    fn what_is_said_to_change_it_does(given in given(), level in 1_u8..=4) {
        let (roles, ids) = (given.compile(), given.ids());
        let holder = given.holder(&ids);
        for field in [1, 7, 19, 33, 900] {
            let target = target(given.places[0], field, Level::from_u8(level).unwrap());
            let now = seen(&roles, &holder, &target);
            for (change, verdict) in changes(&roles, &holder, &target) {
                if matches!(change, Change::Give(RoleId::Fixed(_))) {
                    continue;
                }
                prop_assert_ne!(verdict, now, "{:?}", change);
                prop_assert_eq!(after(&given, &change, &target), verdict, "{:?}", change);
            }
        }
    }
}

#[test]
fn a_finance_field_is_hidden_from_sellers_and_another_role_or_the_right_team_changes_that() {
    let roles = built_in();
    let kind = Kinds::customer();
    let limit = kind.by_name("credit_limit").unwrap();
    let place = Place { team: 7, ..Place::default() };
    let target = Target { kind, place, field: limit.number, level: limit.level };
    let cde = [RoleId::Fixed(Role::Cde)];
    let explained = explain(&roles, &holder(&cde), &target);
    assert_eq!(explained.verdict, Verdict::Hidden);
    let deciding = explained.ways[0].links.iter().find(|link| link.decides).unwrap();
    assert_eq!((deciding.step, deciding.passes), (Step::Field(None), false));
    let found = changes(&roles, &holder(&cde), &target);
    assert!(found.contains(&(Change::Give(RoleId::Fixed(Role::Cdo)), Verdict::Openable)), "{found:?}");
    assert!(!found.iter().any(|(change, _)| *change == Change::Team));
    // In another team the record is missing, and the team is what stands in the way.
    let elsewhere = Target { place: Place { team: 9, ..place }, ..target };
    let cdu = [RoleId::Fixed(Role::Cdu)];
    let explained = explain(&roles, &holder(&cdu), &elsewhere);
    assert_eq!(explained.verdict, Verdict::Absent);
    let deciding = explained.ways[0].links.iter().find(|link| link.decides).unwrap();
    assert_eq!(deciding.step, Step::Rows(Some(Condition::Team)));
    let moved = changes(&roles, &holder(&cdu), &elsewhere);
    assert!(moved.iter().any(|(change, verdict)| *change == Change::Team && *verdict > Verdict::Absent));
}

#[test]
fn out_of_hours_the_next_hour_is_named() {
    let night = Hours { minutes: Some((510, 1080)), weekdays: Some(vec![0, 1, 2, 3, 4]), ..Hours::default() };
    let rules = RoleRules { hours: Some(night), ..Role::Cdu.rules(kinds()) };
    let roles = Roles::compile([(own(1), &rules)], &kinds()).unwrap();
    let target = target(Place { team: 7, ..Place::default() }, 1, Level::L1);
    // On a Friday evening: the Monday after it.
    let friday = Moment { day: dossier_model::time::Day(AT.day.0 + 4), weekday: 4, minute: 1200 };
    let ids = [own(1)];
    let asked = Holder { at: friday, ..holder(&ids) };
    let explained = explain(&roles, &asked, &target);
    assert_eq!(explained.verdict, Verdict::Absent);
    assert!(explained.ways[0].links[0].decides && explained.ways[0].links[0].step == Step::Hours);
    let monday = Moment { day: dossier_model::time::Day(AT.day.0 + 7), weekday: 0, minute: 510 };
    assert_eq!(changes(&roles, &asked, &target)[0], (Change::Wait(monday), Verdict::Clear));
}
