//! The parts of a path that name something.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use dossier_engine::model::Fault;
use serde_json::Map;

use super::checked;
use crate::app::Shared;
use crate::shape::Shaped;

/// The declared parts of a path, or `path_invalid`: what has not even the form of an id is not found, as is an id that
/// nothing has.
pub(crate) struct Path<T>(pub Result<T, Fault>);

impl<T: Shaped> FromRequestParts<Shared> for Path<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Path(read(parts, app).await.ok_or_else(|| Fault::new("path_invalid"))))
    }
}

async fn read<T: Shaped>(parts: &mut Parts, app: &Shared) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    let mut object = Map::new();
    for (name, text) in &params {
        let member = T::SHAPE.member(name)?;
        object.insert(name.to_owned(), member.of.json_of(text.to_owned()));
    }
    checked(object).ok()
}
