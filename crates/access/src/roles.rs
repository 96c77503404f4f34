//! All roles of an installation, compiled once for each epoch of the policy.

use crate::hours::Moment;
use crate::role::{Role, RoleId};
use crate::rules::{Holder, RoleRules};
use crate::sight::Sight;
use crate::view::{Part, Permit, View};
use crate::{Action, Actions};
use dossier_model::fault::Fault;
use dossier_model::kind::{Kind, KindId};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How many roles may stand above one another.
const MOST_DEEP: usize = 8;

pub(crate) struct Compiled {
    pub rules: RoleRules,
    sights: BTreeMap<KindId, Arc<Sight>>,
    /// Of a grant, the kinds that it names fields of: it gives nothing of the others, not even that they are there.
    only: Option<BTreeSet<u16>>,
}

impl Compiled {
    /// Whether it gives anything at a moment.
    pub fn holds(&self, at: Moment) -> bool {
        self.rules.hours.as_ref().is_none_or(|hours| hours.hold(at))
    }
}

/// Every role with its rules, ready to be made into views. By default there is none, and nobody may do anything.
#[derive(Default, Clone)]
pub struct Roles(BTreeMap<RoleId, Arc<Compiled>>);

impl Roles {
    /// The built-in roles, these of the installation's own and these grants, over these kinds.
    ///
    /// # Errors
    /// `role_unknown` where one takes over from a role that is not there, `role_cycle` where it would take over from
    /// itself, `role_too_deep`.
    pub fn compile<'r>(
        own: impl IntoIterator<Item = (RoleId, &'r RoleRules)>,
        kinds: &[&Kind],
    ) -> Result<Roles, Fault> {
        let fixed = Role::ALL.into_iter().chain([Role::Operator]);
        let mut all: BTreeMap<RoleId, Arc<Compiled>> = fixed
            .map(|role| {
                (RoleId::Fixed(role), compiled(RoleId::Fixed(role), role.rules(kinds.iter().copied()), kinds))
            })
            .collect();
        all.extend(own.into_iter().map(|(id, rules)| (id, compiled(id, rules.clone(), kinds))));
        let roles = Roles(all);
        let mut heights = BTreeMap::new();
        for id in roles.0.keys() {
            roles.height(*id, &mut Vec::new(), &mut heights)?;
        }
        Ok(roles)
    }

    /// How many roles stand above one another from this one on; each is looked at once.
    fn height(
        &self,
        id: RoleId,
        under: &mut Vec<RoleId>,
        known: &mut BTreeMap<RoleId, usize>,
    ) -> Result<usize, Fault> {
        if under.contains(&id) {
            return Err(Fault::new("role_cycle"));
        }
        if let Some(height) = known.get(&id) {
            return Ok(*height);
        }
        let role = self.0.get(&id).ok_or_else(|| Fault::new("role_unknown"))?;
        under.push(id);
        let mut height = 1;
        for parent in &role.rules.inherits {
            height = height.max(1 + self.height(*parent, under, known)?);
        }
        under.pop();
        if height > MOST_DEEP {
            return Err(Fault::new("role_too_deep").with("most", MOST_DEEP.to_string()));
        }
        known.insert(id, height);
        Ok(height)
    }

    /// The roles somebody has who was given these: with all that they take over, each once, at whatever hours.
    pub fn held(&self, given: &[RoleId]) -> BTreeSet<RoleId> {
        self.held_where(given, |_| true)
    }

    /// The same at a moment.
    pub fn held_at(&self, given: &[RoleId], at: Moment) -> BTreeSet<RoleId> {
        self.held_where(given, |role| role.holds(at))
    }

    fn held_where(&self, given: &[RoleId], holds: impl Fn(&Compiled) -> bool) -> BTreeSet<RoleId> {
        self.ways(given, holds).into_keys().collect()
    }

    /// The roles that are reached from those that were given through roles of which this is so, each with the one that takes
    /// over from it: what takes over from others gives nothing of them where it does not hold itself.
    pub(crate) fn ways(
        &self,
        given: &[RoleId],
        holds: impl Fn(&Compiled) -> bool,
    ) -> BTreeMap<RoleId, Option<RoleId>> {
        let mut ways = BTreeMap::new();
        let mut ahead: VecDeque<_> = given.iter().map(|id| (*id, None)).collect();
        while let Some((id, over)) = ahead.pop_front() {
            let Some(role) = self.0.get(&id).filter(|role| holds(role)) else { continue };
            if let Entry::Vacant(vacant) = ways.entry(id) {
                vacant.insert(over);
                ahead.extend(role.rules.inherits.iter().map(|parent| (*parent, Some(id))));
            }
        }
        ways
    }

    pub(crate) fn get(&self, id: RoleId) -> Option<&Compiled> {
        self.0.get(&id).map(|role| &**role)
    }

    /// The roles that can be given.
    pub(crate) fn ids(&self) -> impl Iterator<Item = RoleId> {
        self.0.keys().copied().filter(|id| *id != RoleId::Fixed(Role::Operator))
    }

    /// The same with other rules for one of them, over these kinds alone: to see what would be, were it so. Whether the
    /// roles can be put together is not asked.
    #[must_use]
    pub fn with(&self, id: RoleId, rules: RoleRules, kinds: &[&Kind]) -> Roles {
        let mut all = self.0.clone();
        all.insert(id, compiled(id, rules, kinds));
        Roles(all)
    }

    /// What somebody may do with records of a kind at this moment.
    pub fn view(&self, holder: &Holder<'_>, kind: &Kind) -> View {
        let mut parts: BTreeMap<_, (Actions, Sight)> = BTreeMap::new();
        let gives = |role: &&Compiled| role.only.as_ref().is_none_or(|only| only.contains(&kind.id.0));
        for role in self.now(holder).filter(gives) {
            let (actions, sight) = parts
                .entry(role.rules.rows.scope(holder))
                .or_insert_with(|| (Actions::NONE, Sight::none(kind)));
            *actions = actions.and(role.rules.actions);
            if let Some(more) = role.sights.get(&kind.id) {
                sight.add(more);
            }
        }
        let parts = parts.into_iter().map(|(scope, (actions, sight))| Part { scope, actions, sight });
        View::of(kind, parts.collect())
    }

    /// Allows at this moment what concerns no record (the ledger, keys, people and programs).
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn permit(&self, holder: &Holder<'_>, action: Action) -> Result<Permit, Fault> {
        Permit::of(self.actions(holder), action)
    }

    /// Everything that somebody may do at this moment, wherever.
    pub fn actions(&self, holder: &Holder<'_>) -> Actions {
        self.now(holder).fold(Actions::NONE, |all, role| all.and(role.rules.actions))
    }

    /// Everything that these roles may do at some time, with all that they take over.
    pub fn ever(&self, given: &[RoleId]) -> Actions {
        let held = self.held(given).into_iter().filter_map(|id| self.0.get(&id));
        held.fold(Actions::NONE, |all, role| all.and(role.rules.actions))
    }

    /// Whether somebody with these roles has a built-in one at all hours, of their own or taken over.
    pub fn include(&self, given: &[RoleId], role: Role) -> bool {
        self.held_where(given, |role| role.rules.hours.is_none()).contains(&RoleId::Fixed(role))
    }

    /// Whether somebody has a built-in role at this moment.
    pub fn include_now(&self, holder: &Holder<'_>, role: Role) -> bool {
        self.held_at(holder.roles, holder.at).contains(&RoleId::Fixed(role))
    }

    /// The roles whose hours are now.
    fn now<'s>(&'s self, holder: &Holder<'_>) -> impl Iterator<Item = &'s Compiled> + use<'s> {
        self.held_at(holder.roles, holder.at).into_iter().filter_map(|id| self.get(id))
    }
}

fn compiled(id: RoleId, rules: RoleRules, kinds: &[&Kind]) -> Arc<Compiled> {
    let sights = kinds.iter().map(|kind| (kind.id, Arc::new(Sight::of(&rules, kind)))).collect();
    let only = matches!(id, RoleId::Grant(_)).then(|| rules.fields.keys().copied().collect());
    Arc::new(Compiled { rules, sights, only })
}
