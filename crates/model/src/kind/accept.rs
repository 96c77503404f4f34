//! Takes what somebody gave: normalises and checks every field, and says all that is wrong at once.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::field::{Check, Field, Form};
use super::{FieldType, Kind, document};
use crate::address;
use crate::check;
use crate::fault::{Fault, Problem};
use crate::mask::Mask;
use crate::time::Day;
use crate::value::{Changes, Money, MoneyError, Value};

/// No date in a customer's data lies before this year; an earlier one is a slip of the pen.
const FIRST_YEAR: i16 = 1800;

/// Names that are no field are told up to so many.
const TOLD_UNKNOWN: usize = 20;

impl Kind {
    /// Normalises and checks every field that is given. `null` and an empty text clear a field.
    ///
    /// What leans on other fields of the record is not known here; see [`Kind::check_record`].
    ///
    /// # Errors
    /// All problems found, each with its field.
    pub fn accept(&self, input: &BTreeMap<String, Json>, today: Day) -> Result<Changes, Vec<Problem>> {
        let mut changes = Changes::new();
        let (mut problems, mut unknowns) = (Vec::new(), Vec::new());
        for (name, given) in input {
            let Some(field) = self.by_name(name) else {
                unknowns.push(unknown(name));
                continue;
            };
            if !field.enabled {
                problems.push(field.problem(Fault::new("field_disabled")));
                continue;
            }
            let partner = || {
                let name = field.unique_with.as_deref()?;
                input.get(name).and_then(Json::as_str)
            };
            let accepted = match given {
                Json::Null => Ok(None),
                Json::String(text) => self.accept_text(field, text, partner(), today),
                other => structured(field, other),
            };
            match accepted {
                Ok(value) => {
                    changes.insert(field.number, value);
                }
                Err(fault) => problems.push(field.problem(fault)),
            }
        }
        // Some tell what is wrong: an answer is not to be many times longer than what was asked.
        unknowns.truncate(TOLD_UNKNOWN);
        problems.extend(unknowns);
        if problems.is_empty() { Ok(changes) } else { Err(problems) }
    }

    /// Normalises and checks a value of one field that is given as text, as in a file; none when the text is empty.
    /// `partner` is what stands beside it in the field of `unique_with`: the type of a document.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn accept_text(
        &self,
        field: &Field,
        text: &str,
        partner: Option<&str>,
        today: Day,
    ) -> Result<Option<Value>, Fault> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        if field.mask.could_have_made(text) {
            return Err(Fault::new("masked_value"));
        }
        Ok(Some(match field.ty {
            FieldType::Text if field.check == Check::DocumentNumber => {
                Value::Text(within(field, self.document_number(field, text, partner)?)?)
            }
            FieldType::Text => Value::Text(within(field, text_value(field, text)?)?),
            FieldType::Choice => Value::Choice(choice(field, text)?),
            FieldType::Choices => {
                let parts = text.split(['|', '、', ',', '，', ';', '；']);
                match choices(field, parts)? {
                    codes if codes.is_empty() => return Ok(None),
                    codes => Value::choices(codes),
                }
            }
            FieldType::Date => Value::Date(date(field, text, today)?),
            FieldType::Money => Value::Money(amount(field, check::capital(text)?)?),
        }))
    }

    /// By the type that comes with it; when none does, the record may have one, and `derive` and `check_record` see to
    /// the rest.
    fn document_number(&self, field: &Field, text: &str, partner: Option<&str>) -> Result<String, Fault> {
        let type_field = field.unique_with.as_deref().and_then(|name| self.by_name(name));
        match type_field.zip(partner).and_then(|(field, text)| field.option(text)) {
            Some(option) => document::number_of(&option.code, text),
            None => document::number_of_unknown(text),
        }
    }
}

/// A value that is given as anything but text: a list of choices, an amount with its currency.
fn structured(field: &Field, given: &Json) -> Result<Option<Value>, Fault> {
    match (field.ty, given) {
        (FieldType::Choices, Json::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
            let texts = texts.ok_or_else(|| wrong_type("文本列表", "a list of texts"))?;
            let codes = choices(field, texts.into_iter())?;
            Ok((!codes.is_empty()).then(|| Value::choices(codes)))
        }
        (FieldType::Choices, _) => Err(wrong_type("文本列表", "a list of texts")),
        (FieldType::Money, Json::Object(members)) => {
            money(members).and_then(|money| amount(field, money)).map(Value::Money).map(Some)
        }
        (FieldType::Money, _) => Err(wrong_type("文本或金额", "a text or an amount")),
        _ => Err(wrong_type("文本", "text")),
    }
}

/// A name that is no field is repeated only when it looks like one: anything can stand there, a phone number too.
fn unknown(name: &str) -> Problem {
    let like_a_name =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !name.is_empty();
    Fault::new("unknown_field").field(if like_a_name { name } else { "?" })
}

fn wrong_type(zh: &str, en: &str) -> Fault {
    Fault::new("wrong_type").with("expected_zh", zh).with("expected_en", en)
}

pub(super) fn text_value(field: &Field, text: &str) -> Result<String, Fault> {
    match field.check {
        Check::None => free_text(field, text),
        Check::Name => check::normalise_name(text),
        Check::DocumentNumber => document::number_of_unknown(text),
        Check::TaxNumber => check::tax_number(text),
        Check::Phone => check::phone(text),
        Check::Email | Check::CompanyMailbox => check::email(text),
        Check::BankCard => check::bank_card(text),
        Check::BankAccount => check::bank_account(text),
        Check::Province => free_text(field, text).map(|text| address::short_province(&text).to_owned()),
        Check::Address => address::mark(&free_text(field, text)?),
        // The loader lets these stand only on dates and amounts.
        Check::PastDate | Check::NotNegative => free_text(field, text),
    }
}

/// Lines and tabs are for free text; in a value of one line they come from a slip with the clipboard.
fn free_text(field: &Field, text: &str) -> Result<String, Fault> {
    let text = check::normalise_text(text)?;
    if field.form != Form::Unstructured
        && let Some(at) = text.chars().position(|c| matches!(c, '\n' | '\t'))
    {
        return Err(Fault::new("text_control").with("position", (at + 1).to_string()));
    }
    Ok(text)
}

fn within(field: &Field, text: String) -> Result<String, Fault> {
    let length = field.length_of(&text);
    if length > field.max_len as usize {
        let fault = Fault::new("too_long").with("max", field.max_len.to_string());
        return Err(fault.with("length", length.to_string()));
    }
    Ok(text)
}

fn choice(field: &Field, text: &str) -> Result<String, Fault> {
    match field.option(text) {
        Some(option) => Ok(option.code.clone()),
        None => Err(choice_unknown(field)),
    }
}

fn choice_unknown(field: &Field) -> Fault {
    let list = |name: fn(&super::Choice) -> &str| {
        field.options.iter().map(|o| format!("`{}` {}", o.code, name(o))).collect::<Vec<_>>()
    };
    Fault::new("choice_unknown")
        .with("options_zh", list(|o| &o.zh).join("、"))
        .with("options_en", list(|o| &o.en).join(", "))
}

fn choices<'t>(field: &Field, texts: impl Iterator<Item = &'t str>) -> Result<Vec<String>, Fault> {
    texts.filter(|text| !text.trim().is_empty()).map(|text| choice(field, text)).collect()
}

fn date(field: &Field, text: &str, today: Day) -> Result<Day, Fault> {
    let day = check::date(text)?;
    if field.check == Check::PastDate && day > today {
        return Err(Fault::new("date_future"));
    }
    if day.year() < FIRST_YEAR {
        return Err(Fault::new("date_too_old").with("year", FIRST_YEAR.to_string()));
    }
    Ok(day)
}

fn money(members: &serde_json::Map<String, Json>) -> Result<Money, Fault> {
    let member = |name: &str| members.get(name).and_then(Json::as_str);
    match (member("amount"), member("currency"), members.len()) {
        // A masked amount can come back inside of its object, too.
        (Some(amount), _, _) if Mask::Band.could_have_made(amount) => Err(Fault::new("masked_value")),
        (Some(amount), Some(currency), 2) => Money::parse(amount, currency).map_err(money_fault),
        _ => Err(wrong_type("含 amount 和 currency 的金额", "an amount with `amount` and `currency`")),
    }
}

fn amount(field: &Field, amount: Money) -> Result<Money, Fault> {
    if field.check == Check::NotNegative && amount.minor < 0 {
        return Err(Fault::new("money_negative"));
    }
    Ok(amount)
}

fn money_fault(error: MoneyError) -> Fault {
    match error {
        MoneyError::Format => Fault::new("money_format"),
        MoneyError::Decimals => Fault::new("money_decimals"),
        MoneyError::Range => Fault::new("money_range"),
        MoneyError::Currency => Fault::new("money_currency"),
    }
}

#[cfg(test)]
mod tests;
