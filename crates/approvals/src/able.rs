//! Whether steps can be satisfied at all by the people there are.

use crate::step::{Quorum, Step};
use dossier_model::id::Uid;
use std::collections::{BTreeMap, BTreeSet};

/// How many people a step needs at least.
pub(crate) fn least(step: &Step) -> usize {
    match step.quorum {
        Quorum::Any | Quorum::All => 1,
        Quorum::AtLeast(many) => usize::from(many),
    }
}

/// Steps (place, how many, of whom), each satisfied by different people, and all of them by different people where they
/// have to be `apart`; else the place of the first step for which too few are left.
pub(crate) fn possible(steps: &[(usize, usize, BTreeSet<Uid>)], apart: bool) -> Result<(), usize> {
    if !apart {
        let short = steps.iter().find(|(_, many, people)| people.len() < *many);
        return short.map_or(Ok(()), |(place, ..)| Err(*place));
    }
    // Each person has one seat: a matching, grown seat by seat along augmenting paths.
    let seats: Vec<(usize, &BTreeSet<Uid>)> =
        steps.iter().flat_map(|(place, many, people)| std::iter::repeat_n((*place, people), *many)).collect();
    let mut taken: BTreeMap<Uid, usize> = BTreeMap::new();
    for (seat, (place, _)) in seats.iter().enumerate() {
        if !place_at(seat, &seats, &mut taken, &mut BTreeSet::new()) {
            return Err(*place);
        }
    }
    Ok(())
}

fn place_at(
    seat: usize,
    seats: &[(usize, &BTreeSet<Uid>)],
    taken: &mut BTreeMap<Uid, usize>,
    tried: &mut BTreeSet<Uid>,
) -> bool {
    let Some((_, people)) = seats.get(seat) else { return false };
    for person in *people {
        if !tried.insert(*person) {
            continue;
        }
        let holder = taken.get(person).copied();
        if holder.is_none_or(|other| place_at(other, seats, taken, tried)) {
            taken.insert(*person, seat);
            return true;
        }
    }
    false
}
