//! Why somebody sees a field of a record as they do, and what would change it. The verdict is the one of the view itself, and
//! each link of the chain is what the view is put together from.

mod change;

pub use change::{Change, RuleChange, changes};

use crate::action::Action;
use crate::hours::Moment;
use crate::role::RoleId;
use crate::roles::Roles;
use crate::rules::{Due, FieldRule, Holder, RoleRules, Shows};
use crate::sight::{CLEAR, Form, HIDDEN, MASKED};
use crate::view::View;
use dossier_model::Level;
use dossier_model::kind::Kind;
use dossier_model::mask::Mask;
use dossier_model::scope::{Condition, Place};

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The kind of the record.
    pub kind: &'a Kind,
    /// Where its dossier is.
    pub place: Place,
    /// The field's number.
    pub field: u16,
    /// The level that its value is sealed under.
    pub level: Level,
}

/// How somebody sees a field; the greater, the more of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// The record is out of reach: it looks missing.
    Absent,
    /// The record is seen and the field is not.
    Hidden,
    /// Through its mask.
    Masked,
    /// Through its mask, and to be opened with a purpose.
    Openable,
    /// As it is.
    Clear,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 5] =
        [Verdict::Absent, Verdict::Hidden, Verdict::Masked, Verdict::Openable, Verdict::Clear];

    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Absent => "absent",
            Verdict::Hidden => "hidden",
            Verdict::Masked => "masked",
            Verdict::Openable => "openable",
            Verdict::Clear => "clear",
        }
    }

    /// What a view makes of a field.
    pub fn of(view: &View, target: &Target<'_>) -> Verdict {
        let Target { place, field, level, .. } = target;
        let reach = view.at(place);
        match reach.form(*field, *level) {
            _ if !view.reads(place) => Verdict::Absent,
            Form::Clear => Verdict::Clear,
            Form::Masked if reach.may_reveal(*field, *level) => Verdict::Openable,
            Form::Masked => Verdict::Masked,
            Form::Hidden => Verdict::Hidden,
        }
    }
}

/// Something that is asked on the way from a person to a field. What is asked besides roles (grants, training) is another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Whether it is the hour of the role, and of those that take over from it.
    Hours,
    /// Whether the role gives this action.
    Action(Action),
    /// Whether the role reaches the dossier; else the first condition that is not met.
    Rows(Option<Condition>),
    /// What the role says of the field; nothing: it is hidden.
    Field(Option<FieldRule>),
    /// Whether the level is one that the role sees at all, up to this one.
    SeeTo(Level),
    /// Whether it is one that the role sees in clear.
    ClearTo(Level),
    /// Whether it is one that the role opens.
    OpenTo(Option<Level>),
}

/// A link of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// What is asked.
    pub step: Step,
    /// Whether it lets pass.
    pub passes: bool,
    /// Whether the verdict is due to it.
    pub decides: bool,
}

/// The chain of one role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The role.
    pub role: RoleId,
    /// The roles that take over from it, the one that was given first; none where it was given itself.
    pub over: Vec<RoleId>,
    /// What is asked, in order, as far as it matters.
    pub links: Vec<Link>,
    /// Whether the verdict is due to it.
    pub decides: bool,
    shows: Shows,
}

/// Why somebody sees a field as they do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// How they see it.
    pub verdict: Verdict,
    /// The mask that is laid over the default one.
    pub mask: Option<Mask>,
    /// The chains of all roles that they have.
    pub ways: Vec<Way>,
}

/// Explains how somebody sees a field.
pub fn explain(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>) -> Explanation {
    let view = roles.view(holder, target.kind);
    let verdict = Verdict::of(&view, target);
    let mask = view.at(&target.place).mask(target.field, target.level).cloned();
    let mut ways = ways(roles, holder, target);
    mark(&mut ways, verdict);
    let mask = mask.filter(|_| matches!(verdict, Verdict::Masked | Verdict::Openable));
    Explanation { verdict, mask, ways }
}

/// The chains of all roles that somebody has at some hour, those first through which it is the hour now.
fn ways(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>) -> Vec<Way> {
    let now = roles.ways(holder.roles, |role| role.holds(holder.at));
    let mut ever = roles.ways(holder.roles, |_| true);
    ever.retain(|id, _| !now.contains_key(id));
    let chain = |id: &RoleId, known: &std::collections::BTreeMap<RoleId, Option<RoleId>>, holds: bool| {
        let role = roles.get(*id)?;
        let above = |id: &RoleId| known.get(id).or_else(|| now.get(id)).copied().flatten();
        let mut over: Vec<RoleId> = std::iter::successors(above(id), above).collect();
        over.reverse();
        Some(way(*id, &role.rules, over, holds, holder, target))
    };
    let holding = now.keys().filter_map(|id| chain(id, &now, true));
    let others = ever.keys().filter_map(|id| chain(id, &ever, false));
    holding.chain(others).collect()
}

/// The chain of a role; `holds` says whether it is its hour, and that of what it is taken over by.
fn way(
    role: RoleId,
    rules: &RoleRules,
    over: Vec<RoleId>,
    holds: bool,
    holder: &Holder<'_>,
    target: &Target<'_>,
) -> Way {
    let Target { kind, field, level, .. } = *target;
    let misses = rules.rows.misses(holder, &target.place);
    let rule = rules.rule(kind.id, field).filter(|_| kind.field(field).is_some_and(|field| field.enabled));
    let shows = if rule.is_some() { rules.shows(kind.id, field, level) } else { Shows::NOTHING };
    let mut steps = vec![
        (Step::Hours, holds),
        (Step::Action(Action::Read), rules.actions.has(Action::Read)),
        (Step::Rows(misses), misses.is_none()),
        (Step::Field(rule), rule.is_some()),
    ];
    if rule.is_some() {
        steps.push((Step::SeeTo(rules.see_to), level <= rules.see_to));
    }
    if rule == Some(FieldRule::Clear) {
        steps.push((Step::ClearTo(rules.clear_to), level <= rules.clear_to));
    }
    if rule >= Some(FieldRule::Openable) && shows.known != CLEAR {
        steps.push((Step::OpenTo(rules.open_to), rules.open_to.is_some_and(|most| level <= most)));
        steps.push((Step::Action(Action::Reveal), rules.actions.has(Action::Reveal)));
    }
    let link = |(step, passes)| Link { step, passes, decides: false };
    Way { role, over, links: steps.into_iter().map(link).collect(), decides: false, shows }
}

impl Way {
    /// Whether it gives anything here at this moment.
    fn counts(&self) -> bool {
        let stopped = |link: &Link| matches!(link.step, Step::Hours | Step::Rows(_)) && !link.passes;
        !self.links.iter().any(stopped)
    }

    fn passes(&self, wanted: impl Fn(Step) -> bool) -> bool {
        self.links.iter().any(|link| wanted(link.step) && link.passes)
    }

    /// How far it comes on the way to the record.
    fn comes(&self) -> usize {
        self.links.iter().take(3).filter(|link| link.passes).count()
    }

    /// The link that a verdict is due to, were it due to this role.
    fn deciding(&self, verdict: Verdict) -> Option<usize> {
        let stop = || self.links.iter().position(|link| !link.passes);
        let at = |wanted: &dyn Fn(Step) -> bool| self.links.iter().position(|link| wanted(link.step));
        let rule = || at(&|step| matches!(step, Step::Field(_)));
        match (verdict, self.shows.due) {
            (Verdict::Absent, _) => stop(),
            (Verdict::Hidden, Due::SeeTo) => at(&|step| matches!(step, Step::SeeTo(_))),
            // It is to be opened, but nothing may.
            (Verdict::Masked, _) if self.shows.known != MASKED => {
                at(&|step| step == Step::Action(Action::Reveal))
            }
            (Verdict::Masked, Due::OpenTo) => at(&|step| matches!(step, Step::OpenTo(_))),
            (Verdict::Masked | Verdict::Openable, Due::ClearTo) => {
                at(&|step| matches!(step, Step::ClearTo(_)))
            }
            _ => rule(),
        }
    }
}

/// Marks the role and the link that the verdict is due to.
fn mark(ways: &mut [Way], verdict: Verdict) {
    let reads = |way: &Way| way.counts() && way.passes(|step| step == Step::Action(Action::Read));
    // Of those that show it alike the one that is enough by itself.
    let best = |way: &&mut Way| match verdict {
        Verdict::Absent => (way.comes(), HIDDEN, false),
        _ if !way.counts() => (0, HIDDEN, false),
        _ => (1, way.shows.known, reads(way)),
    };
    let Some(way) = ways.iter_mut().rev().max_by_key(best) else { return };
    way.decides = true;
    let at = way.deciding(verdict);
    if let Some(link) = at.and_then(|at| way.links.get_mut(at)) {
        link.decides = true;
    }
}

/// A moment at which the hours of some role may begin or end, from one on.
pub(crate) fn edges(roles: &Roles, given: &[RoleId], from: Moment) -> Vec<Moment> {
    /// So many days ahead are looked at.
    const DAYS: i32 = 62;
    let minutes = roles.held(given).into_iter().filter_map(|id| roles.get(id)?.rules.hours.as_ref()?.minutes);
    let mut minutes: Vec<u16> = minutes.flat_map(|(begin, end)| [begin, end]).chain([0]).collect();
    minutes.sort_unstable();
    minutes.dedup();
    let day = |on: i32| {
        let weekday = u8::try_from((i32::from(from.weekday) + on).rem_euclid(7)).unwrap_or(0);
        let day = dossier_model::time::Day(from.day.0 + on);
        minutes.iter().map(move |minute| Moment { day, weekday, minute: *minute })
    };
    let later = |at: &Moment| (at.day, at.minute) > (from.day, from.minute) && at.minute < 24 * 60;
    (0..DAYS).flat_map(day).filter(later).collect()
}
