//! What is found by walking is what a look at every entry finds.

use super::*;
use crate::caller::{Caller, Channel, Origin, Principal};
use crate::ledger::entry::{Deed, Entry, Item, Outcome};
use crate::ledger::filter::Who;
use crate::policy::Snapshot;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use proptest::prelude::*;
use std::cell::Cell;

const HOUR: i64 = 3_600_000_000;
/// 2026-11-22T06:00:00Z.
const BEGIN: i64 = 1_795_327_200_000_000;
/// Alike in the number of their actions only.
const DEEDS: [Deed; 3] = [Deed::View, Deed::Reveal, Deed::List];

/// An entry before it is one: numbers of who, deed and record, whether it was refused, and the time.
type Said = (usize, usize, u8, bool, i64);

fn uid(number: u8) -> Uid {
    Uid([number; 16])
}

fn principals() -> [(Principal, String); 6] {
    let (person, program) = (uid(1), uid(2));
    [
        (Principal::User(person), person.to_typeid("usr")),
        (Principal::Os(1000, Some(person)), format!("os:1000 for {}", person.to_typeid("usr"))),
        (Principal::User(program), program.to_typeid("usr")),
        (Principal::Client(program), program.to_typeid("cli")),
        (Principal::Os(100, None), "os:100".to_owned()),
        (Principal::System, "system".to_owned()),
    ]
}

fn leaf(said: &Said) -> Vec<u8> {
    let (who, deed, record, refused, at) = *said;
    let caller = Caller {
        principal: principals()[who].0.clone(),
        name: String::new(),
        origin: Origin::default(),
        session: None,
        channel: Channel::Api,
        until: None,
        since: None,
        sitting: None,
        through: None,
        approved: None,
    };
    let outcome = if refused { Outcome::Refused } else { Outcome::Done };
    let item = |number| Item { kind: 1, record: uid(number), version: 1, row_hash: None, fields: Vec::new() };
    // The record stands behind another one, as in a list.
    let entry = Entry { outcome, ..Entry::done(DEEDS[deed]) }.item(item(0)).item(item(record));
    entry.leaves(&caller, Micros(at), 1).remove(0)
}

/// What was asked for, as numbers.
#[derive(Clone, Debug, Default)]
struct Asked {
    who: Option<usize>,
    deed: Option<usize>,
    record: Option<u8>,
    refused: Option<bool>,
    since: Option<i64>,
    until: Option<i64>,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            who: self.who.map(|who| Who::of(&Snapshot::default(), &principals()[who].1).ok().unwrap()),
            deed: self.deed.map(|deed| DEEDS[deed] as u8),
            outcome: self.refused.map(|refused| if refused { Outcome::Refused } else { Outcome::Done }),
            record: self.record.map(|record| (KindId(1), uid(record))),
            since: self.since.map(Micros),
            until: self.until.map(Micros),
        }
    }

    /// The naive filter.
    fn takes(&self, said: &Said) -> bool {
        let (who, deed, record, refused, at) = *said;
        // Number 1 is the account that acts for person 0.
        self.who.is_none_or(|asked| asked == who || (asked == 0 && who == 1))
            && self.deed.is_none_or(|asked| asked == deed)
            && self.record.is_none_or(|asked| asked == record)
            && self.refused.is_none_or(|asked| asked == refused)
            && self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
    }
}

/// The indexes that are found page after page, newest first, from where the search begins by itself.
fn found(log: &[Vec<u8>], asked: &Asked, limit: usize) -> Vec<u64> {
    let (size, filter) = (log.len() as u64, asked.filter());
    let entries = |from: u64, count: usize| {
        let stored = log.iter().enumerate().skip(usize::try_from(from).unwrap()).take(count);
        Ok(stored.map(|(index, leaf)| (index as u64, leaf.clone(), Vec::new())).collect::<Vec<_>>())
    };
    let start = filter.until.map(|until| behind(entries, until, size).ok().unwrap());
    let (mut before, mut all) = (start.unwrap_or(size), Vec::new());
    loop {
        let read = Cell::new(0);
        let counted = |from, count| {
            read.set(read.get() + count as u64);
            entries(from, count)
        };
        let page = walk(counted, &filter, before, limit).ok().unwrap();
        assert!(read.get() <= MOST && page.found.len() <= limit);
        all.extend(page.found.iter().rev().map(|(index, ..)| *index));
        match page.before {
            Some(next) => {
                assert!(next < before, "each page comes nearer to the beginning");
                before = next;
            }
            None => return all,
        }
    }
}

fn naive(log: &[Said], asked: &Asked) -> Vec<u64> {
    let wanted = log.iter().enumerate().filter(|(_, said)| asked.takes(said));
    wanted.map(|(index, _)| index as u64).rev().collect()
}

fn said() -> impl Strategy<Value = (usize, usize, u8, bool)> {
    (0..6usize, 0..DEEDS.len(), 1..4u8, any::<bool>())
}

fn asked(span: i64) -> impl Strategy<Value = Asked> {
    use proptest::option::of;
    let what = (of(0..6usize), of(0..DEEDS.len()), of(1..4u8), of(any::<bool>()));
    (what, of(-HOUR..span), of(1..span)).prop_map(|((who, deed, record, refused), since, length)| {
        let until = length.map(|length| since.unwrap_or(0) + length);
        let time = |at: Option<i64>| at.map(|at| BEGIN + at);
        Asked { who, deed, record, refused, since: time(since), until: time(until) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn pages_hold_what_a_naive_filter_finds(
        log in proptest::collection::vec((said(), 0..HOUR), 0..300),
        asked in asked(50 * HOUR),
        limit in 1..20usize,
    ) {
        // Ten minutes from one to the next, each early or late by up to half an hour.
        let at = |index: usize, odd: i64| BEGIN + index as i64 * (HOUR / 6) + odd - HOUR / 2;
        let log: Vec<Said> =
            log.into_iter().enumerate().map(|(index, ((a, b, c, d), odd))| (a, b, c, d, at(index, odd))).collect();
        let leaves: Vec<_> = log.iter().map(leaf).collect();
        prop_assert_eq!(found(&leaves, &asked, limit), naive(&log, &asked));
    }

    #[test]
    fn clocks_that_jump_lose_nothing_to_who_asks_back_from_the_end(
        log in proptest::collection::vec((said(), -1000 * HOUR..1000 * HOUR), 0..300),
        asked in asked(1000 * HOUR),
        limit in 1..20usize,
    ) {
        let log: Vec<Said> = log.into_iter().map(|((a, b, c, d), odd)| (a, b, c, d, BEGIN + odd)).collect();
        let leaves: Vec<_> = log.iter().map(leaf).collect();
        let asked = Asked { until: None, ..asked };
        prop_assert_eq!(found(&leaves, &asked, limit), naive(&log, &asked));
    }
}

/// One entry a minute, of the person 0, but for one of the system at each index that is named.
fn long(size: usize, odd: &[usize]) -> Vec<Said> {
    let who = |index: usize| if odd.contains(&index) { 5 } else { 0 };
    (0..size).map(|index| (who(index), 0, 1, false, BEGIN + index as i64 * HOUR / 60)).collect()
}

#[test]
fn an_answer_reads_a_bounded_part_of_a_long_log_and_says_where_to_go_on() {
    let log = long(120_000, &[3, 60_000, 119_999]);
    let leaves: Vec<_> = log.iter().map(leaf).collect();
    let asked = Asked { who: Some(5), ..Asked::default() };
    assert_eq!(found(&leaves, &asked, 200), [119_999, 60_000, 3]);
    let read = |from: u64, count| {
        let stored = leaves.iter().enumerate().skip(usize::try_from(from).unwrap()).take(count);
        Ok(stored.map(|(index, leaf)| (index as u64, leaf.clone(), Vec::new())).collect())
    };
    let page = walk(read, &asked.filter(), 119_999, 200).ok().unwrap();
    assert_eq!((page.found.len(), page.before), (0, Some(69_999)));
    assert_eq!(page.reached.map(|(index, _)| index), Some(69_999));
}

#[test]
fn what_is_far_too_early_ends_the_search_and_a_short_wrong_clock_does_not() {
    let mut log = long(30_000, &[]);
    // For a quarter of a day the clock stood a year back.
    for said in &mut log[24_000..24_360] {
        said.4 -= 365 * 24 * HOUR;
    }
    let leaves: Vec<_> = log.iter().map(leaf).collect();
    let since = log[20_000].4;
    let asked = Asked { since: Some(since), ..Asked::default() };
    let wanted = naive(&log, &asked);
    assert_eq!((wanted.len(), found(&leaves, &asked, 200)), (9_640, wanted));
    let read = Cell::new(u64::MAX);
    let entries = |from: u64, count: usize| {
        read.set(read.get().min(from));
        let stored = leaves.iter().enumerate().skip(usize::try_from(from).unwrap()).take(count);
        Ok(stored.map(|(index, leaf)| (index as u64, leaf.clone(), Vec::new())).collect())
    };
    let page = walk(entries, &asked.filter(), 20_000, 200).ok().unwrap();
    assert_eq!((page.before, page.reached.map(|(index, _)| index)), (None, Some(20_000 - 60 - 4096)));
    assert!(read.get() > 14_000, "the rest was not read: {}", read.get());
}

#[test]
fn a_missing_entry_is_damage() {
    let one = |from, _| Ok(vec![(from, leaf(&(0, 0, 1, false, BEGIN)), Vec::new())]);
    assert_eq!(walk(one, &Filter::default(), 5, 9).err().unwrap().key, "ledger_damaged");
    let none = |_, _| Ok(Vec::new());
    assert_eq!(behind(none, Micros(BEGIN), 5).err().unwrap().key, "ledger_damaged");
}
