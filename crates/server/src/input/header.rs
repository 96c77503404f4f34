//! Headers that change what a request does.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use dossier_engine::model::Fault;
use serde_json::Map;

use super::checked;
use crate::app::Shared;
use crate::shape::{Member, Shaped};

/// The declared headers, or what is wrong with them. Others are of no concern here.
pub(crate) struct Headers<T>(pub Result<T, Fault>);

impl<T: Shaped> FromRequestParts<Shared> for Headers<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Headers(read(&parts.headers)))
    }
}

fn read<T: Shaped>(headers: &HeaderMap) -> Result<T, Fault> {
    let mut object = Map::new();
    for member in T::SHAPE.members {
        if let Some(text) = one(headers, member)? {
            object.insert(member.name.to_owned(), member.of.json_of(text));
        } else if member.must && member.name == "If-Match" {
            // RFC 6585 §3 has a status for this one.
            return Err(Fault::new("precondition_required"));
        }
    }
    checked(object)
}

/// The value of a header that may stand once.
fn one(headers: &HeaderMap, member: &Member) -> Result<Option<String>, Fault> {
    let refused = || Fault::new("header_invalid").with("name", member.name);
    let mut values = headers.get_all(member.name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(|text| Some(text.trim().to_owned())).map_err(|_| refused()),
        (Some(_), Some(_)) => Err(refused()),
    }
}
