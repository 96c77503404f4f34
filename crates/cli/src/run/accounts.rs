//! Teams, people and programs.

use super::Work;
use crate::command::ClientHow;
use crate::output::Output;
use crate::{say, table};
use dossier_engine::{Leave, Registration, TeamChange, User, UserChange};
use dossier_model::fault::{Fault, Lang};

pub(super) fn add_team(work: &Work<'_>, name: &str) -> Result<Output, Fault> {
    let team = work.engine.add_team(&work.caller(None)?, name)?;
    let (name, id) = (&team.name, &team.id);
    let text = say!(work.lang, zh: "已添加团队 {name}（{id}）", en: "added team {name} ({id})");
    Ok(Output::new(&team, text))
}

pub(super) fn teams(work: &Work<'_>) -> Result<Output, Fault> {
    let teams = work.engine.teams(&work.caller(None)?)?;
    let rows = teams.iter().map(|team| {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![team.id.clone(), team.name.clone(), or_none(&team.above), or_none(&team.lead)]
    });
    let head = head(work.lang, ["编号", "团队", "上级", "主管"], ["ID", "TEAM", "PART OF", "MANAGER"]);
    let text = table::draw(head, rows);
    Ok(Output::new(&teams, text))
}

pub(super) fn change_team(
    work: &Work<'_>,
    name: &str,
    ask: &TeamChange,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let team = work.engine.change_team(&work.caller(as_user)?, name, ask)?.done()?;
    let (name, id) = (&team.name, &team.id);
    let text = say!(work.lang, zh: "已更改团队 {name}（{id}）", en: "changed team {name} ({id})");
    Ok(Output::new(&team, text))
}

pub(super) fn change_user(
    work: &Work<'_>,
    name: &str,
    ask: &UserChange,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let user = work.engine.change_user(&work.caller(as_user)?, name, ask)?.done()?;
    let (name, roles, team) = (&user.name, user.roles.join(", "), &user.team);
    let text = say!(work.lang, zh: "{name}：{roles}，{team}", en: "{name}: {roles}, {team}");
    Ok(Output::new(&user, text))
}

pub(super) fn add_user(
    work: &Work<'_>,
    name: &str,
    roles: &[String],
    team: Option<&str>,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let user = work.engine.add_user(&work.caller(as_user)?, name, roles, team)?.done()?;
    let (name, id, roles) = (&user.name, &user.id, user.roles.join(", "));
    let text =
        say!(work.lang, zh: "已添加用户 {name}（{id}，{roles}）", en: "added user {name} ({id}, {roles})");
    let text = format!("{text}\n{}", user.set_up);
    Ok(Output { notices: vec![about_link(work.lang)], ..Output::new(&user, text) })
}

/// What is to be done with a path that was just made.
fn about_link(lang: Lang) -> String {
    let text = match lang {
        Lang::Zh => "请把此路径接在服务地址之后交给本人：24 小时内有效，只能用一次，只显示这一次",
        Lang::En => {
            "put this path behind the server's address and hand it over: it works once, within 24 hours, and is shown this once only"
        }
    };
    text.to_owned()
}

pub(super) fn set_up(work: &Work<'_>, name: Option<&str>, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let link = match name {
        Some(name) => work.engine.renew_user(&caller, name)?,
        None => work.engine.first_link(&caller)?.ok_or_else(|| Fault::new("first_cdo_there"))?,
    };
    let text = link.set_up.clone();
    Ok(Output { notices: vec![about_link(work.lang)], ..Output::new(&link, text) })
}

pub(super) fn leave(
    work: &Work<'_>,
    name: &str,
    ask: &Leave,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let user = work.engine.leave(&work.caller(as_user)?, name, ask)?;
    Ok(stands(work, &user))
}

pub(super) fn enable_user(work: &Work<'_>, name: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let user = work.engine.enable_user(&work.caller(as_user)?, name)?.done()?;
    Ok(stands(work, &user))
}

fn stands(work: &Work<'_>, user: &User) -> Output {
    let (name, state) = (&user.name, state(work.lang, user.disabled));
    let text = say!(work.lang, zh: "{name}：{state}", en: "{name} is {state}");
    Output::new(user, text)
}

pub(super) fn sign_out(work: &Work<'_>, name: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    work.engine.end_sessions(&work.caller(as_user)?, name)?;
    let text = say!(work.lang, zh: "{name} 的全部会话已结束", en: "all sessions of {name} have ended");
    Ok(Output::new(&serde_json::json!({ "name": name, "sessions": 0 }), text))
}

pub(super) fn users(work: &Work<'_>) -> Result<Output, Fault> {
    let users = work.engine.users(&work.caller(None)?)?;
    let rows = users.iter().map(|user| {
        let state = state(work.lang, user.disabled);
        vec![user.id.clone(), user.name.clone(), user.roles.join(", "), user.team.clone(), state]
    });
    let head =
        head(work.lang, ["编号", "用户", "角色", "团队", "状态"], ["ID", "USER", "ROLE", "TEAM", "STATE"]);
    let text = table::draw(head, rows);
    Ok(Output::new(&users, text))
}

pub(super) fn add_client(
    work: &Work<'_>,
    name: &str,
    roles: &[String],
    team: Option<&str>,
    how: ClientHow,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let ClientHow { redirects: redirect_uris, public, flows } = how;
    let how = Registration { redirect_uris, public, flows };
    let client = work.engine.register_client(&work.caller(as_user)?, name, roles, team, &how)?;
    let (name, id, secret) = (&client.name, &client.client_id, &client.client_secret);
    let roles = client.roles.join(", ");
    if public {
        let text = say!(
            work.lang,
            zh: "已添加公开程序 {name}（{roles}）\nclient_id      {id}",
            en: "added public client {name} ({roles})\nclient_id      {id}",
        );
        return Ok(Output::new(&client, text));
    }
    let text = say!(
        work.lang,
        zh: "已添加程序 {name}（{roles}）\nclient_id      {id}\nclient_secret  {secret}",
        en: "added client {name} ({roles})\nclient_id      {id}\nclient_secret  {secret}",
    );
    let notice = match work.lang {
        Lang::Zh => "client_secret 只显示这一次，请立即妥善保存",
        Lang::En => "client_secret is shown this once only; store it safely now",
    };
    Ok(Output { notices: vec![notice.to_owned()], ..Output::new(&client, text) })
}

pub(super) fn clients(work: &Work<'_>) -> Result<Output, Fault> {
    let clients = work.engine.clients(&work.caller(None)?)?;
    let rows = clients.iter().map(|client| {
        let state = state(work.lang, client.disabled);
        let (id, created) = (client.client_id.clone(), client.created_at.clone());
        vec![id, client.name.clone(), client.roles.join(", "), client.team.clone(), state, created]
    });
    let head = head(
        work.lang,
        ["编号", "程序", "角色", "团队", "状态", "添加时间"],
        ["ID", "CLIENT", "ROLE", "TEAM", "STATE", "ADDED"],
    );
    let text = table::draw(head, rows);
    Ok(Output::new(&clients, text))
}

pub(super) fn disable_client(work: &Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    work.engine.disable_client(&work.caller(as_user)?, id)?;
    let text = say!(work.lang, zh: "已停用 {id}", en: "{id} is disabled");
    Ok(Output::new(&serde_json::json!({ "client_id": id, "disabled": true }), text))
}

pub(super) fn head<const N: usize>(
    lang: Lang,
    zh: [&'static str; N],
    en: [&'static str; N],
) -> [&'static str; N] {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn state(lang: Lang, disabled: bool) -> String {
    let word = match (lang, disabled) {
        (Lang::Zh, false) => "启用",
        (Lang::Zh, true) => "停用",
        (Lang::En, false) => "active",
        (Lang::En, true) => "disabled",
    };
    word.to_owned()
}
