//! Roles, as files of rules.

use super::Work;
use super::accounts::head;
use crate::output::Output;
use crate::{say, table};
use dossier_engine::{Caller, Role, RoleForm};
use dossier_model::fault::Fault;

pub(super) fn list(work: &Work<'_>) -> Result<Output, Fault> {
    let roles = work.engine.roles(&work.caller(None)?)?;
    let rows = roles.iter().map(|role| {
        let form = &role.form;
        vec![role.id.clone(), form.name.clone(), form.inherits.join(", "), role.holders.to_string()]
    });
    let head = head(work.lang, ["编号", "角色", "继承自", "持有"], ["ID", "ROLE", "TAKES OVER", "HOLDERS"]);
    let text = table::draw(head, rows);
    Ok(Output::new(&roles, text))
}

pub(super) fn show(work: &Work<'_>, name: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let role = found(work, &work.caller(as_user)?, name)?.ok_or_else(|| Fault::new("not_found"))?;
    let text = toml::to_string(&role.form).map_err(|_| Fault::new("internal"))?;
    Ok(Output::new(&role, text.trim_end().to_owned()))
}

pub(super) fn apply(work: &Work<'_>, form: &RoleForm, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let role = match found(work, &caller, &form.name)? {
        Some(role) => work.engine.change_role(&caller, &role.id, role.version, form)?,
        None => work.engine.add_role(&caller, form)?,
    };
    let role = role.done()?;
    let (name, id, version) = (&role.form.name, &role.id, role.version);
    let text = say!(
        work.lang,
        zh: "角色 {name}（{id}）已生效，第 {version} 版",
        en: "role {name} ({id}) holds now, version {version}",
    );
    Ok(Output::new(&role, text))
}

pub(super) fn remove(work: &Work<'_>, name: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    work.engine.remove_role(&work.caller(as_user)?, name)?;
    let text = say!(work.lang, zh: "角色 {name} 已删除", en: "role {name} is gone");
    Ok(Output::new(&serde_json::json!({ "name": name, "removed": true }), text))
}

/// A role by name or id.
fn found(work: &Work<'_>, caller: &Caller, name: &str) -> Result<Option<Role>, Fault> {
    let name = name.trim();
    let is = |role: &Role| role.id.eq_ignore_ascii_case(name) || role.form.name == name;
    Ok(work.engine.roles(caller)?.into_iter().find(is))
}
