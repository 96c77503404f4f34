//! Fields of a record, as their kind declares them: in requests, and in answers.

use dossier_engine::model::kind::{Check, Field, FieldType, Kind};
use dossier_engine::model::{Fault, Lang, Mask, Stage};
use serde_json::{Map, Value as Json, json};
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType,
    Type as Is,
};
use utoipa::openapi::{RefOr, Schema};

use super::check::{between, one_of, one_or_many};

/// Separators that a number may be written with beyond its own length: `138 0000 0000`.
const ROOM: usize = 32;

/// An amount as text; no sign, because no amount of a customer is below nought.
const AMOUNT: &str = "^[0-9]{1,15}(\\.[0-9]{1,4})?$";
const CURRENCY: &str = "^[A-Z]{3}$";

/// The names of the fields that take values.
pub(crate) fn names(kind: &'static Kind) -> Vec<&'static str> {
    enabled(kind).map(|field| field.name.as_str()).collect()
}

fn enabled(kind: &Kind) -> impl Iterator<Item = &Field> {
    kind.fields.iter().filter(|field| field.enabled)
}

/// Checks what the documentation says and the engine takes more freely: that a code is one (files may have labels),
/// that a text is not blank (null clears a field), and how long it may be with its separators.
pub(super) fn check(kind: &Kind, given: &Map<String, Json>) -> Result<(), Fault> {
    let mut faults = Vec::new();
    for (name, value) in given {
        let Some(field) = kind.by_name(name) else { continue };
        if let Err(fault) = check_field(field, value) {
            faults.push(field.problem(fault));
        }
    }
    one_or_many(faults)
}

fn check_field(field: &Field, value: &Json) -> Result<(), Fault> {
    let codes: Vec<&str> = field.options.iter().map(|option| option.code.as_str()).collect();
    match (field.ty, value) {
        (_, Json::String(text)) if text.trim().is_empty() => Err(Fault::new("text_empty")),
        (FieldType::Text, Json::String(text)) if text.chars().count() > longest(field) => {
            Err(between(Fault::new("value_length"), &1, &longest(field)))
        }
        (FieldType::Choice, Json::String(text)) => one_of(&codes, text),
        (FieldType::Choices, Json::Array(items)) => {
            items.iter().filter_map(Json::as_str).try_for_each(|text| one_of(&codes, text))
        }
        (FieldType::Choices, Json::String(_)) => Err(Fault::new("value_not_list")),
        _ => Ok(()),
    }
}

/// Most characters of a text as it is sent.
fn longest(field: &Field) -> usize {
    let room = if matches!(field.check, Check::None | Check::Name) { 0 } else { ROOM };
    field.max_len as usize + room
}

/// The schema of fields that are sent.
pub(super) fn input(kind: &'static Kind) -> RefOr<Schema> {
    given(kind).into()
}

/// The schema of the fields of a new record. What a lead needs has to be there; the engine says so, with better words,
/// and it can tell a choice (the subject) from other fields.
pub(super) fn new_input(kind: &'static Kind) -> RefOr<Schema> {
    let needed = |field: &&Field| field.required_from == Some(Stage::Lead) && field.ty == FieldType::Text;
    enabled(kind)
        .filter(needed)
        .fold(given(kind), |object, field| object.required(field.name.as_str()))
        .into()
}

fn given(kind: &'static Kind) -> ObjectBuilder {
    object(kind, |field| {
        let nullable = |is: Is| SchemaType::from_iter([is, Is::Null]);
        let about = Some(about(field));
        let text = ObjectBuilder::new().schema_type(nullable(Is::String)).description(about.clone());
        match field.ty {
            FieldType::Text => text
                .min_length(Some(1))
                .max_length(Some(longest(field)))
                .pattern(Some("\\S"))
                .examples([field.example.as_str()])
                .into(),
            FieldType::Choice => {
                let codes = field.options.iter().map(|option| Json::from(option.code.as_str()));
                text.enum_values(Some(codes.chain([Json::Null]))).into()
            }
            FieldType::Date => text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into(),
            FieldType::Money => {
                let mut given = AnyOfBuilder::new().item(money()).description(about);
                given =
                    given.item(ObjectBuilder::new().schema_type(nullable(Is::String)).pattern(Some("\\S")));
                given.examples([json!({ "amount": "10000000.00", "currency": "CNY" })]).into()
            }
            FieldType::Choices => {
                let list = ArrayBuilder::new().schema_type(nullable(Is::Array)).items(codes(field));
                RefOr::T(Schema::Array(list.description(about).build()))
            }
        }
    })
}

/// The schema of fields that are answered: hidden ones are absent, masked ones are texts.
pub(crate) fn output(kind: &'static Kind) -> RefOr<Schema> {
    object(kind, |field| value(field, Some(about(field)))).into()
}

/// The schema of a value that is answered, in clear or through its mask.
fn value(field: &Field, about: Option<String>) -> RefOr<Schema> {
    let string = || ObjectBuilder::new().schema_type(Is::String);
    let masks = || std::iter::once(&field.mask).chain(field.relaxed.iter().map(|case| &case.mask));
    match field.ty {
        FieldType::Choice if masks().all(|mask| *mask == Mask::None) => {
            // A role may see a mask of what has none by default: it hides all.
            string().description(about).into()
        }
        FieldType::Text | FieldType::Choice | FieldType::Date => string().description(about).into(),
        FieldType::Money => AnyOfBuilder::new().item(money()).item(string()).description(about).into(),
        FieldType::Choices => {
            let list = ArrayBuilder::new().items(codes(field));
            AnyOfBuilder::new().item(Schema::Array(list.build())).item(string()).description(about).into()
        }
    }
}

/// The schema of any value of any field of these kinds: text, amount or codes.
pub(crate) fn any_value() -> RefOr<Schema> {
    let string = || ObjectBuilder::new().schema_type(Is::String);
    let list = ArrayBuilder::new().items(string()).build();
    AnyOfBuilder::new().item(string()).item(money()).item(Schema::Array(list)).into()
}

fn object(kind: &'static Kind, schema: impl Fn(&'static Field) -> RefOr<Schema>) -> ObjectBuilder {
    let open = ObjectBuilder::new().schema_type(Is::Object);
    enabled(kind)
        .fold(open, |object, field| object.property(field.name.as_str(), schema(field)))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn codes(field: &Field) -> ObjectBuilder {
    let codes = field.options.iter().map(|option| option.code.as_str());
    ObjectBuilder::new().schema_type(Is::String).enum_values(Some(codes))
}

fn money() -> Schema {
    let part = |pattern: &str| ObjectBuilder::new().schema_type(Is::String).pattern(Some(pattern));
    ObjectBuilder::new()
        .schema_type(Is::Object)
        .property("amount", part(AMOUNT))
        .required("amount")
        .property("currency", part(CURRENCY))
        .required("currency")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

/// What a field is, for people: its names, its sensitivity, and what its codes mean.
fn about(field: &Field) -> String {
    let options: Vec<String> =
        field.options.iter().map(|option| format!("`{}` {} {}", option.code, option.zh, option.en)).collect();
    let label = |lang| field.label.get(lang);
    let head = format!("{} {} ({})", label(Lang::Zh), label(Lang::En), field.level);
    if options.is_empty() { head } else { format!("{head}: {}", options.join("; ")) }
}
