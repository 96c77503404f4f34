//! What may happen to a request, and what comes of it.

use crate::binding::Binding;
use crate::flow::Apart;
use crate::lane::{Extra, Lane, Scene};
use crate::notice::{Notice, Outcome};
use crate::organisation::Organisation;
use crate::request::{Gone, Remark, Request, Said, State, What};
use dossier_model::fault::{Fault, Lang};
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use std::collections::BTreeSet;

/// The most things that are kept of what people say to one request.
const MOST_SAID: usize = 200;
const MOST_FILES: usize = 20;
/// The most people who are asked beside those whom a step names.
const MOST_EXTRA: usize = 20;

/// Something that happens to a request.
#[derive(Clone, Debug)]
pub enum Event {
    /// Somebody agrees.
    Agree {
        /// Who.
        by: Uid,
        /// The command and the state as they are at this moment.
        now: Binding,
        /// Whether together with others.
        bulk: bool,
        /// What they add.
        remark: Remark,
    },
    /// Somebody refuses, which ends it.
    Refuse {
        /// Who.
        by: Uid,
        /// Why.
        remark: Remark,
    },
    /// Somebody hands their place over (转交).
    PassOn {
        /// Who.
        by: Uid,
        /// To whom.
        to: Uid,
        /// What they add.
        remark: Remark,
    },
    /// Somebody asks that another one agrees as well (加签).
    Add {
        /// Who.
        by: Uid,
        /// That other one.
        person: Uid,
        /// What they add.
        remark: Remark,
    },
    /// The asker, or somebody who has or had a part in it, says something.
    Comment {
        /// Who.
        by: Uid,
        /// What.
        remark: Remark,
    },
    /// The asker takes it back.
    Recall {
        /// The asker, or the person responsible for the program that asked.
        by: Uid,
        /// Why.
        remark: Remark,
    },
    /// It is executed, in the same transaction as this.
    Execute {
        /// The command and the state as they are at this moment.
        now: Binding,
    },
    /// It was approved, and the command is refused to its asker now.
    Fail {
        /// The key of the error.
        why: String,
    },
    /// A flow that it met was removed or switched off.
    FlowGone,
    /// The asker, or the person responsible for the program that asked, has left or lost rights.
    AskerGone,
    /// The asker has done what says that it is not wanted any more.
    Unwanted,
    /// Nothing but time.
    Wake,
}

impl Request {
    /// The request after an event, at a moment. A moment before one that it knows of counts as that one.
    ///
    /// What time has done is done first. An event that comes too late is refused, and changes nothing; what time
    /// has done is kept by [`Event::Wake`].
    ///
    /// # Errors
    /// `approval_ended`; `approval_not_waiting` and `approval_not_agreed` where the event belongs to another state;
    /// `self_approval`, `approval_twice`, `approval_not_asked` where it is not for this person to decide; and what
    /// each event has of its own.
    pub fn apply(&self, event: Event, at: Micros, organisation: &Organisation) -> Result<Outcome, Fault> {
        if self.state.is_final() {
            return match event {
                Event::Wake => Ok(Outcome { request: self.clone(), notices: Vec::new() }),
                _ => Err(ended(&self.state)),
            };
        }
        let at = at.max(self.seen);
        let mut next = self.clone();
        let reminded = next.pass(at, organisation);
        if next.state.is_final() && !matches!(event, Event::Wake) {
            return Err(ended(&next.state));
        }
        let alarm = next.happen(event, at, organisation)?;
        let deciders = next.deciders(at, organisation);
        let reminded: BTreeSet<Uid> = reminded.intersection(&deciders).copied().collect();
        let mut outcome = Outcome::between(Some(self), next, &self.scene(at, organisation));
        if !reminded.is_empty() {
            outcome.notices.push(Notice::Remind(reminded));
        }
        outcome.notices.extend(alarm);
        Ok(outcome)
    }

    fn happen(
        &mut self,
        event: Event,
        at: Micros,
        organisation: &Organisation,
    ) -> Result<Option<Notice>, Fault> {
        match event {
            Event::Agree { by, now, bulk, remark } => {
                return self.agree(by, &now, bulk, remark, organisation);
            }
            Event::Refuse { by, remark } => {
                self.seats(by, organisation)?;
                self.say(by, What::Refused, remark)?;
                self.turn(State::Refused(by), at);
            }
            Event::PassOn { by, to, remark } => self.pass_on(by, to, remark, organisation)?,
            Event::Add { by, person, remark } => self.add(by, person, remark, organisation)?,
            Event::Comment { by, remark } => {
                let has_part = self.asker.is(by, organisation)
                    || self.said.iter().any(|said| said.by == by)
                    || self.deciders(at, organisation).contains(&by);
                if !has_part || !organisation.people.contains_key(&by) {
                    return Err(Fault::new("approval_not_asked"));
                }
                self.say(by, What::Commented, remark)?;
            }
            Event::Recall { by, remark } => {
                if !self.asker.is(by, organisation) {
                    return Err(Fault::new("approval_not_yours"));
                }
                self.say(by, What::Recalled, remark)?;
                self.turn(State::Recalled, at);
            }
            Event::Execute { now } => {
                self.must_be_agreed()?;
                let moved = self.binding.moved(&now);
                let state = if moved.is_empty() { State::Executed } else { State::Moved(moved) };
                self.turn(state, at);
            }
            Event::Fail { why } => {
                self.must_be_agreed()?;
                self.turn(State::Failed(why), at);
            }
            Event::FlowGone => self.turn(State::Dropped(Gone::Flow), at),
            Event::AskerGone => self.turn(State::Dropped(Gone::Asker), at),
            Event::Unwanted => self.turn(State::Dropped(Gone::Wish), at),
            Event::Wake => {}
        }
        Ok(None)
    }

    fn agree(
        &mut self,
        by: Uid,
        now: &Binding,
        bulk: bool,
        remark: Remark,
        organisation: &Organisation,
    ) -> Result<Option<Notice>, Fault> {
        let at = self.seen;
        let seats = self.seats(by, organisation)?;
        if bulk && !self.bulk {
            return Err(Fault::new("approval_not_in_bulk"));
        }
        let moved = self.binding.moved(now);
        if !moved.is_empty() {
            self.turn(State::Moved(moved), at);
            return Ok(None);
        }
        self.say(by, What::Agreed, remark)?;
        let asker = self.asker;
        let scene = Scene { organisation, asker: &asker, team: self.team, at };
        for (place, seat) in seats {
            if let Some(lane) = self.lanes.get_mut(place) {
                lane.agree(by, seat, &scene);
            }
        }
        self.settle(at);
        Ok(self.asker.is(by, organisation).then_some(Notice::SingleKeeper(by)))
    }

    fn pass_on(
        &mut self,
        by: Uid,
        to: Uid,
        remark: Remark,
        organisation: &Organisation,
    ) -> Result<(), Fault> {
        let seats = self.seats(by, organisation)?;
        for (place, seat) in seats {
            self.check_new(place, to, organisation)?;
            let Some(lane) = self.lanes.get_mut(place) else { continue };
            if lane.step().is_some_and(|(_, step)| step.in_person) {
                return Err(Fault::new("approval_in_person"));
            }
            let Some(now) = lane.now.as_mut() else { continue };
            now.gone.insert(seat);
            match now.extra.iter_mut().find(|extra| extra.person == seat) {
                Some(extra) => extra.person = to,
                None => now.extra.push(Extra { person: to, must: false }),
            }
        }
        self.say(by, What::PassedOn(to), remark)
    }

    fn add(
        &mut self,
        by: Uid,
        person: Uid,
        remark: Remark,
        organisation: &Organisation,
    ) -> Result<(), Fault> {
        for (place, _) in self.seats(by, organisation)? {
            self.check_new(place, person, organisation)?;
            if let Some(now) = self.lanes.get_mut(place).and_then(|lane| lane.now.as_mut()) {
                now.extra.push(Extra { person, must: true });
            }
        }
        self.say(by, What::Added(person), remark)
    }

    /// That somebody can be asked who is not yet.
    fn check_new(&self, place: usize, person: Uid, organisation: &Organisation) -> Result<(), Fault> {
        let scene = self.scene(self.seen, organisation);
        let Some((lane, now)) = self.lanes.get(place).and_then(|lane| Some((lane, lane.now.as_ref()?)))
        else {
            return Ok(());
        };
        if now.extra.len() >= MOST_EXTRA {
            return Err(Fault::new("approval_full").with("most", MOST_EXTRA.to_string()));
        }
        let asked = lane.asked(&scene);
        if !lane.is_free(person, now.step, &scene) || asked.contains(&person) || now.gone.contains(&person) {
            return Err(Fault::new("approval_person_barred"));
        }
        Ok(())
    }

    /// The places in which somebody may decide now, by flow.
    fn seats(&self, by: Uid, organisation: &Organisation) -> Result<Vec<(usize, Uid)>, Fault> {
        if self.state != State::Waiting {
            return Err(Fault::new("approval_not_waiting"));
        }
        let scene = self.scene(self.seen, organisation);
        let seat = |(place, lane): (usize, &Lane)| Some((place, lane.seat(by, &scene)?));
        let seats: Vec<(usize, Uid)> = self.lanes.iter().enumerate().filter_map(seat).collect();
        if !seats.is_empty() {
            return Ok(seats);
        }
        let waiting = || self.lanes.iter().filter(|lane| !lane.is_done());
        let has_agreed = |lane: &Lane| lane.now.as_ref().is_some_and(|now| lane.has_agreed(by, now.step));
        let is_asker = self.asker.is(by, organisation);
        Err(Fault::new(if is_asker && waiting().any(|lane| lane.apart != Apart::Nobody) {
            "self_approval"
        } else if waiting().any(has_agreed) {
            "approval_twice"
        } else {
            "approval_not_asked"
        }))
    }

    /// Whether somebody may decide now.
    ///
    /// # Errors
    /// As those of [`Request::apply`].
    pub fn may_decide(&self, by: Uid, at: Micros, organisation: &Organisation) -> Result<(), Fault> {
        let mut then = self.clone();
        then.pass(at.max(self.seen), organisation);
        if then.state.is_final() {
            return Err(ended(&then.state));
        }
        then.seats(by, organisation).map(drop)
    }

    /// Who may decide now, those among them who stand in for somebody.
    pub fn deciders(&self, at: Micros, organisation: &Organisation) -> BTreeSet<Uid> {
        if self.state != State::Waiting {
            return BTreeSet::new();
        }
        let scene = self.scene(at, organisation);
        self.lanes.iter().flat_map(|lane| lane.deciders(&scene)).collect()
    }

    fn must_be_agreed(&self) -> Result<(), Fault> {
        match self.state {
            State::Agreed(_) => Ok(()),
            _ => Err(Fault::new("approval_not_agreed")),
        }
    }

    fn say(&mut self, by: Uid, what: What, remark: Remark) -> Result<(), Fault> {
        if remark.files.len() > MOST_FILES {
            return Err(Fault::new("approval_full").with("most", MOST_FILES.to_string()));
        }
        // Whoever decides or takes it back can always do so.
        let may_wait = matches!(what, What::Commented | What::PassedOn(_) | What::Added(_));
        if may_wait && self.said.len() >= MOST_SAID {
            return Err(Fault::new("approval_full").with("most", MOST_SAID.to_string()));
        }
        self.said.push(Said { at: self.seen, by, what, remark });
        Ok(())
    }
}

fn ended(state: &State) -> Fault {
    Fault::new("approval_ended")
        .with("state", state.name())
        .with("state_zh", state.label(Lang::Zh))
        .with("state_en", state.label(Lang::En))
}
