//! A group of five characters on a sheet: four that say something, one that checks them and their place.
//!
//! The alphabet is Crockford's base 32, which has no `I`, `L`, `O`, `U`. The characters are elements of GF(32); with `α` a
//! generator and `place` a number that no other group of either sheet has, a group holds
//! `check = place + α·c1 + α²·c2 + α³·c3 + α⁴·c4`. The five factors differ, so a character that is another one, two that
//! changed places, and a group that stands where another one belongs are noticed always, not only mostly.

use zeroize::Zeroizing;

/// Characters of a group.
pub(super) const LENGTH: usize = 5;
/// Characters of a group that say something.
pub(super) const SAYING: usize = LENGTH - 1;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `α·x` in GF(32), modulo `x⁵ + x² + 1`.
fn times_alpha(x: u8) -> u8 {
    let doubled = x << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

/// The check of four characters at a place.
fn check(saying: &[u8; SAYING], place: u8) -> u8 {
    // Horner's scheme from the last one: each character is multiplied once more than the one before it.
    place ^ saying.iter().rev().fold(0, |sum, &c| times_alpha(sum ^ c))
}

/// Four values of five bits as a group.
pub(super) fn write(saying: &[u8; SAYING], place: u8, out: &mut String) {
    for value in saying.iter().copied().chain([check(saying, place)]) {
        out.push(char::from(ALPHABET.get(usize::from(value)).copied().unwrap_or(b'?')));
    }
}

/// The four values of a group that was typed; `None` for one that is not what was printed at this place. Small letters
/// and full-width characters are read, and what looks like a character of the alphabet as that one.
pub(super) fn read(typed: &str, place: u8) -> Option<Zeroizing<[u8; SAYING]>> {
    let mut values = Zeroizing::new([0; LENGTH]);
    let mut typed = typed.chars();
    for value in values.iter_mut() {
        *value = value_of(typed.next()?)?;
    }
    let [saying @ .., given] = *values;
    (typed.next().is_none() && check(&saying, place) == given).then(|| Zeroizing::new(saying))
}

fn value_of(typed: char) -> Option<u8> {
    // The full-width forms of ASCII, as keyboards for Chinese give them.
    let narrow = match u32::from(typed) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0)?,
        _ => typed,
    };
    let meant = match narrow.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    ALPHABET.iter().position(|c| char::from(*c) == meant).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACES: u8 = 31;

    fn written(saying: [u8; SAYING], place: u8) -> String {
        let mut out = String::new();
        write(&saying, place, &mut out);
        out
    }

    fn group() -> impl Strategy<Value = (String, u8)> {
        (proptest::array::uniform4(0..32_u8), 0..PLACES)
            .prop_map(|(saying, place)| (written(saying, place), place))
    }

    #[test]
    fn the_generator_goes_through_all_but_zero() {
        let mut seen = std::collections::BTreeSet::new();
        let mut x = 1;
        while seen.insert(x) {
            x = times_alpha(x);
        }
        assert_eq!((seen.len(), x), (31, 1));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(saying in proptest::array::uniform4(0..32_u8), place in 0..PLACES) {
            prop_assert_eq!(*read(&written(saying, place), place).unwrap(), saying);
        }

        #[test]
        fn any_other_character_is_noticed((text, place) in group(), at in 0..LENGTH) {
            for other in (0..=0x7f_u8).map(char::from).chain("，。　ｕ元".chars()) {
                let mut wrong: Vec<char> = text.chars().collect();
                wrong[at] = other;
                let wrong: String = wrong.into_iter().collect();
                let same = value_of(other) == value_of(text.chars().nth(at).unwrap());
                prop_assert_eq!(read(&wrong, place).is_some(), same, "{} for {}", wrong, text);
            }
        }

        #[test]
        fn any_two_that_changed_places_are_noticed((text, place) in group(), a in 0..LENGTH, b in 0..LENGTH) {
            let mut wrong: Vec<char> = text.chars().collect();
            wrong.swap(a, b);
            let wrong: String = wrong.into_iter().collect();
            prop_assert_eq!(read(&wrong, place).is_some(), wrong == text, "{} for {}", wrong, text);
        }

        #[test]
        fn a_group_at_another_place_is_noticed((text, place) in group(), other in 0..PLACES) {
            prop_assert_eq!(read(&text, other).is_some(), other == place);
        }

        #[test]
        fn one_too_many_or_too_few_is_noticed((text, place) in group(), more in 0..32_usize, at in 0..=LENGTH) {
            let mut long = text.clone();
            long.insert(at, char::from(ALPHABET[more]));
            prop_assert!(read(&long, place).is_none());
            for short in 0..LENGTH {
                let short: String = text.chars().take(short).collect();
                prop_assert!(read(&short, place).is_none());
            }
        }
    }

    #[test]
    fn it_is_read_however_it_was_typed() {
        let text = written([0, 1, 20, 31], 3);
        let [a, b, c, d, e] = *text.chars().collect::<Vec<_>>() else { panic!("five") };
        let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap();
        for typed in [
            text.to_lowercase(),
            format!("o{b}{c}{d}{e}"),
            format!("{a}l{c}{d}{e}"),
            format!("{a}I{c}{d}{e}"),
            text.chars().map(wide).collect(),
        ] {
            assert_eq!(read(&typed, 3).as_deref(), Some(&[0, 1, 20, 31]), "{typed}");
        }
    }
}
