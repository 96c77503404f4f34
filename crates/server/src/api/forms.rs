//! The forms that texts of the interface have.

use crate::shape::Form;

/// Invisible characters have no place in a name or a purpose, nor white space at its ends.
macro_rules! visible {
    ($least:literal, $most:literal) => {
        concat!(
            "^[^\\s\\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]{",
            $least,
            ",",
            $most,
            "}[^\\s\\x00-\\x1f\\x7f-\\x9f])"
        )
    };
}

pub(crate) static NAME: Form = Form::new(concat!(visible!("0", "62"), "?$"), "华东销售一部");

pub(crate) static PURPOSE: Form = Form::new(concat!(visible!("0", "198"), "$"), "联系客户");

pub(crate) static QUERY: Form = Form::new(concat!(visible!("0", "62"), "?$"), "15400000001");

/// A TypeID of a dossier, or a customer code: 18 characters, the 15 that never change, or the 17 of the old form.
pub(crate) static DOSSIER: Form = Form::new(
    "^(dos_[0-7][0-9a-hjkmnp-tv-z]{25}|C[0-9A-Z]{2}[0-9]{10}([0-9A-Z]{2}([0-5]L[1-4])?|[0-9A-Z]{4}))$",
    "dos_01ktzmay00e1hs6v0rhdvhtc0m",
);

pub(crate) static CONTACT: Form =
    Form::new("^con_[0-7][0-9a-hjkmnp-tv-z]{25}$", "con_01ktzmay00e1hs6v0rhdvhtc0m");

/// A TypeID of a record of any kind, or a customer code.
pub(crate) static RECORD: Form = Form::new(
    "^((dos|con)_[0-7][0-9a-hjkmnp-tv-z]{25}|C[0-9A-Z]{2}[0-9]{10}([0-9A-Z]{2}([0-5]L[1-4])?|[0-9A-Z]{4}))$",
    "dos_01ktzmay00e1hs6v0rhdvhtc0m",
);

pub(crate) static IMPORT: Form =
    Form::new("^imp_[0-7][0-9a-hjkmnp-tv-z]{25}$", "imp_01ktzmay00e1hs6v0rhdvhtc0m");

/// The code of an error.
pub(crate) static ERROR_CODE: Form = Form::new("^[0-9]{10}$", "1001001003");

pub(crate) static MAPPING: Form =
    Form::new("^map_[0-7][0-9a-hjkmnp-tv-z]{25}$", "map_01ktzmay00e1hs6v0rhdvhtc0m");

/// A name in UTF-8, percent-encoded (RFC 3986 §2.1).
pub(crate) static ENCODED: Form =
    Form::new("^([A-Za-z0-9._~ ()-]|%[0-9A-Fa-f]{2}){1,765}$", "%E5%AE%A2%E6%88%B7.csv");

pub(crate) static USER: Form =
    Form::new("^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$", "usr_01ktzmay00e1hs6v0rhdvhtc0m");

pub(crate) static PASSKEY: Form =
    Form::new("^pky_[0-7][0-9a-hjkmnp-tv-z]{25}$", "pky_01ktzmay00e1hs6v0rhdvhtc0m");

pub(crate) static VIEW: Form =
    Form::new("^view_[0-7][0-9a-hjkmnp-tv-z]{25}$", "view_01ktzmay00e1hs6v0rhdvhtc0m");

/// A request for approval.
pub(crate) static REQUEST: Form =
    Form::new("^apr_[0-7][0-9a-hjkmnp-tv-z]{25}$", "apr_01ktzmay00e1hs6v0rhdvhtc0m");

/// A temporary grant.
pub(crate) static GRANT: Form =
    Form::new("^gra_[0-7][0-9a-hjkmnp-tv-z]{25}$", "gra_01ktzmay00e1hs6v0rhdvhtc0m");

/// What somebody answered for who left.
pub(crate) static HAND_OVER: Form =
    Form::new("^hov_[0-7][0-9a-hjkmnp-tv-z]{25}$", "hov_01ktzmay00e1hs6v0rhdvhtc0m");

/// A flow of approvals.
pub(crate) static FLOW: Form =
    Form::new("^flow_[0-7][0-9a-hjkmnp-tv-z]{25}$", "flow_01ktzmay00e1hs6v0rhdvhtc0m");

/// What the ledger calls a session.
pub(crate) static SESSION: Form = Form::new("^[0-9a-f]{32}$", "5d0c7b1f0a9e4c325d0c7b1f0a9e4c32");

pub(crate) static CLIENT: Form =
    Form::new("^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$", "cli_01ktzmay00e1hs6v0rhdvhtc0m");

/// The change log has one node, the access log has one for each server.
pub(crate) static ENTRY: Form =
    Form::new("^(c-(0|[1-9][0-9]{0,14})|a-[1-9][0-9]{0,8}-(0|[1-9][0-9]{0,14}))$", "a-1-204331");

/// The change log, the access log of the server that answers, or that of the server with this number.
pub(crate) static LOG: Form = Form::new("^(change|access(/[1-9][0-9]{0,8})?)$", "access/1");

pub(crate) static INDUSTRY: Form = Form::new("^[0-9]{2}$", "01");

/// Given out as `next` by the page before.
pub(crate) static CURSOR: Form = Form::new("^[A-Za-z0-9_-]{32}$", "AAAAAAAAB9HzQ2uWZ0J8Yt4oT1pXkR5a");

pub(crate) static IF_MATCH: Form = Form::new("^\"[1-9][0-9]{0,8}\"$", "\"3\"");

pub(crate) static IF_NONE_MATCH: Form = Form::new("^(\\*|[-\"W/0-9, ]{1,200})$", "\"3\"");

pub(crate) static IDEMPOTENCY_KEY: Form = Form::new("^[!-~]{1,128}$", "2026-11-22-0001");

/// The levels that a dossier has.
pub(crate) const LEVELS: &[&str] = &["L1", "L2", "L3", "L4"];

pub(crate) static ROLE: Form =
    Form::new("^(CDO|CDA|CDE|CDU|ISA|rol_[0-7][0-9a-hjkmnp-tv-z]{25})$", "rol_01ktzmay00e1hs6v0rhdvhtc0m");

/// A person, a program or a role.
pub(crate) static SUBJECT: Form = Form::new(
    "^(CDO|CDA|CDE|CDU|ISA|(usr|cli|rol)_[0-7][0-9a-hjkmnp-tv-z]{25})$",
    "usr_01ktzmay00e1hs6v0rhdvhtc0m",
);

/// The name of a field.
pub(crate) static FIELD: Form = Form::new("^[a-z][a-z0-9_]{0,63}$", "phone");

pub(crate) static TEAM: Form =
    Form::new("^tea_[0-7][0-9a-hjkmnp-tv-z]{25}$", "tea_01ktzmay00e1hs6v0rhdvhtc0m");

/// A time of the day, on the hour or not; 24:00 is its end.
pub(crate) static TIME: Form = Form::new("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "08:30");

/// The sources that the archive policy names: official, third-party, own.
pub(crate) const SOURCES: &[&str] = &[
    "website",
    "annual_report",
    "prospectus",
    "government_register",
    "dnb",
    "qichacha",
    "tianyancha",
    "qixinbao",
    "linkedin",
    "visit",
    "business_card",
    "tender_file",
];

/// What a masked value is opened for: to be looked at, or to be taken along.
pub(crate) const USES: &[&str] = &["look", "copy"];

/// The longest token that a text of a field can have: 4 bytes a character, a tag, in base 64.
pub(crate) const LONGEST_TOKEN: usize = 110_000;

/// What becomes of rows of a file whose customer is there.
pub(crate) const DUPLICATES: &[&str] = &["skip", "update", "review"];

/// The largest index that an entry of a log can have: 40 bits.
pub(crate) const LARGEST: i64 = (1 << 40) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_fits_its_example_and_nothing_around_it() {
        for form in [
            &NAME,
            &PURPOSE,
            &QUERY,
            &DOSSIER,
            &CONTACT,
            &RECORD,
            &CLIENT,
            &USER,
            &VIEW,
            &SESSION,
            &IMPORT,
            &MAPPING,
            &ERROR_CODE,
            &ENCODED,
            &ENTRY,
            &LOG,
            &INDUSTRY,
            &CURSOR,
            &REQUEST,
            &HAND_OVER,
            &FLOW,
            &IF_MATCH,
            &IF_NONE_MATCH,
            &IDEMPOTENCY_KEY,
            &SUBJECT,
            &FIELD,
        ] {
            let example = form.example;
            assert!(form.fits(example), "{} {example}", form.pattern);
            for wrong in
                [format!("{example}\n"), format!("\n{example}"), String::new(), format!("{example}\u{0}")]
            {
                assert!(!form.fits(&wrong), "{} {wrong:?}", form.pattern);
            }
        }
    }

    #[test]
    fn names_are_visible_and_of_some_length() {
        for name in ["a", "华", "华东 一部", &"名".repeat(64)] {
            assert!(NAME.fits(name), "{name}");
        }
        for name in [" a", "a ", "\u{3000}a", "a\tb", "a\u{85}b", &"名".repeat(65)] {
            assert!(!NAME.fits(name), "{name:?}");
        }
        assert!(PURPOSE.fits("签约") && PURPOSE.fits(&"x".repeat(200)));
        assert!(!PURPOSE.fits("x") && !PURPOSE.fits(&"x".repeat(201)));
    }

    #[test]
    fn a_dossier_is_named_by_its_id_or_any_form_of_its_code() {
        for id in ["C0126000001230F", "C0126000001230F2L3", "C01260000012312L"] {
            assert!(DOSSIER.fits(id) == (id.len() != 16), "{id}");
        }
        assert!(DOSSIER.fits("C01260000012312L3"));
        for id in
            ["dos_81ktzmay00e1hs6v0rhdvhtc0m", "con_01ktzmay00e1hs6v0rhdvhtc0m", "C0126000001230F6L3", "1"]
        {
            assert!(!DOSSIER.fits(id), "{id}");
        }
    }
}
