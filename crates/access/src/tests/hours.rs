use super::{AT, holder, kinds};
use crate::{Action, Holder, Hours, Moment, Role, RoleId, RoleRules, Roles};
use dossier_model::id::Uid;
use dossier_model::time::Day;

fn at(weekday: u8, hour: u16) -> Moment {
    Moment { day: Day(AT.day.0 + i32::from(weekday)), weekday, minute: hour * 60 }
}

#[test]
fn nothing_said_is_always() {
    assert!(Hours::default().hold(AT));
}

#[test]
fn the_first_minute_is_inside_and_the_last_is_not() {
    let hours = Hours { minutes: Some((9 * 60, 18 * 60)), ..Hours::default() };
    let held: Vec<u16> = (0..24).filter(|hour| hours.hold(at(0, *hour))).collect();
    assert_eq!(held, (9..18).collect::<Vec<_>>());
    assert!(hours.hold(Moment { minute: 18 * 60 - 1, ..AT }));
}

#[test]
fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
    let hours = Hours { minutes: Some((22 * 60, 6 * 60)), weekdays: Some(vec![4]), ..Hours::default() };
    assert!(hours.hold(at(4, 23)));
    assert!(hours.hold(at(5, 5)), "the night from Friday to Saturday");
    assert!(!hours.hold(at(4, 5)), "the night from Thursday to Friday");
    assert!(!hours.hold(at(5, 6)) && !hours.hold(at(5, 23)));
    let monday = Hours { minutes: Some((22 * 60, 6 * 60)), weekdays: Some(vec![6]), ..Hours::default() };
    assert!(monday.hold(at(0, 1)), "Sunday's night ends on Monday");
}

#[test]
fn the_first_and_the_last_day_count() {
    let hours = Hours { from: Some(Day(10)), to: Some(Day(12)), ..Hours::default() };
    let held: Vec<i32> = (8..15).filter(|day| hours.hold(Moment { day: Day(*day), ..AT })).collect();
    assert_eq!(held, [10, 11, 12]);
}

#[test]
fn out_of_its_hours_a_role_gives_nothing_of_what_it_takes_over_either() {
    let own = RoleId::Own(Uid([1; 16]));
    let rules = RoleRules {
        inherits: vec![RoleId::Fixed(Role::Cdu)],
        hours: Some(Hours { minutes: Some((540, 1080)), ..Hours::default() }),
        ..Role::Cdu.rules(kinds())
    };
    let roles = Roles::compile([(own, &rules)], &kinds()).unwrap();
    let may = |given: &[RoleId], minute| {
        let at = Moment { minute, ..AT };
        roles.permit(&Holder { at, ..holder(given) }, Action::Read).is_ok()
    };
    assert!(may(&[own], 540) && !may(&[own], 539) && !may(&[own], 1080));
    // Whoever has the other one besides keeps it.
    assert!(may(&[own, RoleId::Fixed(Role::Cdu)], 539));
}
