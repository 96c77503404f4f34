//! Time: instants in microseconds UTC, days apart from them; clock and randomness are handed in.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
pub use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: microseconds since 1970-01-01T00:00:00Z. In serde it is that number; `Display` is RFC 3339, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// One second.
    pub const SECOND: i64 = 1_000_000;
    /// So much may the clocks of the servers of one database differ: what is stamped further ahead than this is from a clock
    /// that was wrong.
    pub const SKEW: i64 = 5 * 60 * Self::SECOND;

    /// Reads RFC 3339 with any offset; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    /// The day of this instant in a time zone, the day of the week (0 for Monday), and the minute of the day.
    #[must_use]
    pub fn clock_in(self, zone: &TimeZone) -> (Day, u8, u16) {
        let at = self.timestamp().to_zoned(zone.clone());
        let minute = i16::from(at.hour()) * 60 + i16::from(at.minute());
        let weekday = at.weekday().to_monday_zero_offset();
        (Day::from_date(at.date()), weekday.unsigned_abs(), minute.unsigned_abs())
    }

    /// The calendar day of this instant in a time zone.
    #[must_use]
    pub fn day_in(self, zone: &TimeZone) -> Day {
        Day::from_date(self.timestamp().to_zoned(zone.clone()).date())
    }

    /// The calendar day in UTC.
    #[must_use]
    pub fn day_utc(self) -> Day {
        self.day_in(&TimeZone::UTC)
    }

    /// The instant that many microseconds later (or earlier); stays at the end of the range.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    fn timestamp(self) -> jiff::Timestamp {
        let nearest = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(nearest)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

/// A calendar day: days since 1970-01-01. In serde and `Display` it is `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a year, month (1–12) and day of the month; `None` when there is no such day.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// Year, month and day of the month.
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    /// The year, as a code needs it.
    #[must_use]
    pub fn year(self) -> i16 {
        self.date().year()
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return None;
        }
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Self::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The day that many days later (or earlier).
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    fn from_date(date: Date) -> Self {
        // A span between two days is counted in days, whatever the range of instants.
        Self(date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days()))
    }

    fn date(self) -> Date {
        let nearest = if self.0 < 0 { Date::MIN } else { Date::MAX };
        let epoch = jiff::civil::date(1970, 1, 1);
        jiff::Span::new().try_days(self.0).and_then(|days| epoch.checked_add(days)).unwrap_or(nearest)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    /// Shows nothing: a day may be a birthday.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Day(..)")
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a day: give `YYYY-MM-DD`"))
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// This instant.
    fn now(&self) -> Micros;

    /// What the clock on the wall says, which may be put back: for what others tell by a clock of theirs.
    fn wall(&self) -> Micros {
        self.now()
    }
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync {
    /// Fills all of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// A clock that stands until it is moved: for tests and for replaying what happened at a known time.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn new(now: Micros) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Puts the clock to `now`.
    pub fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_and_the_last_day_are_days() {
        for text in ["0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Day::parse("9999-12-31").unwrap().0, 2_932_896);
    }

    #[test]
    fn an_instant_reads_and_prints_rfc_3339_in_utc() {
        let t = Micros::parse("2026-11-22T14:03:22.5+08:00").unwrap();
        assert_eq!(t.to_string(), "2026-11-22T06:03:22.5Z");
        assert_eq!(Micros::parse("2026-11-22T06:03:22.5Z"), Some(t));
        assert!(Micros::parse("2026-11-22").is_none());
        assert_eq!(Micros(0).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_day_depends_on_the_zone() {
        let t = Micros::parse("2026-12-31T20:00:00Z").unwrap();
        assert_eq!(t.day_utc().to_string(), "2026-12-31");
        assert_eq!(t.day_in(&TimeZone::get("Asia/Shanghai").unwrap()).to_string(), "2027-01-01");
    }

    #[test]
    fn a_day_reads_iso_only_and_only_days_that_exist() {
        assert_eq!(Day::parse("1970-01-01"), Some(Day(0)));
        assert_eq!(Day::parse("2000-02-29"), Some(Day(11_016)));
        for bad in ["2001-02-29", "2001-2-3", "20010203", "2001-02-03T00:00", "2001/02/03", "+001-02-03", ""]
        {
            assert!(Day::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_farthest_values_do_not_fail() {
        for n in [i64::MIN, i64::MAX] {
            let _ = Micros(n).to_string();
            let _ = Micros(n).day_utc();
        }
        for n in [i32::MIN, i32::MAX] {
            let _ = Day(n).to_string();
        }
    }

    proptest! {
        #[test]
        fn every_day_survives_its_text(n in -700_000i32..2_900_000) {
            prop_assert_eq!(Day::parse(&Day(n).to_string()), Some(Day(n)));
        }
    }
}
