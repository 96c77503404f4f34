//! Programs with credentials of their own.

use super::{Writing, check_free, name_of, roles_of, team_of};
use crate::auth::new_secret;
use crate::ledger::entry::{Deed, Entry};
use crate::oauth::Registration;
use crate::policy::{CLIENT, ClientBody};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::Op;
use serde::Serialize;

/// A program.
#[derive(Clone, Serialize)]
pub struct Client {
    /// TypeID `cli_…`.
    pub client_id: String,
    /// The name.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the team.
    pub team: String,
    /// Whether it can do nothing any more.
    pub disabled: bool,
    /// Where people are sent back to who let it act for them.
    pub redirect_uris: Vec<String>,
    /// `client_credentials`, `authorization_code`.
    pub flows: Vec<&'static str>,
    /// Whether it has no secret.
    pub public: bool,
    /// When added, RFC 3339.
    pub created_at: String,
}

/// A program just added: the one time that its secret is seen.
#[derive(Serialize)]
pub struct NewClient {
    /// TypeID `cli_…`.
    pub client_id: String,
    /// The secret; only its hash is stored. Empty for a public program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_secret: String,
    /// The name.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the team.
    pub team: String,
}

impl Engine {
    /// Adds a program.
    ///
    /// # Errors
    /// As [`Engine::add_user`].
    pub fn add_client(
        &self,
        caller: &Caller,
        name: &str,
        roles: &[impl AsRef<str>],
        team: Option<&str>,
    ) -> Result<NewClient, Fault> {
        self.register_client(caller, name, roles, team, &Registration::default())
    }

    /// Adds a program, and says how it gets its tokens.
    ///
    /// # Errors
    /// As [`Engine::add_user`]; `oauth_redirect_invalid`, `oauth_flows_invalid`.
    pub fn register_client(
        &self,
        caller: &Caller,
        name: &str,
        roles: &[impl AsRef<str>],
        team: Option<&str>,
        how: &Registration,
    ) -> Result<NewClient, Fault> {
        self.guarded(caller, Deed::ClientAdd, |cx| {
            cx.permit(Action::ManageAccess)?;
            let own_tokens = how.check()?;
            let (name, roles, team) = (name_of(name)?, roles_of(cx, roles)?, team_of(cx, team)?);
            cx.check_roles(&roles)?;
            cx.check_team(team)?;
            check_free(&name, cx.snapshot.clients.values().map(|client| client.body.name.as_str()))?;
            let id = new_id(cx.now, &*self.entropy);
            let (client_secret, secret_hash) = match how.public {
                // No secret has this hash.
                true => (String::new(), [0; 32]),
                false => new_secret(self),
            };
            let responsible = cx.person();
            let body = ClientBody {
                name,
                roles,
                team,
                secret_hash,
                disabled: false,
                created: cx.now.0,
                redirects: how.redirect_uris.clone(),
                public: how.public,
                own_tokens,
                responsible,
            };
            let writing = Writing {
                deed: Deed::ClientAdd,
                kind: CLIENT,
                id,
                expect: 0,
                body: &body,
                step: None,
                difference: None,
                ops: Vec::new(),
            };
            let committed = cx.write_security(writing)?;
            let client = NewClient {
                client_id: id.to_typeid("cli"),
                client_secret,
                roles: cx.snapshot.role_names(&body.roles),
                team: self.snapshot().team_name(team),
                name: body.name,
            };
            Ok(cx.committed(committed, client))
        })
    }

    /// All programs.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn clients(&self, caller: &Caller) -> Result<Vec<Client>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let clients = cx
                .snapshot
                .clients
                .iter()
                .map(|(id, client)| Client {
                    client_id: id.to_typeid("cli"),
                    name: client.body.name.clone(),
                    roles: cx.snapshot.role_names(&client.body.roles),
                    team: cx.snapshot.team_name(client.body.team),
                    disabled: client.body.disabled,
                    redirect_uris: client.body.redirects.clone(),
                    flows: client.body.flows(),
                    public: client.body.public,
                    created_at: Micros(client.body.created).to_string(),
                })
                .collect();
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), clients)
        })
    }

    /// Disables a program for good: its tokens end with the same transaction.
    ///
    /// # Errors
    /// `not_found`, `action_not_allowed`; `cdo_required` for a CDO's program.
    pub fn disable_client(&self, caller: &Caller, client_id: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::ClientDisable, |cx| {
            cx.permit(Action::ManageAccess)?;
            let id = Uid::parse_typeid("cli", client_id);
            let found = id.and_then(|id| Some((id, cx.snapshot.clients.get(&id)?)));
            let (id, client) = found.ok_or_else(|| Fault::new("not_found"))?;
            cx.check_roles(&client.body.roles)?;
            let body = ClientBody { disabled: true, ..client.body.clone() };
            let committed = cx.write_security(Writing {
                deed: Deed::ClientDisable,
                kind: CLIENT,
                id,
                expect: client.version,
                body: &body,
                step: None,
                difference: None,
                ops: vec![Op::DeleteSessionsOf { subject: id }],
            })?;
            Ok(cx.committed(committed, ()))
        })
    }
}
