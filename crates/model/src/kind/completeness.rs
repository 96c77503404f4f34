//! How much of what a record should hold by its stage is there (requirement B2).

use super::Kind;
use super::field::Field;
use crate::level::{Stage, Subject};

/// Filled fields out of expected ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Completeness {
    /// Expected fields that have a value.
    pub filled: u64,
    /// Fields that are expected.
    pub expected: u64,
}

impl Completeness {
    /// `filled / expected × 100`, rounded down, so that 100 means that nothing is missing. 100 where nothing is expected.
    #[must_use]
    pub fn percent(self) -> u8 {
        let percent = (self.filled * 100).checked_div(self.expected).unwrap_or(100);
        u8::try_from(percent.min(100)).unwrap_or(100)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Completeness) -> Completeness {
        Completeness { filled: self.filled + other.filled, expected: self.expected + other.expected }
    }
}

impl Kind {
    /// The fields that a record of this stage and subject is expected to hold: those without which it is not saved, and
    /// those that are declared as `expected`. A record that ended is held to what a lead needs.
    pub fn expected(&self, stage: Stage, subject: Subject) -> impl Iterator<Item = &Field> {
        let reached = if stage == Stage::Terminated { Stage::Lead } else { stage };
        self.fields.iter().filter(move |field| {
            let required = field.required_from.is_some_and(|from| from <= reached);
            let expected = field.expected.as_ref().is_some_and(|expected| {
                let of = &expected.subject;
                expected.from <= reached && (of.is_empty() || of.contains(&subject))
            });
            field.enabled && (required || expected)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kinds;

    fn names(stage: Stage, subject: Subject) -> Vec<&'static str> {
        Kinds::customer().expected(stage, subject).map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn more_is_expected_at_each_stage_and_of_firms() {
        let lead = names(Stage::Lead, Subject::A);
        assert!(lead.contains(&"name") && lead.contains(&"phone") && !lead.contains(&"document_number"));
        let signed = names(Stage::Signed, Subject::A);
        assert!(lead.iter().all(|name| signed.contains(name)));
        assert!(signed.contains(&"document_number") && signed.contains(&"representative"));
        assert!(!names(Stage::Signed, Subject::B).contains(&"representative"));
        assert_eq!(names(Stage::Terminated, Subject::A), lead);
    }

    #[test]
    fn a_percentage_says_a_hundred_only_where_nothing_is_missing() {
        let of = |filled, expected| Completeness { filled, expected }.percent();
        assert_eq!((of(0, 3), of(2, 3), of(3, 3), of(0, 0)), (0, 66, 100, 100));
        assert_eq!(of(199, 200), 99);
        let both = Completeness { filled: 1, expected: 2 }.and(Completeness { filled: 2, expected: 2 });
        assert_eq!((both, both.percent()), (Completeness { filled: 3, expected: 4 }, 75));
    }
}
