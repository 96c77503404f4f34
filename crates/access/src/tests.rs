use crate::{Action, Form, Role, Rows, View};
use dossier_model::Level;
use dossier_model::kind::Kinds;

fn view(role: Role) -> View {
    View::compile(role, 7, Kinds::customer())
}

/// Role, then for some telling fields the form at the level they are declared with; `+` where it may be revealed.
fn table() -> String {
    let fields =
        ["name", "enterprise_type", "office_address", "representative", "phone", "credit_limit", "bank_card"];
    let mut out = format!("{:<10}", "");
    for name in fields {
        out.push_str(&format!("{name:<w$}", w = name.len().max(7) + 2));
    }
    out = out.trim_end().to_owned() + "\n";
    for role in Role::ALL.into_iter().chain([Role::Operator]) {
        let view = view(role);
        out.push_str(&format!("{:<10}", role.name()));
        for name in fields {
            let field = Kinds::customer().by_name(name).unwrap();
            let form = match view.form(field.number, field.level) {
                Form::Clear => "clear",
                Form::Masked => "masked",
                Form::Hidden => "hidden",
            };
            let reveal = if view.may_reveal(field.number, field.level) { "+" } else { "" };
            out.push_str(&format!("{:<w$}", format!("{form}{reveal}"), w = name.len().max(7) + 2));
        }
        out = out.trim_end().to_owned() + "\n";
    }
    out
}

#[test]
fn who_sees_what_is_this_table() {
    insta::assert_snapshot!(table());
}

#[test]
fn what_is_not_declared_is_hidden_from_everybody() {
    for role in Role::ALL {
        for level in Level::ALL {
            assert_eq!(view(role).form(999, *level), Form::Hidden);
            assert!(!view(role).may_reveal(999, *level));
        }
    }
}

#[test]
fn a_disabled_field_is_hidden_from_everybody() {
    let kind = Kinds::contact();
    let hobbies = kind.by_name("hobbies").unwrap();
    assert!(!hobbies.enabled);
    for role in Role::ALL {
        let view = View::compile(role, 0, kind);
        assert_eq!(view.form(hobbies.number, hobbies.level), Form::Hidden);
        assert!(!view.may_write(hobbies));
    }
}

#[test]
fn nobody_sees_above_l2_in_clear() {
    for role in Role::ALL.into_iter().chain([Role::Operator]) {
        for field in &Kinds::customer().fields {
            for level in [Level::L3, Level::L4] {
                assert_ne!(
                    view(role).form(field.number, level),
                    Form::Clear,
                    "{} {}",
                    role.name(),
                    field.name
                );
            }
        }
    }
}

#[test]
fn only_what_is_masked_can_be_revealed() {
    for role in Role::ALL {
        for field in &Kinds::customer().fields {
            for level in Level::ALL {
                let view = view(role);
                assert!(
                    !view.may_reveal(field.number, *level) || view.form(field.number, *level) == Form::Masked
                );
            }
        }
    }
}

#[test]
fn rows_are_the_team_or_everything() {
    for (role, all) in
        [(Role::Cdo, true), (Role::Isa, true), (Role::Cda, false), (Role::Cde, false), (Role::Cdu, false)]
    {
        assert_eq!(*view(role).rows() == Rows::All, all);
        assert_eq!(view(role).rows().contain(8), all);
        assert!(view(role).rows().contain(7));
    }
}

#[test]
fn each_role_has_its_rights_and_no_others() {
    let may = |role: Role| {
        use Action::*;
        [
            Create,
            Change,
            Delete,
            Read,
            Import,
            Export,
            Print,
            Share,
            Reveal,
            Copy,
            Find,
            History,
            ReadLedger,
            ManageAccess,
            ManageKeys,
        ]
        .into_iter()
        .filter(|action| view(role).may(*action) && role.permit(*action).is_ok())
        .map(Action::name)
        .collect::<Vec<_>>()
        .join(" ")
    };
    let table: Vec<String> = Role::ALL
        .into_iter()
        .chain([Role::Operator])
        .map(|role| format!("{}: {}", role.name(), may(role)))
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_name_is_read_in_any_case_and_nobody_is_an_operator_by_name() {
    assert_eq!(Role::parse(" cdo "), Some(Role::Cdo));
    assert_eq!(Role::parse("OPERATOR"), None);
    assert_eq!(Role::parse("root"), None);
}
