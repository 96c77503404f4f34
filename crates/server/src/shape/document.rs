//! The documentation of a shape.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type as Is,
};
use utoipa::openapi::{RefOr, Required, Schema};

use super::{Place, Shape, Type, fields};

impl Shape {
    /// The schema of a body of this shape.
    pub(crate) fn schema(&self) -> RefOr<Schema> {
        let mut object = ObjectBuilder::new()
            .schema_type(Is::Object)
            .description(text(self.about))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .examples(serde_json::from_str::<serde_json::Value>(self.example).ok());
        for member in self.members {
            object = object.property(member.name, member.of.schema(text(member.about)));
            if member.must {
                object = object.required(member.name);
            }
        }
        if self.least > 0 {
            object = object.min_properties(Some(self.least));
        }
        object.into()
    }

    /// The members as parameters of one place.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let place = match self.place {
            Place::Header => ParameterIn::Header,
            Place::Path => ParameterIn::Path,
            Place::Query | Place::Body => ParameterIn::Query,
        };
        let parameter = |member: &super::Member| {
            let repeated = matches!(member.of, Type::List { .. });
            ParameterBuilder::new()
                .name(member.name)
                .parameter_in(place.clone())
                .required(if member.must { Required::True } else { Required::False })
                .description(text(member.about))
                .style(repeated.then_some(ParameterStyle::Form))
                .explode(repeated.then_some(true))
                .schema(Some(member.of.schema(None)))
                .build()
        };
        self.members.iter().map(parameter).collect()
    }
}

impl Type {
    fn schema(&self, about: Option<String>) -> RefOr<Schema> {
        let string = ObjectBuilder::new().schema_type(Is::String).description(about.clone());
        match self {
            Type::Text { least, most } => string.min_length(Some(*least)).max_length(Some(*most)).into(),
            Type::Form(form) | Type::Told(form, _) => {
                string.pattern(Some(form.pattern)).examples([form.example]).into()
            }
            Type::OneOf(options) => string.enum_values(Some(options.iter().copied())).into(),
            Type::FieldOf(kind) => string.enum_values(Some(fields::names(kind()))).into(),
            Type::Day => string.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into(),
            Type::Moment => string.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into(),
            Type::Whole { least, most } => {
                let whole = ObjectBuilder::new().schema_type(Is::Integer).description(about);
                // Numbers of JSON Schema have no upper end of their own; 2⁵³ − 1 is what programs hold exactly.
                whole.minimum(Some(*least)).maximum(Some(*most)).into()
            }
            Type::Flag => ObjectBuilder::new().schema_type(Is::Boolean).description(about).into(),
            Type::List { of, most } | Type::AnyOf { of, most } => {
                let least = usize::from(matches!(self, Type::List { .. }));
                let list =
                    ArrayBuilder::new().items(of.schema(None)).min_items(Some(least)).max_items(Some(*most));
                RefOr::T(Schema::Array(list.description(about).build()))
            }
            Type::Texts { most, longest, none, empty } => {
                let is =
                    if *none { SchemaType::from_iter([Is::String, Is::Null]) } else { Is::String.into() };
                let text = ObjectBuilder::new().schema_type(is).max_length(Some(*longest));
                ObjectBuilder::new()
                    .schema_type(Is::Object)
                    .description(about)
                    .additional_properties(Some(RefOr::<Schema>::from(text)))
                    .min_properties(Some(usize::from(!empty.is_empty())))
                    .max_properties(Some(*most))
                    .into()
            }
            Type::Object => ObjectBuilder::new().schema_type(Is::Object).description(about).into(),
            Type::Fields(kind) => fields::input(kind()),
            Type::NewFields(kind) => fields::new_input(kind()),
        }
    }
}

/// The lines of a doc comment as one text.
pub(super) fn text(lines: &[&str]) -> Option<String> {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
