//! What a body, a query, a path or a header may hold.
//!
//! Each is declared once, with [`shaped!`]; the check of requests and the documentation both come from that, so that
//! the documentation cannot promise what is refused, nor leave out what is taken.

mod check;
mod document;
pub(crate) mod fields;
mod form;

pub(crate) use form::Form;

use dossier_engine::model::Kind;
use serde::de::DeserializeOwned;

/// What one value may be. Lengths count characters.
pub(crate) enum Type {
    /// Any text of such a length.
    Text { least: usize, most: usize },
    /// Text of a form of its own.
    Form(&'static Form),
    /// Text of a form of its own; where it is blank, the fault of this key says so better.
    Told(&'static Form, &'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// The name of a field of this kind that takes values.
    FieldOf(fn() -> &'static Kind),
    /// A whole number.
    Whole { least: i64, most: i64 },
    /// True or false.
    Flag,
    /// A day, `2026-11-22`.
    Day,
    /// A moment as in RFC 3339, `2026-11-22T14:03:00+08:00`.
    Moment,
    /// Several of one type; in a query the parameter is repeated.
    List { of: &'static Type, most: usize },
    /// The same, or none; in bodies alone.
    AnyOf { of: &'static Type, most: usize },
    /// Texts by names that nobody knows before; `none` where a name may have null, `empty` the key of the fault where
    /// there are no names, blank where there may be none.
    Texts { most: usize, longest: usize, none: bool, empty: &'static str },
    /// Any object.
    Object,
    /// Fields of a record of this kind.
    Fields(fn() -> &'static Kind),
    /// Fields of a new record of this kind: those that every one of them has must be there.
    NewFields(fn() -> &'static Kind),
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Body,
    Query,
    Path,
    Header,
}

/// One member of a body, one parameter, one header.
pub(crate) struct Member {
    pub name: &'static str,
    pub about: &'static [&'static str],
    pub of: Type,
    pub must: bool,
}

/// All members of a body, or all parameters of one place.
pub(crate) struct Shape {
    pub name: &'static str,
    pub place: Place,
    pub about: &'static [&'static str],
    pub members: &'static [Member],
    /// How many members there have to be at least.
    pub least: usize,
    /// A made-up example, as JSON; none for parameters.
    pub example: &'static str,
}

impl Shape {
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// A type whose values were checked against a shape before they were made.
pub(crate) trait Shaped: DeserializeOwned + Send + 'static {
    const SHAPE: Shape;
}

/// Declares a struct together with its shape: the place, a name, and `must member: Rust type = Type;` or `may …`, each
/// with a Rust type that has a default. The doc comments become the documentation's texts.
macro_rules! shaped {
    (
        $(#[doc = $about:literal])*
        $place:ident $name:ident $(, least $least:literal)? $(, example $example:literal)? {
            $( $(#[doc = $member_about:literal])* $need:ident $member:ident $(as $wire:literal)?: $ty:ty = $of:expr; )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(serde::Deserialize)]
        pub(crate) struct $name {
            $( $(#[doc = $member_about])* $(#[serde(rename = $wire)])? #[serde(default)] pub $member: $ty, )*
        }

        impl $crate::shape::Shaped for $name {
            const SHAPE: $crate::shape::Shape = {
                #[allow(unused_imports)]
                use $crate::shape::{Member, Shape, Type, Type::*};
                Shape {
                    name: stringify!($name),
                    place: $crate::shape::Place::$place,
                    about: &[$($about),*],
                    members: &[$( Member {
                        name: $crate::shape::shaped!(@wire $member $($wire)?),
                        about: &[$($member_about),*],
                        of: $of,
                        must: $crate::shape::shaped!(@$need),
                    } ),*],
                    least: 0 $(+ $least)?,
                    example: concat!("" $(, $example)?),
                }
            };
        }

        $crate::shape::shaped!(@document $place $name);
    };
    (@document Body $name:ident) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <$name as $crate::shape::Shaped>::SHAPE.schema()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }

    };
    (@document $place:ident $name:ident) => {
        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                <$name as $crate::shape::Shaped>::SHAPE.parameters()
            }
        }
    };
    (@must) => { true };
    (@may) => { false };
    (@wire $member:ident) => { stringify!($member) };
    (@wire $member:ident $wire:literal) => { $wire };
}
pub(crate) use shaped;

#[cfg(test)]
mod tests;
