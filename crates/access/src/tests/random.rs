//! Random roles, holders and dossiers: what is worked out at once is the same as asking each role alone.

use super::{AT, kinds};
use crate::*;
use dossier_model::Level;
use dossier_model::id::Uid;
use dossier_model::kind::Kinds;
use dossier_model::mask::{Keep, Mask};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) fn own(number: u8) -> RoleId {
    RoleId::Own(Uid([number; 16]))
}

fn level() -> impl Strategy<Value = Level> {
    (1_u8..=4).prop_map(|number| Level::from_u8(number).unwrap())
}

fn numbers() -> impl Strategy<Value = Option<Vec<u32>>> {
    prop_oneof![3 => Just(None), 1 => proptest::collection::vec(0_u32..4, 0..3).prop_map(Some)]
}

fn row_rule() -> impl Strategy<Value = RowRule> {
    let teams = prop_oneof![
        Just(TeamRule::All),
        Just(TeamRule::Own),
        Just(TeamRule::OwnAndBelow),
        proptest::collection::vec(0_u32..4, 0..3).prop_map(TeamRule::These),
    ];
    let named = prop_oneof![6 => Just(None), 1 => proptest::collection::vec(1_i64..5, 0..3).prop_map(Some)];
    (teams, numbers(), numbers(), numbers(), proptest::bool::weighted(0.2), named).prop_map(
        |(teams, regions, industries, bands, own, dossiers)| RowRule {
            teams,
            regions,
            industries,
            bands,
            own,
            dossiers,
        },
    )
}

fn field_rules() -> impl Strategy<Value = BTreeMap<u16, FieldRule>> {
    let numbers: Vec<u16> = Kinds::customer().fields.iter().map(|field| field.number).chain([900]).collect();
    let rule = prop_oneof![Just(FieldRule::Masked), Just(FieldRule::Openable), Just(FieldRule::Clear)];
    proptest::collection::btree_map(proptest::sample::select(numbers), rule, 0..12)
}

/// Masks for some of the fields: some that keep different ends, and two that show nothing.
fn masks() -> impl Strategy<Value = BTreeMap<u16, Mask>> {
    let keep = |first, last| Mask::Keep(Keep::new(first, last, 8).unwrap());
    let some = proptest::sample::select(vec![keep(0, 4), keep(3, 0), keep(0, 2), Mask::Hash, Mask::Full]);
    proptest::collection::btree_map(1_u16..=40, some, 0..6)
}

fn hours() -> impl Strategy<Value = Option<Hours>> {
    let some =
        (0_u16..1440, 0_u16..1440).prop_map(|minutes| Hours { minutes: Some(minutes), ..Hours::default() });
    prop_oneof![4 => Just(None), 1 => some.prop_map(Some)]
}

/// A role that takes over only from those of lower numbers, so that there is no circle.
fn rules(number: u8) -> impl Strategy<Value = RoleRules> {
    let above = proptest::collection::vec(0..=number, 0..2)
        .prop_map(move |all| all.into_iter().filter(|parent| *parent < number).map(own).collect::<Vec<_>>());
    let actions = proptest::collection::vec(proptest::sample::select(Action::ALL), 0..6);
    let levels = (level(), level(), proptest::option::of(level()));
    (above, actions, row_rule(), levels, field_rules(), masks(), hours()).prop_map(
        |(inherits, actions, rows, (see_to, clear_to, open_to), fields, masks, hours)| RoleRules {
            inherits,
            actions: Actions::of(&actions),
            rows,
            see_to,
            clear_to,
            open_to,
            fields: BTreeMap::from([(Kinds::customer().id.0, fields)]),
            masks: BTreeMap::from([(Kinds::customer().id.0, masks)]),
            hours,
        },
    )
}

fn all_roles() -> impl Strategy<Value = Vec<RoleRules>> {
    (0..8_u8).map(rules).collect::<Vec<_>>()
}

fn place() -> impl Strategy<Value = Place> {
    (0..4_u32, 0..4_u32, 0..4_u32, 0..4_u32, 0..3_u32, 1..5_i64).prop_map(
        |(team, region, industry, band, owner, dossier)| Place {
            team,
            region,
            industry,
            band,
            owner,
            dossier,
        },
    )
}

/// Roles, those of them that somebody was given, and dossiers.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub all: Vec<RoleRules>,
    pub given: Vec<u8>,
    pub places: Vec<Place>,
}

pub(crate) fn given() -> impl Strategy<Value = Given> {
    let given = proptest::collection::vec(0_u8..8, 0..4);
    (all_roles(), given, proptest::collection::vec(place(), 1..6)).prop_map(|(all, given, places)| Given {
        all,
        given,
        places,
    })
}

impl Given {
    pub fn compile(&self) -> Roles {
        Roles::compile((0..8).map(own).zip(&self.all), &kinds()).unwrap()
    }

    pub fn ids(&self) -> Vec<RoleId> {
        self.given.iter().map(|number| own(*number)).collect()
    }

    /// Whoever has them: of team 1, with team 2 below.
    pub fn holder<'a>(&self, ids: &'a [RoleId]) -> Holder<'a> {
        Holder { roles: ids, team: 1, below: &[2], number: 1, at: AT }
    }
}

/// What the page about roles says, role by role and field by field.
struct Plain<'a> {
    all: &'a [RoleRules],
    given: &'a [u8],
    at: Moment,
}

impl Plain<'_> {
    fn held(&self) -> Vec<&RoleRules> {
        let holds = |number: &u8| {
            let hours = &self.all[usize::from(*number)].hours;
            hours.as_ref().is_none_or(|hours| hours.hold(self.at))
        };
        let mut held: Vec<u8> = self.given.iter().copied().filter(holds).collect();
        for _ in 0..self.all.len() {
            for number in held.clone() {
                for parent in &self.all[usize::from(number)].inherits {
                    let parent = (0..8).find(|other| own(*other) == *parent).unwrap();
                    if holds(&parent) && !held.contains(&parent) {
                        held.push(parent);
                    }
                }
            }
        }
        held.sort_unstable();
        held.dedup();
        held.into_iter().map(|number| &self.all[usize::from(number)]).collect()
    }

    fn reaches(rules: &RoleRules, holder: &Holder<'_>, place: &Place) -> bool {
        let team = match &rules.rows.teams {
            TeamRule::All => true,
            TeamRule::Own => place.team == holder.team,
            TeamRule::OwnAndBelow => place.team == holder.team || holder.below.contains(&place.team),
            TeamRule::These(teams) => teams.contains(&place.team),
        };
        let in_list = |list: &Option<Vec<u32>>, one| list.as_ref().is_none_or(|list| list.contains(&one));
        team && in_list(&rules.rows.regions, place.region)
            && in_list(&rules.rows.industries, place.industry)
            && in_list(&rules.rows.bands, place.band)
            && (!rules.rows.own || place.owner == holder.number)
            && rules.rows.dossiers.as_ref().is_none_or(|all| all.contains(&place.dossier))
    }

    fn form(rules: &RoleRules, field: u16, level: Level) -> (u8, bool) {
        let enabled = Kinds::customer().fields.iter().any(|one| one.number == field && one.enabled);
        let rule = rules.fields.get(&Kinds::customer().id.0).and_then(|fields| fields.get(&field));
        match rule.filter(|_| enabled && level <= rules.see_to) {
            None => (0, false),
            Some(FieldRule::Clear) if level <= rules.clear_to => (2, false),
            Some(FieldRule::Masked) => (1, false),
            Some(_) => (1, rules.open_to.is_some_and(|most| level <= most)),
        }
    }
}

fn rank(form: Form) -> u8 {
    match form {
        Form::Hidden => 0,
        Form::Masked => 1,
        Form::Clear => 2,
    }
}

proptest! {
    #[test]
    fn a_view_is_what_each_role_alone_says(given in given()) {
        let (roles, ids) = (given.compile(), given.ids());
        let holder = given.holder(&ids);
        let Given { all, given, places } = &given;
        let view = roles.view(&holder, Kinds::customer());
        let plain = Plain { all, given, at: AT };
        let held = plain.held();
        for place in places {
            let here: Vec<_> = held.iter().filter(|rules| Plain::reaches(rules, &holder, place)).collect();
            let reach = view.at(place);
            for action in Action::ALL {
                let may = here.iter().any(|rules| rules.actions.has(*action));
                prop_assert_eq!(reach.may(*action), may);
                // What is pushed down into the query reaches the same dossiers.
                prop_assert_eq!(view.rows(*action).contain(place), may);
            }
            let seen_everywhere = view.everywhere();
            for field in (1..=40).chain([900]) {
                for level in Level::ALL {
                    let (most, openable) = here
                        .iter()
                        .map(|rules| Plain::form(rules, field, *level))
                        .fold((0, false), |(form, open), (more, opens)| (form.max(more), open || opens));
                    prop_assert_eq!(rank(reach.form(field, *level)), most);
                    let opens = most == 1 && openable && reach.may(Action::Reveal);
                    prop_assert_eq!(reach.may_reveal(field, *level), opens);
                    // The mask is that of a role that shows the field here, and no other one of them shows more.
                    let masked = here.iter().filter(|rules| Plain::form(rules, field, *level).0 == 1);
                    let wanted: Vec<Option<&Mask>> =
                        masked.map(|rules| rules.masks[&Kinds::customer().id.0].get(&field)).collect();
                    let shown = reach.mask(field, *level);
                    prop_assert_eq!(most == 1 && !wanted.contains(&shown), false);
                    prop_assert!(most == 1 || shown.is_none());
                    let shows_more = |one: &&Mask| shown.is_some_and(|shown| shown.is_within(one) && !one.is_within(shown));
                    prop_assert!(most != 1 || !wanted.iter().flatten().any(shows_more));
                    prop_assert!(most != 1 || shown.is_none() || !wanted.contains(&None));
                    // What may be filtered by is seen in clear wherever anything is seen.
                    if reach.may(Action::Read) {
                        prop_assert!(rank(seen_everywhere.form(field, *level)) <= most);
                    }
                    prop_assert!(rank(view.anywhere().form(field, *level)) >= most);
                }
            }
        }
    }

    #[test]
    fn another_role_takes_nothing_away(
        all in all_roles(),
        given in proptest::collection::vec(0_u8..8, 0..4),
        more in 0_u8..8,
        place in place(),
    ) {
        let roles = Roles::compile((0..8).map(own).zip(&all), &kinds()).unwrap();
        let ids: Vec<RoleId> = given.iter().map(|number| own(*number)).collect();
        let with: Vec<RoleId> = ids.iter().copied().chain([own(more)]).collect();
        let view = |ids: &[RoleId]| {
            roles.view(&Holder { roles: ids, team: 1, below: &[2], number: 1, at: AT }, Kinds::customer())
        };
        let (less, more) = (view(&ids), view(&with));
        let (less, more) = (less.at(&place), more.at(&place));
        for action in Action::ALL {
            prop_assert!(more.may(*action) || !less.may(*action));
        }
        for field in 1..=40 {
            for level in Level::ALL {
                prop_assert!(rank(more.form(field, *level)) >= rank(less.form(field, *level)));
            }
        }
    }
}

proptest! {
    #[test]
    fn two_views_together_allow_what_each_of_them_does(
        one in given(),
        other in proptest::collection::vec(0_u8..8, 0..4),
        team in 0_u32..4,
    ) {
        let (roles, ids) = (one.compile(), one.ids());
        let others: Vec<RoleId> = other.iter().map(|number| own(*number)).collect();
        let elsewhere = Holder { roles: &others, team, below: &[], number: 2, at: AT };
        let (mine, theirs) = (roles.view(&one.holder(&ids), Kinds::customer()), roles.view(&elsewhere, Kinds::customer()));
        let both = mine.both(&theirs);
        for place in &one.places {
            let (here, my, their) = (both.at(place), mine.at(place), theirs.at(place));
            for action in Action::ALL {
                let may = my.may(*action) && their.may(*action);
                prop_assert_eq!(here.may(*action), may);
                prop_assert_eq!(both.rows(*action).contain(place), may);
            }
            for field in (1..=40).chain([900]) {
                for level in Level::ALL {
                    let least = rank(my.form(field, *level)).min(rank(their.form(field, *level)));
                    prop_assert_eq!(rank(here.form(field, *level)), least);
                    // Where one sees it in clear anyway, what the other may open is opened for both.
                    let opens = |reach: &Reach<'_>| {
                        reach.may(Action::Reveal)
                            && (reach.may_reveal(field, *level) || reach.form(field, *level) == Form::Clear)
                    };
                    let opened = opens(&my) && opens(&their) && least == 1;
                    prop_assert_eq!(here.may_reveal(field, *level), opened);
                    let clear = both.clear_rows(field, *level).contain(place);
                    prop_assert!(!clear || mine.clear_rows(field, *level).contain(place));
                    prop_assert!(!clear || theirs.clear_rows(field, *level).contain(place));
                    if here.may(Action::Read) {
                        prop_assert!(rank(both.everywhere().form(field, *level)) <= least);
                    }
                }
            }
        }
    }
}

#[test]
fn a_circle_an_unknown_role_and_too_deep_a_tower_are_refused() {
    let rules = |inherits: Vec<RoleId>| RoleRules { inherits, ..Role::Cdu.rules(kinds()) };
    let key = |all: &[(RoleId, RoleRules)]| {
        let all = all.iter().map(|(id, rules)| (*id, rules));
        Roles::compile(all, &kinds()).err().map(|fault| fault.key)
    };
    assert_eq!(key(&[(own(1), rules(vec![own(1)]))]), Some("role_cycle"));
    assert_eq!(key(&[(own(1), rules(vec![own(2)])), (own(2), rules(vec![own(1)]))]), Some("role_cycle"));
    assert_eq!(key(&[(own(1), rules(vec![own(2)]))]), Some("role_unknown"));
    let tower = |height: u8| -> Vec<_> {
        let on = |at: u8| if at == 0 { vec![] } else { vec![own(at - 1)] };
        (0..height).map(|at| (own(at), rules(on(at)))).collect()
    };
    assert_eq!(key(&tower(8)), None);
    assert_eq!(key(&tower(9)), Some("role_too_deep"));
    // The same role by two ways is no circle.
    let both = [
        (own(1), rules(vec![])),
        (own(2), rules(vec![own(1)])),
        (own(3), rules(vec![own(1), own(2), RoleId::Fixed(Role::Cde)])),
    ];
    assert_eq!(key(&both), None);
}
