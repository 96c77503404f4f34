//! Who there is: people, programs and teams, as an immutable snapshot of one policy epoch.
//!
//! Each is a sealed system record. Their root stands in the change log and in the sealed `policy` record of the epoch;
//! it is computed again whenever a snapshot is made, and a mismatch closes the tenant.

use crate::TENANT;
use crate::seal::to_cbor;
use dossier_access::{Role, RoleId, RoleRules, Roles};
use dossier_approvals::{Flow, FlowId, Flows, Organisation, Person};
use dossier_crypto::{Keyring, open_system, seal_system, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::Kinds;
use dossier_model::time::{Day, Entropy, Micros};
use dossier_store::{Read, SystemRow};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use webauthn_rs::prelude::Passkey;

pub(crate) const USER: &str = "user";
pub(crate) const CLIENT: &str = "client";
pub(crate) const TEAM: &str = "team";
pub(crate) const ROLE: &str = "role";
pub(crate) const FLOW: &str = "flow";
pub(crate) const GRANT: &str = "grant";
pub(crate) const GROUP: &str = "group";
/// The kinds of security records: what an epoch's root is over.
pub(crate) const SECURITY: [&str; 7] = [USER, CLIENT, TEAM, ROLE, FLOW, GRANT, GROUP];
/// The record that carries an epoch's root; not itself part of it.
pub(crate) const POLICY: &str = "policy";
const POLICY_ID: Uid = Uid([0; 16]);

/// A person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UserBody {
    pub name: String,
    #[serde(alias = "role", deserialize_with = "one_or_many")]
    pub roles: Vec<RoleId>,
    pub team: u32,
    /// The person as one who answers for dossiers; 0 for whoever was added before there were any.
    #[serde(default)]
    pub number: u32,
    pub disabled: bool,
    pub created: i64,
    /// None before the person was set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordBody>,
    /// The passwords before it, the newest first, where the profile forbids to take one up again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<PasswordBody>,
    /// The secret of codes by time, where the person has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<[u8; 20]>,
    /// The passkeys of the person, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<PasskeyBody>,
    /// What the firm's directory calls the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Whether the firm's directory has deleted the person, and asks for them no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
}

impl UserBody {
    /// Whether they have been set up.
    pub(crate) fn can_sign_in(&self) -> bool {
        self.password.is_some()
    }

    /// A person who cannot sign in yet.
    pub(crate) fn new(name: String, roles: Vec<RoleId>, team: u32, number: u32, now: Micros) -> UserBody {
        UserBody {
            name,
            roles,
            team,
            number,
            disabled: false,
            created: now.0,
            password: None,
            former: Vec::new(),
            totp: None,
            passkeys: Vec::new(),
            external: None,
            unlisted: false,
        }
    }
}

impl UserBody {
    /// Whether the person has codes by time or a passkey.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }
}

/// What is kept of a password: Argon2id, one lane.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordBody {
    pub memory_kib: u32,
    pub passes: u32,
    pub salt: [u8; 16],
    pub key: [u8; 32],
    /// When it was chosen, in microseconds, by rules under which passwords age; else 0.
    #[serde(default)]
    pub chosen: i64,
}

/// A passkey: what is public of it. Its counter stands in the mark of the person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PasskeyBody {
    pub id: [u8; 16],
    pub name: String,
    pub added: i64,
    pub key: Passkey,
}

/// A program with credentials of its own.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClientBody {
    pub name: String,
    #[serde(alias = "role", deserialize_with = "one_or_many")]
    pub roles: Vec<RoleId>,
    pub team: u32,
    /// SHA-256 of the secret, which has 256 random bits.
    pub secret_hash: [u8; 32],
    pub disabled: bool,
    pub created: i64,
    /// Where people are sent back to who let it act for them; none where it acts for nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<String>,
    /// Whether it has no secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Whether it has tokens of its own.
    #[serde(default = "yes")]
    pub own_tokens: bool,
    /// The person who answers for it; none for one that was added before there was anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Uid>,
}

fn yes() -> bool {
    true
}

impl ClientBody {
    /// The flows that it uses (RFC 6749 §1.3).
    pub(crate) fn flows(&self) -> Vec<&'static str> {
        let own = self.own_tokens.then_some("client_credentials");
        let for_people = (!self.redirects.is_empty()).then_some("authorization_code");
        own.into_iter().chain(for_people).collect()
    }
}

/// A team, the unit of row rules. Number 0 is the default team and has no record.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TeamBody {
    pub no: u32,
    pub name: String,
    /// The team or department that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<u32>,
    /// The line manager of its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Uid>,
    pub created: i64,
}

/// A role of the installation's own.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RoleBody {
    pub name: String,
    pub rules: RoleRules,
    /// Taken away: nobody has it, and nobody is given it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    pub created: i64,
}

/// A flow of approvals.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FlowBody {
    pub flow: Flow,
    /// Taken away: nothing meets it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    pub created: i64,
}

/// What somebody was granted for a time, for a purpose: a role of theirs alone.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantBody {
    pub person: Uid,
    /// What for, in the words of whoever applied.
    pub purpose: String,
    /// What it gives, and until which day.
    pub rules: RoleRules,
    /// When it was applied for.
    pub asked: i64,
    /// Since when it holds.
    pub begun: i64,
    /// When the first of a row of grants of the same began, of which each follows another; 0 in those from before.
    #[serde(default)]
    pub first: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<GrantEnd>,
}

impl GrantBody {
    /// The last day on which it holds.
    pub(crate) fn last_day(&self) -> Day {
        self.rules.hours.as_ref().and_then(|hours| hours.to).unwrap_or(Day(0))
    }
}

/// How a grant has ended.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantEnd {
    pub at: i64,
    /// Who ended it; none where its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Uid>,
    pub why: Ending,
}

/// Why a grant has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// Its time was over.
    Over,
    /// Its holder needs it no longer.
    Done,
    /// It was taken away.
    Withdrawn,
    /// Its holder has left, or has other roles or another team.
    Moved,
}

impl Ending {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Ending::Over => "over",
            Ending::Done => "done",
            Ending::Withdrawn => "withdrawn",
            Ending::Moved => "moved",
        }
    }
}

/// A group of the firm's directory.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GroupBody {
    pub name: String,
    /// What the directory calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// The role that its members have; none where none was called so when the group was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleId>,
    /// Who is in it as the directory has it: whether they have the role already stands with them.
    pub members: BTreeSet<Uid>,
    /// Taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    pub created: i64,
}

/// Roles as they are kept; earlier versions kept one alone.
fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RoleId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        One(RoleId),
        Many(Vec<RoleId>),
    }
    Ok(match Kept::deserialize(from)? {
        Kept::One(role) => vec![role],
        Kept::Many(roles) => roles,
    })
}

#[derive(Serialize, Deserialize)]
struct PolicyBody {
    epoch: u64,
    root: [u8; 32],
}

/// A system record with the version it is at.
#[derive(Clone)]
pub(crate) struct Versioned<T> {
    pub version: u32,
    pub body: T,
}

/// (kind, id) → (version, row hash): what the policy root is over.
type Hashes = BTreeMap<(String, Uid), (u32, [u8; 32])>;

/// Everything a decision needs, as of one epoch.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub epoch: u64,
    pub users: BTreeMap<Uid, Versioned<UserBody>>,
    pub clients: BTreeMap<Uid, Versioned<ClientBody>>,
    pub teams: BTreeMap<Uid, Versioned<TeamBody>>,
    pub own_roles: BTreeMap<Uid, Versioned<RoleBody>>,
    pub own_flows: BTreeMap<Uid, Versioned<FlowBody>>,
    /// Those that hold, and those that ended not long ago.
    pub grants: BTreeMap<Uid, Versioned<GrantBody>>,
    /// Those that have not ended, as roles of the people who have them.
    granted: BTreeMap<Uid, Vec<RoleId>>,
    pub groups: BTreeMap<Uid, Versioned<GroupBody>>,
    /// The flows, ready to be asked; none before the first was written: until then nothing waits for approval.
    pub flows: Option<Arc<Flows>>,
    /// People by their numbers as those who answer for dossiers.
    owners: BTreeMap<u32, Uid>,
    /// All roles, ready to decide.
    pub roles: Arc<Roles>,
    hashes: Hashes,
}

impl Snapshot {
    /// Reads and checks the policy of the epoch that `read` is at.
    ///
    /// # Errors
    /// `policy_damaged` when a record does not open or the root is not the one recorded.
    pub(crate) fn load(read: &dyn Read, keyring: &Keyring, kinds: &Kinds) -> Result<Snapshot, Fault> {
        let epoch = read.state(TENANT)?.policy_epoch;
        let mut snapshot = Snapshot { epoch, ..Snapshot::default() };
        snapshot.users = snapshot.load_kind(read, keyring, USER)?;
        snapshot.clients = snapshot.load_kind(read, keyring, CLIENT)?;
        snapshot.teams = snapshot.load_kind(read, keyring, TEAM)?;
        snapshot.own_roles = snapshot.load_kind(read, keyring, ROLE)?;
        snapshot.own_roles.retain(|_, role: &mut Versioned<RoleBody>| !role.body.removed);
        snapshot.own_flows = snapshot.load_kind(read, keyring, FLOW)?;
        snapshot.grants = snapshot.load_kind(read, keyring, GRANT)?;
        snapshot.groups = snapshot.load_kind(read, keyring, GROUP)?;
        snapshot.groups.retain(|_, group: &mut Versioned<GroupBody>| !group.body.removed);
        if epoch > 0 {
            let rows = read.system(TENANT, POLICY)?;
            let row = rows.first().ok_or_else(|| policy_damaged("its record is missing"))?;
            let policy: PolicyBody = open(keyring, row)?;
            if policy.epoch != epoch {
                return Err(policy_damaged("its record is of another epoch"));
            }
            if policy.root != snapshot.root() {
                return Err(policy_damaged("a person, program or team was changed outside"));
            }
        } else if !snapshot.hashes.is_empty() {
            return Err(policy_damaged("there are records of it before its first epoch"));
        }
        let own = snapshot.own_roles.iter().map(|(id, role)| (RoleId::Own(*id), &role.body.rules));
        let roles = compile_roles(own.chain(snapshot.live_grants()), kinds)
            .map_err(|_| policy_damaged("its roles cannot be put together"))?;
        for (id, grant) in snapshot.grants.iter().filter(|(_, grant)| grant.body.ended.is_none()) {
            snapshot.granted.entry(grant.body.person).or_default().push(RoleId::Grant(*id));
        }
        snapshot.roles = Arc::new(roles);
        let numbered = |(id, user): (&Uid, &Versioned<UserBody>)| {
            (user.body.number != 0).then_some((user.body.number, *id))
        };
        snapshot.owners = snapshot.users.iter().filter_map(numbered).collect();
        if !snapshot.own_flows.is_empty() {
            snapshot.own_flows.retain(|_, flow| !flow.body.removed);
            let all = snapshot.own_flows.iter();
            let flows = all.map(|(id, flow)| (FlowId(*id), flow.version, flow.body.flow.clone()));
            snapshot.flows = Some(Arc::new(Flows::compile(flows)));
        }
        Ok(snapshot)
    }

    /// Who there is at a moment, as far as approvals ask.
    pub(crate) fn organised(&self, now: Micros) -> Organisation {
        let at = crate::context::moment(now);
        let there = |user: &&Versioned<UserBody>| !user.body.disabled && user.body.can_sign_in();
        let person = |id: Uid, user: &UserBody| Person {
            roles: self.roles.held_at(&user.roles, at),
            team: user.team,
            manager: self.manager(id, user.team),
            absence: None,
        };
        let people = self.users.iter().filter(|(_, user)| there(user));
        let programs = self.clients.iter().filter(|(_, client)| !client.body.disabled);
        let teams = self.teams.iter().map(|(id, team)| {
            let department = self.department(team.body.no);
            let id = id.to_typeid("tea");
            (team.body.no, dossier_approvals::Team { id, department })
        });
        Organisation {
            people: people.map(|(id, user)| (*id, person(*id, &user.body))).collect(),
            programs: programs.filter_map(|(id, client)| Some((*id, client.body.responsible?))).collect(),
            teams: teams.collect(),
        }
    }

    /// The department that a team is of: the topmost team above it.
    pub(crate) fn department(&self, no: u32) -> u32 {
        self.above(no).last().unwrap_or(no)
    }

    /// The teams above one, from the next one on.
    fn above(&self, no: u32) -> impl Iterator<Item = u32> + '_ {
        let next = |no: &u32| self.teams.values().find(|team| team.body.no == *no)?.body.above;
        // No more than there are teams, whatever they say.
        std::iter::successors(next(&no), next).take(self.teams.len())
    }

    /// Somebody's line manager: the nearest of the leads above them who is there.
    pub(crate) fn manager(&self, person: Uid, team: u32) -> Option<Uid> {
        let lead = |no: u32| self.teams.values().find(|team| team.body.no == no)?.body.lead;
        let there =
            |id: &Uid| self.users.get(id).is_some_and(|user| !user.body.disabled && user.body.can_sign_in());
        std::iter::once(team)
            .chain(self.above(team))
            .filter_map(lead)
            .find(|lead| *lead != person && there(lead))
    }

    /// The rules of the grants that have not ended.
    pub(crate) fn live_grants(&self) -> impl Iterator<Item = (RoleId, &RoleRules)> {
        let live = self.grants.iter().filter(|(_, grant)| grant.body.ended.is_none());
        live.map(|(id, grant)| (RoleId::Grant(*id), &grant.body.rules))
    }

    /// What a grant gives.
    pub(crate) fn grant_rules(&self, role: RoleId) -> Option<&RoleRules> {
        let RoleId::Grant(id) = role else { return None };
        self.grants.get(&id).map(|grant| &grant.body.rules)
    }

    /// What a person was granted that has not ended.
    pub(crate) fn granted(&self, person: Uid) -> &[RoleId] {
        self.granted.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The hash of a security record as it is now.
    pub(crate) fn hash_of(&self, kind: &str, id: Uid) -> Option<(u32, [u8; 32])> {
        self.hashes.get(&(kind.to_owned(), id)).copied()
    }

    fn load_kind<T: DeserializeOwned>(
        &mut self,
        read: &dyn Read,
        keyring: &Keyring,
        kind: &str,
    ) -> Result<BTreeMap<Uid, Versioned<T>>, Fault> {
        let mut out = BTreeMap::new();
        for row in read.system(TENANT, kind)? {
            self.hashes.insert((kind.to_owned(), row.id), (row.version, row.hash(TENANT)));
            out.insert(row.id, Versioned { version: row.version, body: open(keyring, &row)? });
        }
        Ok(out)
    }

    /// The root over all security records.
    pub(crate) fn root(&self) -> [u8; 32] {
        root_of(&self.hashes)
    }

    /// The root as it is once these are written, and those gone.
    pub(crate) fn root_with<'r>(
        &self,
        rows: impl IntoIterator<Item = &'r SystemRow>,
        gone: &[(&'static str, Uid, u32)],
    ) -> [u8; 32] {
        let mut hashes = self.hashes.clone();
        for (kind, id, _) in gone {
            hashes.remove(&((*kind).to_owned(), *id));
        }
        hashes.extend(
            rows.into_iter().map(|row| ((row.kind.clone(), row.id), (row.version, row.hash(TENANT)))),
        );
        root_of(&hashes)
    }

    /// The sealed record of the next epoch, and the version it replaces.
    pub(crate) fn next_policy(
        &self,
        root: [u8; 32],
        keyring: &Keyring,
        entropy: &dyn Entropy,
    ) -> Result<(SystemRow, u32), Fault> {
        let epoch = self.epoch + 1;
        let version = u32::try_from(epoch).map_err(|_| policy_damaged("its epochs are used up"))?;
        let row = seal(keyring, POLICY, POLICY_ID, version, &PolicyBody { epoch, root }, entropy)?;
        Ok((row, version - 1))
    }

    /// The name of a team's number.
    pub(crate) fn team_name(&self, no: u32) -> String {
        if no == 0 {
            return DEFAULT_TEAM.to_owned();
        }
        self.teams
            .values()
            .find(|team| team.body.no == no)
            .map_or_else(|| format!("#{no}"), |team| team.body.name.clone())
    }

    /// The number of a team's name or id.
    pub(crate) fn team_no(&self, text: &str) -> Option<u32> {
        if text == DEFAULT_TEAM {
            return Some(0);
        }
        let id = Uid::parse_typeid("tea", text);
        self.teams
            .iter()
            .find(|(at, team)| Some(**at) == id || team.body.name == text)
            .map(|(_, team)| team.body.no)
    }

    /// A user by name or id.
    pub(crate) fn user(&self, text: &str) -> Option<(Uid, &UserBody)> {
        let id = Uid::parse_typeid("usr", text);
        self.users
            .iter()
            .find(|(at, user)| Some(**at) == id || user.body.name == text)
            .map(|(at, user)| (*at, &user.body))
    }

    /// The names of all people.
    pub(crate) fn user_names(&self) -> impl Iterator<Item = &str> {
        self.users.values().map(|user| user.body.name.as_str())
    }

    /// A user by the name alone, as people sign in.
    pub(crate) fn user_named(&self, name: &str) -> Option<(Uid, &UserBody)> {
        self.users.iter().find(|(_, user)| user.body.name == name).map(|(id, user)| (*id, &user.body))
    }

    /// The name of the person who answers for a dossier.
    pub(crate) fn owner_name(&self, number: u32) -> Option<String> {
        Some(self.users.get(self.owners.get(&number)?)?.body.name.clone())
    }

    /// The teams below one, at any depth.
    pub(crate) fn below(&self, team: u32) -> Vec<u32> {
        let mut all = BTreeSet::from([team]);
        let mut ahead = vec![team];
        while let Some(at) = ahead.pop() {
            let under = self.teams.values().filter(|one| one.body.above == Some(at)).map(|one| one.body.no);
            ahead.extend(under.filter(|no| all.insert(*no)));
        }
        all.remove(&team);
        all.into_iter().collect()
    }

    /// The name of a role; its id, where it is gone.
    pub(crate) fn role_name(&self, role: RoleId) -> String {
        let own = |id| self.own_roles.get(&id).map(|role| role.body.name.clone());
        match role {
            RoleId::Fixed(role) => role.name().to_owned(),
            RoleId::Own(id) => own(id).unwrap_or_else(|| role.to_string()),
            RoleId::Grant(_) => role.to_string(),
        }
    }

    /// The names of roles, in their order.
    pub(crate) fn role_names(&self, roles: &[RoleId]) -> Vec<String> {
        roles.iter().map(|role| self.role_name(*role)).collect()
    }

    /// A role by name or id.
    pub(crate) fn role(&self, text: &str) -> Option<RoleId> {
        let text = text.trim();
        let there = |id: &RoleId| match id {
            RoleId::Fixed(_) => true,
            RoleId::Own(id) => self.own_roles.contains_key(id),
            RoleId::Grant(_) => false,
        };
        let named = || self.own_roles.iter().find(|(_, role)| role.body.name == text);
        RoleId::parse(text).filter(there).or_else(|| named().map(|(id, _)| RoleId::Own(*id)))
    }

    /// Whether these roles make somebody a CDO.
    pub(crate) fn is_cdo(&self, roles: &[RoleId]) -> bool {
        self.roles.include(roles, Role::Cdo)
    }

    /// Whether a person is the only CDO who can do anything: one who was invited and never came can do nothing.
    pub(crate) fn is_last_cdo(&self, id: Uid) -> bool {
        let head = |user: &UserBody| self.is_cdo(&user.roles) && !user.disabled;
        let Some(user) = self.users.get(&id).map(|user| &user.body).filter(|user| head(user)) else {
            return false;
        };
        let mut others = self.users.iter().filter(|(of, other)| **of != id && head(&other.body));
        !others.any(|(_, other)| user.password.is_none() || other.body.password.is_some())
    }

    /// Whether there is somebody who can decide: from then on only a CDO makes another.
    pub(crate) fn has_cdo(&self) -> bool {
        self.has_cdo_by(&self.roles)
    }

    /// The same, were these the roles.
    pub(crate) fn has_cdo_by(&self, all: &Roles) -> bool {
        let head = |roles: &[RoleId], disabled: bool| !disabled && all.include(roles, Role::Cdo);
        self.users.values().any(|user| head(&user.body.roles, user.body.disabled))
            || self.clients.values().any(|client| head(&client.body.roles, client.body.disabled))
    }

    /// The name of whoever stands behind sixteen bytes of provenance.
    pub(crate) fn who(&self, kind: u8, id: Uid) -> String {
        match kind {
            1 => self.users.get(&id).map(|user| user.body.name.clone()),
            2 => self.clients.get(&id).map(|client| client.body.name.clone()),
            3 => Some(match self.users.get(&id) {
                Some(user) => user.body.name.clone(),
                None => {
                    let [.., a, b, c, d] = id.0;
                    format!("os:{}", u32::from_be_bytes([a, b, c, d]))
                }
            }),
            _ => Some("system".to_owned()),
        }
        .unwrap_or_else(|| id.to_string())
    }
}

/// The built-in roles and these, over all kinds.
///
/// # Errors
/// `role_unknown`, `role_cycle`, `role_too_deep`.
pub(crate) fn compile_roles<'r>(
    own: impl IntoIterator<Item = (RoleId, &'r RoleRules)>,
    kinds: &Kinds,
) -> Result<Roles, Fault> {
    Roles::compile(own, &kinds.iter().collect::<Vec<_>>())
}

/// The team of whoever and whatever was given none.
pub(crate) const DEFAULT_TEAM: &str = "default";

fn root_of(hashes: &Hashes) -> [u8; 32] {
    sha256(&to_cbor(hashes.len() * 80, |e| {
        e.array(hashes.len() as u64)?;
        for ((kind, id), (version, hash)) in hashes {
            e.array(4)?.str(kind)?.bytes(&id.0)?.u32(*version)?.bytes(hash)?;
        }
        Ok(())
    }))
}

pub(crate) fn policy_damaged(what: &'static str) -> Fault {
    Fault::new("policy_damaged").with("what", what)
}

fn context(kind: &str, id: Uid, version: u32) -> Vec<u8> {
    to_cbor(64, |e| {
        e.array(4)?.u32(TENANT.0)?.str(kind)?.bytes(&id.0)?.u32(version)?;
        Ok(())
    })
}

/// Seals a system record.
pub(crate) fn seal<T: Serialize>(
    keyring: &Keyring,
    kind: &str,
    id: Uid,
    version: u32,
    body: &T,
    entropy: &dyn Entropy,
) -> Result<SystemRow, Fault> {
    let plain = serde_json::to_vec(body).map_err(|_| Fault::new("internal"))?;
    let body = seal_system(keyring.keys().system(), &context(kind, id, version), &plain, entropy)?;
    Ok(SystemRow { kind: kind.to_owned(), id, version, body })
}

fn open<T: DeserializeOwned>(keyring: &Keyring, row: &SystemRow) -> Result<T, Fault> {
    let plain = open_system(keyring.keys().system(), &context(&row.kind, row.id, row.version), &row.body)
        .map_err(|_| policy_damaged("a record of it does not open"))?;
    serde_json::from_slice(&plain).map_err(|_| policy_damaged("a record of it cannot be read"))
}
