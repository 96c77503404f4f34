//! Document numbers: which check belongs to which document type, and what type a number looks like.

use crate::check::{self, compact_groups};
use crate::fault::Fault;
use crate::level::Subject;

pub(super) const CREDIT_CODE: &str = "credit_code";
pub(super) const REGISTRATION_NUMBER: &str = "registration_number";
pub(super) const ORGANISATION_CODE: &str = "organisation_code";
pub(super) const IDENTITY_NUMBER: &str = "identity_number";
pub(super) const PASSPORT: &str = "passport";

/// Checks a number of a document type and gives its normal form. Types without rules of their own take 3 to 64
/// letters and digits.
pub(super) fn number_of(document_type: &str, text: &str) -> Result<String, Fault> {
    match document_type {
        CREDIT_CODE => check::credit_code(text),
        REGISTRATION_NUMBER => check::registration_number(text),
        ORGANISATION_CODE => check::organisation_code(text),
        IDENTITY_NUMBER => check::identity_number(text),
        PASSPORT => plain(text, 5, 20, "passport_shape"),
        _ => plain(text, 3, 64, "document_number_shape"),
    }
}

/// The normal form as far as it can be told without the type: nobody writes a letter of a document in lower case.
pub(super) fn number_of_unknown(text: &str) -> Result<String, Fault> {
    plain(text, 3, 64, "document_number_shape")
}

fn plain(text: &str, least: usize, most: usize, key: &'static str) -> Result<String, Fault> {
    let number = compact_groups(text);
    let fits = (least..=most).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { Ok(number) } else { Err(Fault::new(key)) }
}

/// The document type that a number looks like. A number of 18 that passes no check is taken for what its subject
/// would have, so that the check then says what is wrong with it.
pub(super) fn guess_type(number: &str, subject: Option<Subject>) -> Option<&'static str> {
    let organisation = subject.is_none_or(Subject::is_organisation);
    let person = subject.is_none_or(|s| s == Subject::B);
    match number.chars().count() {
        18 if organisation && check::credit_code(number).is_ok() => Some(CREDIT_CODE),
        18 if person && check::identity_number(number).is_ok() => Some(IDENTITY_NUMBER),
        18 if check::credit_code(number).is_ok() || subject != Some(Subject::B) => Some(CREDIT_CODE),
        18 => Some(IDENTITY_NUMBER),
        13 | 15 if check::registration_number(number).is_ok() => Some(REGISTRATION_NUMBER),
        15 if organisation => Some(REGISTRATION_NUMBER),
        9 if organisation && check::organisation_code(number).is_ok() => Some(ORGANISATION_CODE),
        _ => None,
    }
}

/// The subject that a document speaks of; `None` where it leaves that open.
///
/// The first character of a credit code is the registering authority (GB 32100-2015, table 1): 1 is the one for
/// state bodies and institutions, 5 civil affairs with its associations and foundations.
pub(super) fn subject_of(document_type: &str, number: &str) -> Option<Subject> {
    match document_type {
        CREDIT_CODE if number.starts_with(['1', '5']) => Some(Subject::C),
        CREDIT_CODE | REGISTRATION_NUMBER => Some(Subject::A),
        IDENTITY_NUMBER | PASSPORT => Some(Subject::B),
        _ => None,
    }
}

/// Whether an organisation could hold the document. A person may: a sole trader has a licence.
pub(super) fn fits_subject(document_type: &str, subject: Subject) -> bool {
    let personal = matches!(document_type, IDENTITY_NUMBER | PASSPORT);
    !(personal && subject.is_organisation())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Numbers of this test are made up or the examples of the standards.
    const CODE: &str = "91350100M000100Y43";
    const PERSON: &str = "11010519491231002X";

    #[test]
    fn the_type_is_told_by_shape_and_check() {
        for (number, subject, expected) in [
            (CODE, None, Some(CREDIT_CODE)),
            (CODE, Some(Subject::B), Some(CREDIT_CODE)),
            (PERSON, None, Some(IDENTITY_NUMBER)),
            (PERSON, Some(Subject::B), Some(IDENTITY_NUMBER)),
            ("913501000000000000", None, Some(CREDIT_CODE)),
            ("110105194912310020", Some(Subject::B), Some(IDENTITY_NUMBER)),
            ("320503000056727", None, Some(REGISTRATION_NUMBER)),
            ("320503000056728", None, Some(REGISTRATION_NUMBER)),
            ("3203212100474", None, Some(REGISTRATION_NUMBER)),
            ("D2143569X", None, Some(ORGANISATION_CODE)),
            ("E12345678", None, None),
            ("1", None, None),
        ] {
            assert_eq!(guess_type(number, subject), expected, "{number}");
        }
    }

    #[test]
    fn the_subject_is_told_by_the_document() {
        assert_eq!(subject_of(CREDIT_CODE, CODE), Some(Subject::A));
        assert_eq!(subject_of(CREDIT_CODE, "12990000MB00000176"), Some(Subject::C));
        assert_eq!(subject_of(IDENTITY_NUMBER, PERSON), Some(Subject::B));
        assert_eq!(subject_of("other", "X1"), None);
        assert!(!fits_subject(IDENTITY_NUMBER, Subject::A));
        assert!(fits_subject(CREDIT_CODE, Subject::B));
    }

    #[test]
    fn types_without_a_check_have_a_shape() {
        assert_eq!(number_of(PASSPORT, "e 1234-5678").as_deref(), Ok("E12345678"));
        assert_eq!(number_of(PASSPORT, "1234").unwrap_err().key, "passport_shape");
        assert_eq!(number_of("other", "号码").unwrap_err().key, "document_number_shape");
        assert_eq!(number_of_unknown("ab-12").as_deref(), Ok("AB12"));
    }
}
