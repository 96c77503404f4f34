//! What one field tells about another.

use super::Kind;
use super::document::{self, CREDIT_CODE};
use super::field::Check;
use super::record::text;
use crate::value::{Fields, Value};

impl Kind {
    /// Fills what follows from the document and is still empty: its type by its shape, the subject, and the tax number
    /// of a credit code. Nothing that stands there is replaced, except that a number is brought to its normal form.
    ///
    /// Running it twice changes nothing more.
    pub fn derive(&self, fields: &mut Fields) {
        let Some(number_field) = self.by_check(Check::DocumentNumber) else { return };
        let type_field = number_field.unique_with.as_deref().and_then(|name| self.by_name(name));
        let (Some(number), Some(type_field)) = (text(fields, number_field).map(str::to_owned), type_field)
        else {
            return;
        };
        let document_type = match text(fields, type_field) {
            Some(known) => known.to_owned(),
            None => match document::guess_type(&number, self.subject(fields)) {
                Some(guessed) => guessed.to_owned(),
                None => return,
            },
        };
        fields.insert(type_field.number, Value::Choice(document_type.clone()));

        if let Some(subject_field) = self.by_name("subject").filter(|field| field.enabled)
            && let Some(subject) = document::subject_of(&document_type, &number)
        {
            fields.entry(subject_field.number).or_insert_with(|| Value::Choice(subject.to_string()));
        }
        // A number that fails its check stays as it was given; check_record then says what is wrong.
        let Ok(number) = document::number_of(&document_type, &number) else { return };
        fields.insert(number_field.number, Value::Text(number.clone()));
        if document_type == CREDIT_CODE
            && let Some(tax_field) = self.by_check(Check::TaxNumber)
        {
            fields.entry(tax_field.number).or_insert(Value::Text(number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kinds;

    const CODE: &str = "91350100M000100Y43";

    fn derived(given: &[(u16, Value)]) -> Fields {
        let mut fields: Fields = given.iter().cloned().collect();
        Kinds::customer().derive(&mut fields);
        let mut again = fields.clone();
        Kinds::customer().derive(&mut again);
        assert_eq!(again, fields, "deriving twice changes more");
        fields
    }

    fn shown(fields: &Fields) -> Vec<(u16, &str)> {
        fields.iter().map(|(number, value)| (*number, value.as_text().unwrap())).collect()
    }

    #[test]
    fn a_credit_code_tells_type_subject_and_tax_number() {
        let fields = derived(&[(4, Value::Text(CODE.into()))]);
        assert_eq!(shown(&fields), [(2, "A"), (3, "credit_code"), (4, CODE), (5, CODE)]);
    }

    #[test]
    fn what_was_given_stays() {
        let given = [
            (2, Value::Choice("C".into())),
            (3, Value::Choice("other".into())),
            (4, Value::Text(CODE.into())),
            (5, Value::Text("320503722177294".into())),
        ];
        assert_eq!(shown(&derived(&given)), [(2, "C"), (3, "other"), (4, CODE), (5, "320503722177294")]);
    }

    #[test]
    fn an_identity_number_tells_a_person_and_no_tax_number() {
        let fields = derived(&[(4, Value::Text("11010519491231002X".into()))]);
        assert_eq!(shown(&fields), [(2, "B"), (3, "identity_number"), (4, "11010519491231002X")]);
    }

    #[test]
    fn a_number_that_fails_its_check_fills_no_tax_number() {
        let fields = derived(&[(4, Value::Text("91350100M000100Y44".into()))]);
        assert_eq!(shown(&fields), [(2, "A"), (3, "credit_code"), (4, "91350100M000100Y44")]);
        assert!(derived(&[]).is_empty());
    }
}
