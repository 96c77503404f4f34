//! Made-up names of persons.

use super::random::Random;
use super::words::{GIVEN_MEN, GIVEN_WOMEN, SURNAMES};

/// A name, and its surname in Latin letters.
pub(super) fn name(random: &mut Random) -> (String, &'static str) {
    let man = random.percent(50);
    name_of(random, man)
}

/// A name of a man or a woman, and its surname in Latin letters.
pub(super) fn name_of(random: &mut Random, man: bool) -> (String, &'static str) {
    let (surname, latin) = random.pick(SURNAMES);
    let given = if man { GIVEN_MEN } else { GIVEN_WOMEN };
    let mut name = String::with_capacity(12);
    name.push_str(surname);
    name.push_str(random.pick(given));
    if random.percent(70) {
        name.push_str(random.pick(given));
    }
    (name, latin)
}
