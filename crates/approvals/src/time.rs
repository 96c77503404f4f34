//! What time does to a request. It is worked out from the moment that is handed in: a timer only wakes somebody up to
//! look, and one that comes late, twice or never changes nothing of what holds.

use crate::lane::Lane;
use crate::organisation::Organisation;
use crate::request::{Gone, MINUTE, Request, State, Term};
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use std::collections::BTreeSet;

/// What happens at a moment. Of several at the same one the end goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Due {
    End,
    /// Others are asked as well.
    Next,
    /// Those whom a flow, by its place, is waiting for are reminded.
    Remind(usize),
}

impl Request {
    /// When something happens next of which somebody is to hear: a reminder, others who are asked, the end.
    pub fn due(&self) -> Option<Micros> {
        self.moments().into_iter().map(|(moment, _)| moment).find(|moment| *moment > self.seen)
    }

    /// All such moments, ascending.
    fn moments(&self) -> Vec<(Micros, Due)> {
        let mut all = match self.state {
            State::Agreed(until) => vec![(until, Due::End)],
            State::Waiting => vec![(self.approve_until, Due::End)],
            _ => Vec::new(),
        };
        if self.state == State::Waiting {
            all.extend(self.lanes.iter().enumerate().flat_map(|(place, lane)| of_step(lane, place)));
        }
        all.sort_unstable();
        all
    }

    /// Lets time pass until a moment, which is not before one that was seen already. Gives who was to be reminded
    /// meanwhile.
    pub(crate) fn pass(&mut self, at: Micros, organisation: &Organisation) -> BTreeSet<Uid> {
        let mut reminded = BTreeSet::new();
        let mut until = at;
        for (moment, due) in self.moments() {
            if moment > at {
                break;
            }
            match due {
                Due::End => {
                    let term = if self.state == State::Waiting { Term::Approve } else { Term::Execute };
                    self.turn(State::Expired(term), moment);
                    until = moment;
                    break;
                }
                Due::Remind(place) if moment > self.seen => {
                    let scene = self.scene(at, organisation);
                    reminded
                        .extend(self.lanes.get(place).map(|lane| lane.deciders(&scene)).unwrap_or_default());
                }
                Due::Remind(_) | Due::Next => {}
            }
        }
        self.seen = until;
        if !self.state.is_final() && !self.asker.is_there(organisation) {
            self.turn(State::Dropped(Gone::Asker), at);
        }
        reminded
    }
}

/// The moments of the step that a flow waits at.
fn of_step(lane: &Lane, place: usize) -> Vec<(Micros, Due)> {
    let Some((now, step)) = lane.step() else { return Vec::new() };
    let Some(limit) = step.limit else { return Vec::new() };
    let after = |minutes: i64| now.since.plus(minutes.saturating_mul(MINUTE));
    let ends = (1..).zip(step.groups()).map(|(level, _)| (level, i64::from(limit) * level));
    let last = step.groups().count();
    ends.flat_map(|(level, end)| {
        let due = if usize::try_from(level).is_ok_and(|level| level == last) { Due::End } else { Due::Next };
        let remind = step.remind.map(|before| (after(end - i64::from(before)), Due::Remind(place)));
        std::iter::once((after(end), due)).chain(remind)
    })
    .collect()
}
