//! Searching: from the best way to meet a name to the least, each an intersection of postings, none of them scored.

use std::collections::HashSet;

use dossier_model::text::{Query, Reading, Syllables, readings, segmentations};
use tantivy::postings::SegmentPostings;
use tantivy::schema::{IndexRecordOption, Term};
use tantivy::{DocSet, TERMINATED};

use crate::error::SearchError;
use crate::index::Index;
use crate::terms::{
    Class, END, FIRST_INITIALS, FIRST_SYLLABLE, INITIALS, PAIR, START, SYLLABLES, THREE_INITIALS, pairs,
    sound, team_term,
};
use crate::view::Segment;

/// Postings that one search walks through at most, over all ways and segments.
const STEPS: usize = 12_000;
/// A term that so many times more names have than the rarest one says little, and costs more than it saves.
const MUCH_MORE: u32 = 64;

/// Ways to read what is partly letters that are tried.
const MOST_READINGS: usize = 16;

/// Names that the asker sees in clear: of one field at one level, in the rows that it reaches.
pub struct Scope {
    /// Field and level.
    pub class: Class,
    /// Teams; all when none are named.
    pub teams: Option<Vec<u32>>,
}

/// A record whose name may be what is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Candidate {
    /// Characters of the name.
    pub length: u64,
    /// The record's number.
    pub rid: i64,
}

/// What whoever opened a candidate says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Go on.
    More,
    /// There are enough.
    Enough,
}

/// A tag and what stands behind it.
type Part = (u8, Vec<u8>);

impl Index {
    /// Offers records, the likely best first: each way to meet a name in its turn, shorter names first within it. The same
    /// record is offered once. Returns whether there may be more that were not offered.
    ///
    /// # Errors
    /// `Damaged` when a file does not open: the index has to be made again.
    pub fn search<E: From<SearchError>>(
        &self,
        query: &Query,
        scopes: &[Scope],
        mut offer: impl FnMut(Candidate) -> Result<Verdict, E>,
    ) -> Result<bool, E> {
        let view = self.view();
        let mut offered = HashSet::new();
        let mut steps = STEPS;
        for parts in ways(query) {
            let mut found = Vec::new();
            for segment in &view.segments {
                for scope in scopes {
                    let class = scope.class;
                    match &scope.teams {
                        None => self.walk(segment, class, None, &parts, &mut steps, &mut found)?,
                        Some(teams) => {
                            for team in teams {
                                self.walk(segment, class, Some(*team), &parts, &mut steps, &mut found)?;
                            }
                        }
                    }
                }
            }
            found.sort_unstable();
            for candidate in found {
                if offered.insert(candidate.rid) && offer(candidate)? == Verdict::Enough {
                    return Ok(true);
                }
            }
            if steps == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Names of a class that have all parts, as many as steps allow.
    fn walk(
        &self,
        segment: &Segment,
        class: Class,
        team: Option<u32>,
        parts: &[Part],
        steps: &mut usize,
        found: &mut Vec<Candidate>,
    ) -> Result<(), SearchError> {
        if *steps == 0 {
            return Ok(());
        }
        let Some(mut postings) = self.postings(segment, class, team, parts)? else { return Ok(()) };
        let Some((lead, others)) = postings.split_first_mut() else { return Ok(()) };
        let alive = segment.reader.alive_bitset();
        let mut doc = lead.doc();
        'docs: while doc != TERMINATED {
            if *steps == 0 {
                break;
            }
            *steps -= 1;
            for other in &mut *others {
                let at = if other.doc() < doc { other.seek(doc) } else { other.doc() };
                if at > doc {
                    doc = if at == TERMINATED { TERMINATED } else { lead.seek(at) };
                    continue 'docs;
                }
            }
            if alive.is_none_or(|alive| alive.is_alive(doc)) {
                found.push(Candidate {
                    length: segment.lengths.get_val(doc),
                    rid: i64::try_from(segment.rids.get_val(doc)).unwrap_or_default(),
                });
            }
            doc = lead.advance();
        }
        Ok(())
    }

    /// The postings to walk through, the rarest first; none where some part is in no name.
    fn postings(
        &self,
        segment: &Segment,
        class: Class,
        team: Option<u32>,
        parts: &[Part],
    ) -> Result<Option<Vec<SegmentPostings>>, SearchError> {
        let mut infos = Vec::with_capacity(parts.len() + 1);
        for (tag, bytes) in parts {
            let term = Term::from_field_bytes(self.fields.terms, &class.term(*tag, bytes));
            let Some(info) = segment.terms.get_term_info(&term)? else { return Ok(None) };
            infos.push((info, *tag != PAIR));
        }
        let rarest = infos.iter().map(|(info, _)| info.doc_freq).min().unwrap_or_default();
        infos.retain(|(info, needed)| *needed || info.doc_freq <= rarest.saturating_mul(MUCH_MORE));
        if let Some(team) = team {
            let term = Term::from_field_bytes(self.fields.terms, &team_term(team));
            let Some(info) = segment.terms.get_term_info(&term)? else { return Ok(None) };
            infos.push((info, true));
        }
        infos.sort_by_key(|(info, _)| info.doc_freq);
        let option = IndexRecordOption::Basic;
        let read = |(info, _)| Ok(segment.terms.read_postings_from_terminfo(&info, option)?);
        infos.into_iter().map(read).collect::<Result<_, SearchError>>().map(Some)
    }
}

/// The ways to meet a name, best first, each as the parts that the name must have.
fn ways(query: &Query) -> Vec<Vec<Part>> {
    let inner: Vec<Part> = pairs(&query.text).map(|pair| (PAIR, pair)).collect();
    let (Some((_, first)), Some((_, last))) = (inner.first(), inner.last()) else { return Vec::new() };
    let with = |more: &[(u8, &Vec<u8>)]| {
        let more = more.iter().map(|(tag, bytes)| (*tag, (*bytes).clone()));
        more.chain(inner.iter().cloned()).collect::<Vec<Part>>()
    };
    let mut ways = vec![with(&[(START, first), (END, last)]), with(&[(START, first)]), inner.clone()];
    if query.is_mixed() {
        ways.extend(mixed(&query.text));
    }
    let Some(letters) = &query.letters else { return ways };
    let spelt = segmentations(letters);
    for syllables in &spelt {
        let first = syllables.first().map(|first| (FIRST_SYLLABLE, sound(*first).to_vec()));
        ways.push(first.into_iter().chain(neighbours(syllables)).collect());
    }
    ways.extend(spelt.iter().map(|syllables| neighbours(syllables).collect::<Vec<Part>>()));
    let letters = letters.as_bytes();
    let grams: Vec<Part> = match letters.len() {
        2 => vec![(INITIALS, letters.to_vec())],
        _ => letters.windows(3).map(|three| (THREE_INITIALS, three.to_vec())).collect(),
    };
    let head = letters.get(..2).map(|two| (FIRST_INITIALS, two.to_vec()));
    ways.push(head.into_iter().chain(grams.iter().cloned()).collect());
    ways.push(grams);
    // One syllable alone has no neighbours.
    ways.retain(|parts| !parts.is_empty());
    ways
}

/// The ways to read a text that is partly characters and partly how characters are spelt.
fn mixed(text: &str) -> Vec<Vec<Part>> {
    let is_letter = |c: &char| c.is_ascii_alphanumeric();
    let mut chars = text.chars().peekable();
    // Each with the syllable that it ends in, where that is certain.
    let mut ways: Vec<(Vec<Part>, Option<u16>)> = vec![(Vec::new(), None)];
    while let Some(first) = chars.peek().map(is_letter) {
        let mut run = String::new();
        while let Some(c) = chars.next_if(|c| is_letter(c) == first) {
            run.push(c);
        }
        let spelt: Vec<Vec<Option<u16>>> = if first {
            // Only the last syllable of all may be unfinished.
            let whole = |way: &Vec<u16>| {
                chars.peek().is_none()
                    || way.iter().map(|number| Syllables::all().text(*number).len()).sum::<usize>()
                        == run.len()
            };
            segmentations(&run)
                .into_iter()
                .filter(whole)
                .map(|way| way.into_iter().map(Some).collect())
                .collect()
        } else {
            vec![readings(&run).into_iter().map(certain).collect()]
        };
        let own: Vec<Part> = if first { Vec::new() } else { pairs(&run).map(|pair| (PAIR, pair)).collect() };
        let none = [vec![None]];
        let spelt = if spelt.is_empty() { &none[..] } else { &spelt };
        ways = ways
            .iter()
            .flat_map(|(parts, before)| {
                spelt.iter().map(|way| {
                    let sounds: Vec<Option<u16>> =
                        std::iter::once(*before).chain(way.iter().copied()).collect();
                    let next = sounds.windows(2).filter_map(|two| match two {
                        [Some(a), Some(b)] => Some((SYLLABLES, [sound(*a), sound(*b)].concat())),
                        _ => None,
                    });
                    let parts = parts.iter().chain(&own).cloned().chain(next).collect();
                    (parts, sounds.last().copied().flatten())
                })
            })
            .take(MOST_READINGS)
            .collect();
    }
    ways.into_iter().map(|(parts, _)| parts).collect()
}

/// The one syllable of a character that has only one.
fn certain(reading: Reading) -> Option<u16> {
    let mut all = reading.syllables();
    all.next().filter(|_| all.next().is_none())
}

fn neighbours(syllables: &[u16]) -> impl Iterator<Item = Part> + '_ {
    syllables.windows(2).filter_map(|two| match two {
        [a, b] => Some((SYLLABLES, [sound(*a), sound(*b)].concat())),
        _ => None,
    })
}
