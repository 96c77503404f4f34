//! The terms under which a name stands in the index.
//!
//! A term is `class ‖ tag ‖ characters`: class is (kind, field, level), so that a search walks through names of exactly
//! the fields and levels that the asker sees in clear. Teams stand apart: `"T" ‖ team`.

use dossier_model::KindId;
use dossier_model::text::{Name, Reading, readings};

/// Two neighbouring characters.
pub(crate) const PAIR: u8 = b'b';
/// The first two characters of a name, or of its brand.
pub(crate) const START: u8 = b'^';
/// The last two characters of a name or short form.
pub(crate) const END: u8 = b'$';
/// Two neighbouring syllables.
pub(crate) const SYLLABLES: u8 = b'p';
/// The first syllable of a name, or of its brand.
pub(crate) const FIRST_SYLLABLE: u8 = b'P';
/// The first letters of two neighbouring syllables.
pub(crate) const INITIALS: u8 = b'i';
/// The first letters of three.
pub(crate) const THREE_INITIALS: u8 = b't';
/// The first letters of the first two.
pub(crate) const FIRST_INITIALS: u8 = b'I';

/// Names of one field at one level.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Class {
    /// The kind of the record.
    pub kind: KindId,
    /// The field's number.
    pub field: u16,
    /// The level at which the value is sealed.
    pub level: u8,
}

impl Class {
    /// A term of this class.
    pub(crate) fn term(self, tag: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(6 + bytes.len());
        out.extend(self.kind.0.to_be_bytes());
        out.extend(self.field.to_be_bytes());
        out.extend([self.level, tag]);
        out.extend(bytes);
        out
    }
}

/// The term of a team.
pub(crate) fn team_term(team: u32) -> Vec<u8> {
    [b"T".as_slice(), &team.to_be_bytes()].concat()
}

/// One name of one record, to be put into the index.
pub struct Entry {
    /// The record's number.
    pub rid: i64,
    /// Its field and level.
    pub class: Class,
    /// The owning team.
    pub team: u32,
    /// The name, taken apart.
    pub name: Name,
}

/// Two neighbouring characters as bytes.
pub(crate) fn pair_bytes(a: char, b: char) -> Vec<u8> {
    let mut out = [0; 8];
    let first = a.encode_utf8(&mut out).len();
    let mut second = [0; 4];
    let second = b.encode_utf8(&mut second).as_bytes();
    [out.get(..first).unwrap_or_default(), second].concat()
}

/// A syllable, or a letter that stands for itself, as two bytes.
pub(crate) fn sound(syllable: u16) -> [u8; 2] {
    syllable.to_be_bytes()
}

/// Neighbouring characters of a text.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    text.chars().zip(text.chars().skip(1)).map(|(a, b)| pair_bytes(a, b))
}

impl Entry {
    /// Every term of the name.
    pub(crate) fn terms(&self) -> Vec<Vec<u8>> {
        let mut out = Vec::with_capacity(96);
        let mut put = |tag: u8, bytes: &[u8]| out.push(self.class.term(tag, bytes));
        for text in self.name.texts() {
            pairs(text).for_each(|pair| put(PAIR, &pair));
            let spelt = readings(text);
            for window in spelt.windows(2) {
                let [a, b] = window else { continue };
                each_pair(*a, *b, |x, y| put(SYLLABLES, &[sound(x), sound(y)].concat()));
                for x in letters(*a) {
                    letters(*b).for_each(|y| put(INITIALS, &[x, y]));
                }
            }
            for window in spelt.windows(3) {
                let [a, b, c] = window else { continue };
                for (x, y) in letters(*a).flat_map(|x| letters(*b).map(move |y| (x, y))) {
                    letters(*c).for_each(|z| put(THREE_INITIALS, &[x, y, z]));
                }
            }
        }
        for text in self.name.starts() {
            pairs(text).take(1).for_each(|pair| put(START, &pair));
            let head = readings(&text.chars().take(2).collect::<String>());
            if let Some(first) = head.first() {
                first.syllables().for_each(|syllable| put(FIRST_SYLLABLE, &sound(syllable)));
            }
            if let [a, b] = head.as_slice() {
                for x in letters(*a) {
                    letters(*b).for_each(|y| put(FIRST_INITIALS, &[x, y]));
                }
            }
        }
        for text in self.name.texts().chain(self.name.shorts.iter().map(String::as_str)) {
            pairs(text).last().into_iter().for_each(|pair| put(END, &pair));
        }
        out.sort_unstable();
        out.dedup();
        out.push(team_term(self.team));
        out
    }
}

fn each_pair(a: Reading, b: Reading, mut put: impl FnMut(u16, u16)) {
    for x in a.syllables() {
        b.syllables().for_each(|y| put(x, y));
    }
}

/// First letters as bytes, each once. Folded letters are ASCII where they are letters at all.
fn letters(reading: Reading) -> impl Iterator<Item = u8> + Clone {
    let mut all = reading.initials().filter_map(|letter| u8::try_from(letter).ok());
    let (first, second) = (all.next(), all.next());
    [first, second.filter(|_| second != first)].into_iter().flatten()
}
