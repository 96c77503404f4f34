//! `GET /v1/kinds`: what records are made of, as far as the caller may know it.

use axum::response::Response;
use dossier_engine::access::{Form, View};
use dossier_engine::model::kind::{Kind, Kinds};
use dossier_engine::model::{Field, Level};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, Ref, Schema};

use super::document::Guarded;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;

/// All kinds.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindList<'a> {
    items: Vec<KindShown<'a>>,
}

/// A kind of record and its fields.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindShown<'a> {
    name: &'a str,
    prefix: &'a str,
    #[schema(schema_with = label)]
    label: &'a dossier_engine::model::fault::Label,
    /// Fields that the caller sees in no form are absent.
    fields: Vec<FieldShown<'a>>,
}

/// A field: its declaration, and the form in which the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldShown<'a> {
    /// `clear` or `masked`, unless a case of `relaxed` holds.
    #[schema(pattern = "^(clear|masked|hidden)$")]
    shown: &'static str,
    #[schema(schema_with = declaration)]
    declaration: &'a Field,
}

fn label() -> Schema {
    let text = || ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
    ObjectBuilder::new().property("zh", text()).property("en", text()).required("zh").required("en").into()
}

fn declaration() -> Schema {
    ObjectBuilder::new().schema_type(utoipa::openapi::Type::Object).property("label", label()).into()
}
