//! Who asks, about whom, and about which field.

use super::GateSaid;
use crate::TENANT;
use crate::caller::Principal;
use crate::context::{Context, Stop, moment};
use crate::policy::{ClientBody, UserBody, Versioned};
use crate::query::{Found, find};
use crate::seal::Opened;
use dossier_access::{Action, Form, Holder, Reach, RoleId, Target, View};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::{Field, Kind};
use dossier_model::value::Fields;
use dossier_store::STATE_FROZEN;

/// Whom somebody may ask about beside themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// Nobody.
    Oneself,
    /// Those of one's own department: who reads the ledger, and not of all dossiers.
    Department(u32),
    /// Everybody: who reads the whole ledger, and who gives rights.
    All,
}

/// Who asks.
pub(super) struct Asked {
    about: About,
    /// Whether they give rights, and so know the roles with their rules.
    pub keeps: bool,
}

impl Asked {
    pub fn new(cx: &Context<'_>) -> Result<Asked, Stop> {
        cx.current()?;
        let keeps = cx.actions().has(Action::ManageAccess);
        let view = cx.view("customer")?.0;
        let about = if keeps || view.rows(Action::ReadLedger).are_all() {
            About::All
        } else if cx.actions().has(Action::ReadLedger) {
            About::Department(cx.snapshot.department(cx.team()))
        } else {
            About::Oneself
        };
        Ok(Asked { about, keeps })
    }

    /// Allows asking about others at all.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn about_others(&self) -> Result<(), Fault> {
        let none = || Fault::new("action_not_allowed").with("action", Action::ReadLedger.name());
        if self.about == About::Oneself { Err(none()) } else { Ok(()) }
    }

    /// Whether they may ask about somebody of a team.
    pub fn reaches(&self, cx: &Context<'_>, team: u32) -> bool {
        match self.about {
            About::Oneself => false,
            About::Department(own) => cx.snapshot.department(team) == own,
            About::All => true,
        }
    }
}

/// A field of a record that the caller reads.
pub(super) struct TheField<'k> {
    pub kind: &'k Kind,
    pub field: &'k Field,
    pub found: Found,
    pub level: Level,
}

impl TheField<'_> {
    pub fn find(
        cx: &Context<'_>,
        asked: &Asked,
        record: &str,
        name: &str,
    ) -> Result<TheField<'static>, Stop> {
        let kind = if record.starts_with("con_") { "contact" } else { "customer" };
        let (view, kind) = cx.view(kind)?;
        view.anywhere().permit(Action::Read)?;
        let read = cx.read()?;
        let found = find(&*read, &view, kind, record)?;
        let field = field_of(&view, asked, kind, name)?;
        let opened = Opened::new(TENANT, kind, &found.row, &found.key, &cx.engine.keyring)?;
        drop(read);
        let level = level_of(&opened, &view.at(&found.row.place()), kind, field)?;
        Ok(TheField { kind, field, found, level })
    }

    pub fn target(&self) -> Target<'_> {
        let TheField { kind, field, level, .. } = *self;
        Target { kind, place: self.found.row.place(), field: field.number, level }
    }

    /// TypeID of the record.
    pub fn id(&self) -> String {
        self.found.row.record.to_typeid(&self.kind.prefix)
    }

    pub fn state(&self) -> &'static str {
        if self.found.row.state == STATE_FROZEN { "frozen" } else { "live" }
    }
}

/// The field of this name. One that the caller sees nowhere does not exist, but for those who know the rules of all roles.
fn field_of(view: &View, asked: &Asked, kind: &'static Kind, name: &str) -> Result<&'static Field, Fault> {
    let known = |field: &&Field| {
        let reach = view.anywhere();
        asked.keeps || Level::ALL.iter().any(|level| reach.form(field.number, *level) != Form::Hidden)
    };
    let field = kind.by_name(name).filter(|field| field.enabled).filter(known);
    field.ok_or_else(|| Fault::new("unknown_field").field("field"))
}

/// The level that the field's value is sealed under, or would be. Where that is hidden from the caller it is the declared
/// one: the other would tell something of the record.
fn level_of(opened: &Opened<'_>, own: &Reach<'_>, kind: &Kind, field: &Field) -> Result<Level, Fault> {
    let mut all = Fields::new();
    let mut sealed = None;
    for (level, class) in opened.places() {
        for (number, (value, _)) in opened.values(level, class)? {
            sealed = if number == field.number { Some(level) } else { sealed };
            all.insert(number, value);
        }
    }
    let level = sealed.unwrap_or_else(|| field.placement(&all, kind).level);
    Ok(if own.form(field.number, level) == Form::Hidden { field.level } else { level })
}

/// Of whom something is said.
pub(super) struct Subject {
    pub id: String,
    pub name: String,
    /// `user`, `client` or `role`.
    pub what: &'static str,
    pub roles: Vec<RoleId>,
    pub team: u32,
    below: Vec<u32>,
    number: u32,
    /// What keeps them from everything.
    pub gate: Option<GateSaid>,
}

impl Subject {
    pub fn find(
        cx: &Context<'_>,
        asked: &Asked,
        who: Option<&str>,
        field: &TheField<'_>,
    ) -> Result<Subject, Stop> {
        let own = match &cx.caller.principal {
            Principal::User(id) | Principal::Client(id) => Some(*id),
            _ => None,
        };
        let Some(who) = who else {
            let own = own.and_then(|id| Subject::by_id(cx, id));
            return own.ok_or_else(|| Fault::new("people_only").into());
        };
        let id = Uid::parse_typeid("usr", who).or_else(|| Uid::parse_typeid("cli", who));
        if id.is_none() || id != own {
            asked.about_others()?;
        }
        let subject = match id {
            Some(id) => Subject::by_id(cx, id),
            None => cx
                .snapshot
                .role(who)
                .filter(|role| asked.may_know(*role))
                .map(|role| Subject::by_role(cx, role, field)),
        };
        let near = |one: &Subject| id == own || one.what == "role" || asked.reaches(cx, one.team);
        Ok(subject.filter(near).ok_or_else(|| Fault::new("not_found"))?)
    }

    fn by_id(cx: &Context<'_>, id: Uid) -> Option<Subject> {
        let snapshot = &cx.snapshot;
        let user = || snapshot.users.get(&id).map(|user| Subject::user(cx, id, user));
        user().or_else(|| snapshot.clients.get(&id).map(|client| Subject::client(cx, id, client)))
    }

    pub fn user(cx: &Context<'_>, id: Uid, user: &Versioned<UserBody>) -> Subject {
        let user = &user.body;
        let gate = match cx.engine.must(&cx.snapshot, id, user, cx.now) {
            _ if user.disabled => Some(GateSaid::Disabled),
            _ if !user.can_sign_in() => Some(GateSaid::NotSetUp),
            must => must.map(GateSaid::from),
        };
        Subject {
            id: id.to_typeid("usr"),
            name: user.name.clone(),
            what: "user",
            roles: [user.roles.as_slice(), cx.snapshot.granted(id)].concat(),
            team: user.team,
            below: cx.snapshot.below(user.team),
            number: user.number,
            gate,
        }
    }

    pub fn client(cx: &Context<'_>, id: Uid, client: &Versioned<ClientBody>) -> Subject {
        let client = &client.body;
        Subject {
            id: id.to_typeid("cli"),
            name: client.name.clone(),
            what: "client",
            roles: client.roles.clone(),
            team: client.team,
            below: cx.snapshot.below(client.team),
            number: 0,
            gate: client.disabled.then_some(GateSaid::Disabled),
        }
    }

    /// Somebody who has one role alone, is of the dossier's team and answers for it: who sees the most by it.
    fn by_role(cx: &Context<'_>, role: RoleId, field: &TheField<'_>) -> Subject {
        let place = field.found.row.place();
        Subject {
            id: role.to_string(),
            name: cx.snapshot.role_name(role),
            what: "role",
            roles: vec![role],
            team: place.team,
            below: cx.snapshot.below(place.team),
            number: place.owner,
            gate: None,
        }
    }

    pub fn holder(&self, cx: &Context<'_>) -> Holder<'_> {
        let Subject { roles, team, below, number, .. } = self;
        Holder { roles, team: *team, below, number: *number, at: moment(cx.now) }
    }
}

impl Asked {
    /// Whether they may know that there is a role: the built-in ones stand in the documentation.
    pub fn may_know(&self, role: RoleId) -> bool {
        self.keeps || matches!(role, RoleId::Fixed(_))
    }
}
