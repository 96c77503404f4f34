//! Checking a value against its declaration.

use dossier_engine::model::time::Micros;
use dossier_engine::model::{Day, Fault};
use serde_json::{Map, Value as Json};

use super::{Member, Shape, Type};

/// Numbers above this one are not all whole in JSON as programs read it.
const EXACT: f64 = 9_007_199_254_740_991.0;

impl Shape {
    /// Checks all members. Whole numbers written as `5.0` become `5`.
    ///
    /// # Errors
    /// The one fault, or `request_invalid` with all of them.
    pub(crate) fn check(&self, object: &mut Map<String, Json>) -> Result<(), Fault> {
        let mut faults = Vec::new();
        if object.keys().any(|name| self.member(name).is_none()) {
            faults.push(Fault::new("body_unknown_member"));
        }
        for member in self.members {
            match object.get_mut(member.name) {
                Some(value) => member.check(value, &mut faults),
                None if member.must => faults.push(Fault::new("value_missing").field(member.name)),
                None => {}
            }
        }
        if faults.is_empty() && object.len() < self.least {
            faults.push(Fault::new("nothing_changed"));
        }
        one_or_many(faults)
    }
}

/// No fault, the one that there is, or all under one head.
pub(crate) fn one_or_many(mut faults: Vec<Fault>) -> Result<(), Fault> {
    match faults.len() {
        0 => Ok(()),
        1 => faults.pop().map_or(Ok(()), Err),
        count => {
            Err(Fault { problems: faults, ..Fault::new("request_invalid").with("count", count.to_string()) })
        }
    }
}

impl Member {
    fn check(&self, value: &mut Json, faults: &mut Vec<Fault>) {
        match self.of.check(value) {
            Ok(()) => {}
            // Faults of single fields have their names already.
            Err(fault) if !fault.problems.is_empty() => faults.extend(fault.problems),
            Err(fault) if fault.field.is_some() => faults.push(fault),
            Err(fault) => faults.push(fault.field(self.name)),
        }
    }
}

impl Type {
    /// The value that a query, a path or a header writes as text.
    pub(crate) fn json_of(&self, text: String) -> Json {
        match self {
            Type::Flag if text == "true" => Json::Bool(true),
            Type::Flag if text == "false" => Json::Bool(false),
            Type::Whole { .. } => match text.parse::<i64>() {
                // One spelling of each number, so that `007` and `+7` are not another 7.
                Ok(number) if number.to_string() == text => Json::from(number),
                _ => Json::String(text),
            },
            _ => Json::String(text),
        }
    }

    fn check(&self, value: &mut Json) -> Result<(), Fault> {
        match self {
            Type::Whole { least, most } => {
                let number = whole(value).ok_or_else(|| Fault::new("value_not_whole"))?;
                if number < *least || number > *most {
                    return Err(between(Fault::new("value_range"), least, most));
                }
                *value = Json::from(number);
                Ok(())
            }
            Type::Flag => value.as_bool().map(|_| ()).ok_or_else(|| Fault::new("value_not_flag")),
            Type::Object => value.as_object().map(|_| ()).ok_or_else(|| Fault::new("value_not_object")),
            Type::Fields(kind) | Type::NewFields(kind) => {
                super::fields::check(kind(), value.as_object().ok_or_else(|| Fault::new("value_not_object"))?)
            }
            Type::Texts { most, longest, none, empty } => {
                let texts = value.as_object().ok_or_else(|| Fault::new("value_not_object"))?;
                if texts.is_empty() && !empty.is_empty() || texts.len() > *most {
                    let key = if texts.is_empty() { empty } else { "value_count" };
                    return Err(between(Fault::new(key), &1, most));
                }
                texts.values().try_for_each(|text| match text {
                    Json::Null if *none => Ok(()),
                    Json::String(text) if text.chars().count() <= *longest => Ok(()),
                    Json::String(_) => Err(between(Fault::new("value_length"), &0, longest)),
                    _ => Err(Fault::new("value_not_text")),
                })
            }
            Type::List { of, most } | Type::AnyOf { of, most } => {
                let least = usize::from(matches!(self, Type::List { .. }));
                let items = value.as_array_mut().ok_or_else(|| Fault::new("value_not_list"))?;
                if items.len() < least || items.len() > *most {
                    return Err(between(Fault::new("value_count"), &least, most));
                }
                items.iter_mut().try_for_each(|item| of.check(item))
            }
            Type::Text { .. }
            | Type::Form(_)
            | Type::Told(..)
            | Type::OneOf(_)
            | Type::FieldOf(_)
            | Type::Day
            | Type::Moment => self.check_text(value.as_str().ok_or_else(|| Fault::new("value_not_text"))?),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Fault> {
        match self {
            Type::Text { least, most } => {
                let length = text.chars().count();
                let fits = (*least..=*most).contains(&length);
                if fits { Ok(()) } else { Err(between(Fault::new("value_length"), least, most)) }
            }
            Type::Told(_, blank) if text.trim().is_empty() => Err(Fault::new(blank)),
            Type::Form(form) | Type::Told(form, _) if !form.fits(text) => {
                Err(Fault::new("value_form").with("example", form.example))
            }
            Type::OneOf(options) => one_of(options, text),
            Type::FieldOf(kind) => one_of(&super::fields::names(kind()), text),
            Type::Day if Day::parse(text).is_none() => Err(Fault::new("value_date")),
            Type::Moment if Micros::parse(text).is_none() => Err(Fault::new("value_moment")),
            _ => Ok(()),
        }
    }
}

/// Refuses what is not among the options, and names them.
pub(super) fn one_of(options: &[&str], text: &str) -> Result<(), Fault> {
    if options.contains(&text) {
        return Ok(());
    }
    let options: Vec<String> = options.iter().map(|option| format!("`{option}`")).collect();
    Err(Fault::new("value_option").with("options", options.join(", ")))
}

pub(super) fn between(fault: Fault, least: &impl ToString, most: &impl ToString) -> Fault {
    fault.with("least", least.to_string()).with("most", most.to_string())
}

/// The whole number that a JSON number is; `5.0` is 5 (JSON Schema, validation, §6.1.1).
fn whole(value: &Json) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
    })
}
