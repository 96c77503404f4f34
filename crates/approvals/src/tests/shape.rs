//! Flows and requests as they are kept.

use super::*;

#[test]
fn a_request_survives_its_text_and_refuses_what_it_does_not_know() {
    let request = request(vec![
        Step { spot: Some(10), in_person: true, limit: Some(9), ..Step::of(Who::Manager) },
        Step { quorum: Quorum::AtLeast(2), ..Step::of(role(Role::Cdo, Where::Anywhere)) },
    ]);
    let request = request.after(add(MANAGER, OTHER), 1).unwrap().agreed_by(OTHER, 2).unwrap();
    let text = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    let other = text.replacen("\"command\"", "\"more\":1,\"command\"", 1);
    assert!(serde_json::from_str::<Request>(&other).unwrap_err().to_string().contains("more"));
}

#[test]
fn every_state_survives_its_text() {
    for state in [
        State::Waiting,
        State::Agreed(T0),
        State::Executed,
        State::Failed("not_found".into()),
        State::Refused(CDO),
        State::Recalled,
        State::Expired(Term::Execute),
        State::Dropped(Gone::Flow),
        State::Moved(vec![Moved::Field(id(50), 4), Moved::Flows]),
    ] {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}

#[test]
fn a_flow_as_text() {
    let flow = Flow {
        when: Trigger {
            kind: Some(dossier_model::KindId::CUSTOMER),
            fields: [4].into(),
            moves: [Move::Level { from: None, to: Some(dossier_model::Level::L4) }, Move::Owner].into(),
            condition: Some("count > 1".into()),
            commands: [Command::Change].into(),
        },
        ..flow(vec![Step {
            quorum: Quorum::AtLeast(2),
            spot: Some(10),
            limit: Some(60),
            remind: Some(10),
            then: vec![Who::Manager],
            ..Step::of(role(Role::Cda, Where::DossiersDepartment))
        }])
    };
    insta::assert_snapshot!(serde_json::to_string_pretty(&flow).unwrap(), @r#"
    {
      "name": {
        "zh": "示例流程",
        "en": "example flow"
      },
      "enabled": true,
      "when": {
        "commands": [
          "change"
        ],
        "kind": 1,
        "fields": [
          4
        ],
        "moves": [
          {
            "level": {
              "to": "L4"
            }
          },
          "owner"
        ],
        "condition": "count > 1"
      },
      "steps": [
        {
          "who": {
            "role": {
              "role": "CDA",
              "of": "dossiers_department"
            }
          },
          "quorum": {
            "at_least": 2
          },
          "spot": 10,
          "limit": 60,
          "remind": 10,
          "then": [
            "manager"
          ]
        }
      ],
      "apart": "each",
      "approve_within": 1000,
      "execute_within": 100,
      "bulk": true
    }
    "#);
    assert_eq!(serde_json::from_str::<Flow>(&serde_json::to_string(&flow).unwrap()).unwrap(), flow);
    assert!(
        serde_json::from_str::<Flow>(r#"{"name":{"zh":"a","en":"b"},"when":{"commands":["fly"]}}"#).is_err()
    );
}

#[test]
fn every_command_is_written_as_it_is_named() {
    for command in Command::ALL {
        assert_eq!(serde_json::to_value(command).unwrap(), command.name());
    }
    let grave: Vec<&str> = Command::ALL.iter().filter(|one| one.is_grave()).map(|one| one.name()).collect();
    assert_eq!(grave, ["flow_change", "key_change", "backup_look", "backup_change", "restore"]);
}
