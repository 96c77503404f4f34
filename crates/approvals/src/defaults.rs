//! The flows of a new installation. They are records like any others from then on.

use crate::command::Command::{self, *};
use crate::flow::{Apart, Flow, Move, Trigger};
use crate::step::{Step, Where, Who};
use dossier_access::{Role, RoleId};
use dossier_model::fault::Label;
use dossier_model::kind::{Kind, Kinds};
use std::collections::BTreeSet;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// Fields of a contact and of a customer by which somebody reaches them.
const REACH: [&str; 5] = ["mobile", "email", "wechat", "phone", "delivery_address"];
/// Fields of a customer that say who it is and what is paid to whom.
const KEY: [&str; 7] = [
    "document_type",
    "document_number",
    "tax_number",
    "bank_card",
    "bank_account",
    "credit_limit",
    "customer_level",
];

/// How many people there are to keep an eye on each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keepers {
    /// Two or more: whoever approves is somebody else than who asks.
    Two,
    /// One: the CDO may approve what they ask for themselves, and each time is an alarm.
    Single,
}

/// The flows that an installation begins with.
pub fn defaults(keepers: Keepers, kinds: &Kinds) -> Vec<Flow> {
    let flows = contact_data(kinds).into_iter().chain(dossiers()).chain(rights_and_keys());
    match keepers {
        Keepers::Two => flows.collect(),
        Keepers::Single => flows.map(alone).collect(),
    }
}

fn dossiers() -> Vec<Flow> {
    let moves = [Move::Level { from: None, to: None }, Move::Team, Move::Owner];
    let scope = Trigger { moves: moves.into(), ..on(&[Change]) };
    let ends = &[Merge, Deregister, Erase];
    // Of several CDOs another one; a CDA, where there is none.
    let other = Step { then: vec![anywhere(Role::Cda)], ..cdo() };
    vec![
        flow("敏感等级与归属", "level and ownership", scope, vec![manager()]).in_bulk(),
        flow("合并、注销与销毁", "merges, deregistrations and erasures", by_others(on(ends)), vec![cdo()]),
        flow(
            "CDO 合并、注销与销毁",
            "merges, deregistrations and erasures by a CDO",
            by_cdo(on(ends)),
            vec![other],
        ),
        // A freeze stops harm: whoever may decide it does not wait.
        flow("冻结与解冻", "freezing and unfreezing", by_others(on(&[Freeze, Unfreeze])), vec![cdo()]),
    ]
}

fn rights_and_keys() -> Vec<Flow> {
    let cda = Who::Role { role: RoleId::Fixed(Role::Cda), of: Where::AskersDepartment };
    let applied = vec![
        manager(),
        Step { who: cda, ..manager() },
        // By the CDO, where nobody audits.
        Step { who: anywhere(Role::Isa), spot: Some(10), then: vec![anywhere(Role::Cdo)], ..cdo() },
    ];
    let rights = || on(&[Use, RoleGive]);
    let exports = || Trigger { condition: Some("count > 1000 || highest == 'L4'".into()), ..on(&[Export]) };
    vec![
        flow("权限与数据使用申请", "rights and use of data", by_others(rights()), applied),
        flow("CDO 授权与数据使用", "rights and use of data by a CDO", by_cdo(rights()), vec![second()]),
        flow(
            "角色与审批流程变更",
            "changes of roles and flows",
            on(&[RoleChange, FlowChange]),
            vec![second()],
        ),
        flow("批量导出", "mass exports", by_others(exports()), vec![manager(), second()]),
        flow("CDO 批量导出", "mass exports by a CDO", by_cdo(exports()), vec![second()]),
        flow("密钥操作", "key operations", on(&[KeyChange]), vec![second()]),
        flow("查看备份", "looks into backups", on(&[BackupLook]), vec![manager()]),
        flow("备份变更与恢复", "backup changes and restores", on(&[BackupChange, Restore]), vec![second()]),
    ]
}

/// Changes of what reaches people, and of key fields, kind by kind.
fn contact_data(kinds: &Kinds) -> Vec<Flow> {
    let of = |kind: &Kind, names: &[&str]| Trigger {
        kind: Some(kind.id),
        fields: names.iter().filter_map(|name| Some(kind.by_name(name)?.number)).collect(),
        ..on(&[Change])
    };
    let flows = kinds.iter().flat_map(|kind| {
        [
            flow(
                &format!("{}联系方式", kind.label.zh),
                &format!("{}: how to reach them", kind.label.en),
                of(kind, &REACH),
                vec![manager()],
            ),
            flow(
                &format!("{}关键信息", kind.label.zh),
                &format!("{}: key fields", kind.label.en),
                of(kind, &KEY),
                vec![manager()],
            ),
        ]
    });
    flows.filter(|flow| !flow.when.fields.is_empty()).map(Flow::in_bulk).collect()
}

impl Flow {
    fn in_bulk(self) -> Flow {
        Flow { bulk: true, ..self }
    }
}

fn flow(zh: &str, en: &str, when: Trigger, steps: Vec<Step>) -> Flow {
    Flow {
        name: Label { zh: zh.to_owned(), en: en.to_owned() },
        enabled: true,
        when,
        steps,
        apart: Apart::Each,
        approve_within: 7 * DAY,
        execute_within: DAY,
        bulk: false,
    }
}

fn on(commands: &[Command]) -> Trigger {
    Trigger { commands: commands.iter().copied().collect::<BTreeSet<_>>(), ..Trigger::default() }
}

fn anywhere(role: Role) -> Who {
    Who::Role { role: RoleId::Fixed(role), of: Where::Anywhere }
}

/// Asked by anybody but a CDO: the highest approval is theirs.
fn by_others(when: Trigger) -> Trigger {
    and(when, "(program || !('CDO' in asker_roles))")
}

/// Asked by a CDO.
fn by_cdo(when: Trigger) -> Trigger {
    and(when, "!program && 'CDO' in asker_roles")
}

fn and(when: Trigger, condition: &str) -> Trigger {
    let both = when.condition.map_or(condition.to_owned(), |first| format!("({first}) && {condition}"));
    Trigger { condition: Some(both), ..when }
}

/// The line manager; the CDO, where there is none or the time is over.
fn manager() -> Step {
    let then = vec![anywhere(Role::Cdo)];
    Step { limit: Some(DAY), remind: Some(4 * HOUR), then, ..Step::of(Who::Manager) }
}

/// A CDO.
fn cdo() -> Step {
    Step { limit: Some(3 * DAY), remind: Some(DAY), ..Step::of(anywhere(Role::Cdo)) }
}

/// Another CDO than the one who asks, in person; the security auditors, where there is none.
fn second() -> Step {
    Step { then: vec![anywhere(Role::Isa)], in_person: true, ..cdo() }
}

/// The same for somebody who is alone.
fn alone(flow: Flow) -> Flow {
    Flow { steps: vec![Step::of(anywhere(Role::Cdo))], apart: Apart::Nobody, ..flow }
}
