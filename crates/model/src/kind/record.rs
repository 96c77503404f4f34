//! What a whole record has to hold: required fields by stage, and rules between fields.

use super::field::{Check, Field};
use super::{Kind, document};
use crate::check;
use crate::fault::{Fault, Lang, Problem};
use crate::level::{Stage, Subject};
use crate::value::{Fields, Value};

impl Kind {
    /// Checks the merged record, after [`Kind::derive`]. A record that does not say its subject itself (a contact) is
    /// held to the stricter rules of an organisation; see [`Kind::check_record_of`].
    #[must_use]
    pub fn check_record(&self, all: &Fields, stage: Stage) -> Vec<Problem> {
        self.check_record_of(all, stage, self.subject(all).unwrap_or(Subject::A))
    }

    /// Checks the merged record of a dossier with this subject.
    #[must_use]
    pub fn check_record_of(&self, all: &Fields, stage: Stage, subject: Subject) -> Vec<Problem> {
        let mut problems = self.missing(all, stage);
        if let Some(field) = self.by_check(Check::DocumentNumber) {
            problems.extend(self.check_document(field, all, subject));
        }
        for field in self.fields.iter().filter(|field| field.enabled && field.check == Check::CompanyMailbox)
        {
            let free = text(all, field).is_some_and(check::is_free_mailbox);
            if free && subject.is_organisation() {
                problems.push(field.problem(Fault::new("company_mailbox")));
            }
        }
        problems
    }

    /// The subject that the record itself names.
    #[must_use]
    pub fn subject(&self, all: &Fields) -> Option<Subject> {
        self.by_name("subject").and_then(|field| text(all, field)).and_then(|code| code.parse().ok())
    }

    fn missing(&self, all: &Fields, stage: Stage) -> Vec<Problem> {
        // Ending a lead must not wait for the documents of a contract that never came.
        let reached = if stage == Stage::Terminated { Stage::Lead } else { stage };
        let needed =
            |field: &&Field| field.enabled && field.required_from.is_some_and(|from| from <= reached);
        let absent = self.fields.iter().filter(needed).filter(|field| !all.contains_key(&field.number));
        absent
            .map(|field| {
                field.problem(match field.required_from {
                    Some(from) if from > Stage::Lead => Fault::new("required_from_stage")
                        .with("stage_zh", from.label(Lang::Zh))
                        .with("stage_en", from.label(Lang::En)),
                    _ => Fault::new("required"),
                })
            })
            .collect()
    }

    fn check_document(&self, field: &Field, all: &Fields, subject: Subject) -> Option<Problem> {
        let type_field = field.unique_with.as_deref().and_then(|name| self.by_name(name))?;
        match (text(all, type_field), text(all, field)) {
            (None, None) => None,
            (None, Some(_)) => Some(type_field.problem(Fault::new("document_type_missing"))),
            (Some(_), None) => Some(field.problem(Fault::new("document_number_missing"))),
            (Some(document_type), Some(_)) if !document::fits_subject(document_type, subject) => {
                Some(type_field.problem(Fault::new("document_subject")))
            }
            (Some(document_type), Some(number)) => {
                document::number_of(document_type, number).err().map(|fault| field.problem(fault))
            }
        }
    }
}

pub(super) fn text<'a>(all: &'a Fields, field: &Field) -> Option<&'a str> {
    all.get(&field.number).and_then(Value::as_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kinds;

    fn record(pairs: &[(&str, &str)]) -> Fields {
        let kind = Kinds::customer();
        let choice = |field: &Field, text: &str| match field.options.is_empty() {
            true => Value::Text(text.into()),
            false => Value::Choice(text.into()),
        };
        let field = |name| kind.by_name(name).unwrap();
        pairs.iter().map(|(name, text)| (field(name).number, choice(field(name), text))).collect()
    }

    fn keys(pairs: &[(&str, &str)], stage: Stage) -> Vec<(String, &'static str)> {
        let problems = Kinds::customer().check_record(&record(pairs), stage);
        problems.into_iter().map(|p| (p.field.unwrap(), p.key)).collect()
    }

    const NAMED: [(&str, &str); 2] = [("name", "示例"), ("subject", "A")];

    #[test]
    fn a_lead_needs_name_and_subject_alone() {
        assert_eq!(keys(&[], Stage::Lead), [("name".into(), "required"), ("subject".into(), "required")]);
        assert_eq!(keys(&NAMED, Stage::Opportunity), []);
    }

    #[test]
    fn documents_are_needed_once_signed_but_not_to_end() {
        let missing = keys(&NAMED, Stage::Signed);
        assert_eq!(
            missing.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["document_type", "document_number"]
        );
        assert!(missing.iter().all(|(_, key)| *key == "required_from_stage"));
        assert_eq!(keys(&NAMED, Stage::Terminated), []);
        let problem = &Kinds::customer().check_record(&record(&NAMED), Stage::Signed)[0];
        assert_eq!(problem.text(Lang::Zh), "证件类型：从“签约”阶段起必填，请补充");
        assert_eq!(problem.text(Lang::En), "document type: is required from stage `signed` on; fill it in");
    }

    #[test]
    fn number_and_type_of_a_document_come_together_and_agree() {
        let with = |more: &[(&'static str, &'static str)]| keys(&[&NAMED, more].concat(), Stage::Lead);
        assert_eq!(
            with(&[("document_number", "E1234")]),
            [("document_type".into(), "document_type_missing")]
        );
        assert_eq!(
            with(&[("document_type", "passport")]),
            [("document_number".into(), "document_number_missing")]
        );
        let good = [("document_type", "credit_code"), ("document_number", "91350100M000100Y43")];
        assert_eq!(with(&good), []);
        let wrong = [("document_type", "credit_code"), ("document_number", "91350100M000100Y44")];
        assert_eq!(with(&wrong), [("document_number".into(), "credit_code_check")]);
        let personal = [("document_type", "identity_number"), ("document_number", "11010519491231002X")];
        assert_eq!(with(&personal), [("document_type".into(), "document_subject")]);
    }

    #[test]
    fn a_free_mailbox_is_refused_for_the_contact_of_an_organisation_alone() {
        let kind = Kinds::contact();
        let number = |name| kind.by_name(name).unwrap().number;
        let all = Fields::from([
            (number("name"), Value::Text("示例".into())),
            (number("email"), Value::Text("someone@qq.com".into())),
        ]);
        let found = |subject| kind.check_record_of(&all, Stage::Lead, subject).len();
        assert_eq!((found(Subject::A), found(Subject::B), found(Subject::C)), (1, 0, 1));
        assert_eq!(kind.check_record(&all, Stage::Lead)[0].key, "company_mailbox");
    }
}
