use super::{built_in, holder, kinds};
use crate::{Action, Form, Place, Role, RoleId, View};
use dossier_model::Level;
use dossier_model::kind::{Kind, Kinds};

fn view(role: Role, kind: &Kind) -> View {
    built_in().view(&holder(&[RoleId::Fixed(role)]), kind)
}

fn customer(role: Role) -> View {
    view(role, Kinds::customer())
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
        let view = customer(role);
        let reach = view.anywhere();
        out.push_str(&format!("{:<10}", role.name()));
        for name in fields {
            let field = Kinds::customer().by_name(name).unwrap();
            let form = match reach.form(field.number, field.level) {
                Form::Clear => "clear",
                Form::Masked => "masked",
                Form::Hidden => "hidden",
            };
            let reveal = if reach.may_reveal(field.number, field.level) { "+" } else { "" };
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
            assert_eq!(customer(role).anywhere().form(999, *level), Form::Hidden);
            assert!(!customer(role).anywhere().may_reveal(999, *level));
        }
    }
}

#[test]
fn a_disabled_field_is_hidden_from_everybody() {
    let hobbies = Kinds::contact().by_name("hobbies").unwrap();
    assert!(!hobbies.enabled);
    for role in Role::ALL {
        let view = view(role, Kinds::contact());
        let reach = view.anywhere();
        assert_eq!(reach.form(hobbies.number, hobbies.level), Form::Hidden);
        assert!(!reach.may_write(hobbies));
    }
}

#[test]
fn nobody_sees_above_l2_in_clear() {
    for role in Role::ALL.into_iter().chain([Role::Operator]) {
        for kind in kinds() {
            for field in &kind.fields {
                for level in [Level::L3, Level::L4] {
                    let form = view(role, kind).anywhere().form(field.number, level);
                    assert_ne!(form, Form::Clear, "{} {}", role.name(), field.name);
                }
            }
        }
    }
}

#[test]
fn only_what_is_masked_can_be_revealed() {
    for role in Role::ALL {
        for field in &Kinds::customer().fields {
            for level in Level::ALL {
                let view = customer(role);
                let reach = view.anywhere();
                let masked = reach.form(field.number, *level) == Form::Masked;
                assert!(!reach.may_reveal(field.number, *level) || masked);
            }
        }
    }
}

#[test]
fn rows_are_the_team_or_everything() {
    let roles = built_in();
    for (role, all) in
        [(Role::Cdo, true), (Role::Isa, true), (Role::Cda, false), (Role::Cde, false), (Role::Cdu, false)]
    {
        let rows = roles.view(&holder(&[RoleId::Fixed(role)]), Kinds::customer()).rows(Action::Read);
        assert_eq!(rows.are_all(), all);
        for (team, inside) in [(7, true), (8, all), (9, all)] {
            assert_eq!(rows.contain(&Place { team, ..Place::default() }), inside, "{} {team}", role.name());
        }
    }
}

#[test]
fn each_role_has_its_rights_and_no_others() {
    let roles = built_in();
    let may = |role: Role| {
        let view = customer(role);
        let reach = view.anywhere();
        let allowed = |action: &Action| {
            assert_eq!(reach.may(*action), reach.permit(*action).is_ok());
            assert_eq!(reach.may(*action), roles.permit(&holder(&[RoleId::Fixed(role)]), *action).is_ok());
            reach.may(*action)
        };
        Action::ALL.iter().copied().filter(allowed).map(Action::name).collect::<Vec<_>>().join(" ")
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
    assert_eq!(RoleId::parse(" cdo "), Some(RoleId::Fixed(Role::Cdo)));
    assert_eq!(RoleId::parse("OPERATOR"), None);
    assert_eq!(Role::parse("root"), None);
}

#[test]
fn rules_and_ids_are_read_as_they_were_written() {
    for role in Role::ALL {
        let rules = role.rules(kinds());
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<crate::RoleRules>(&text).unwrap(), rules, "{text}");
    }
    let odd = r#"{"actions":["fly"],"rows":{"teams":"all"},"see_to":"L3","clear_to":"L2"}"#;
    assert!(serde_json::from_str::<crate::RoleRules>(odd).unwrap_err().to_string().contains("fly"));
}
