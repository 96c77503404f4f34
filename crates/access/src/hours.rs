//! When a right holds: days of the week, hours, and the days between which it does.

use dossier_model::time::Day;
use serde::{Deserialize, Serialize};

/// A moment in the tenant's zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The day.
    pub day: Day,
    /// 0 for Monday to 6 for Sunday.
    pub weekday: u8,
    /// Minutes since midnight.
    pub minute: u16,
}

/// The time in which a right holds (对的时间). Whatever is not said is not limited.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Days of the week on which it holds, 0 for Monday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<u8>>,
    /// From this minute of the day until before that one; over midnight where the first is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<(u16, u16)>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
}

impl Hours {
    /// Whether a right holds at this moment. Hours over midnight belong to the day on which they begin.
    pub fn hold(&self, at: Moment) -> bool {
        let (day, weekday) = match self.minutes {
            Some((begin, end)) if begin <= end && !(begin..end).contains(&at.minute) => return false,
            Some((begin, end)) if begin > end && (end..begin).contains(&at.minute) => return false,
            // After midnight: of the day before.
            Some((begin, end)) if begin > end && at.minute < end => (Day(at.day.0 - 1), (at.weekday + 6) % 7),
            _ => (at.day, at.weekday),
        };
        self.weekdays.as_ref().is_none_or(|days| days.contains(&weekday))
            && self.from.is_none_or(|from| day >= from)
            && self.to.is_none_or(|to| day <= to)
    }
}
