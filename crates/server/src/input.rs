//! Reading requests strictly: what is not declared, not well-formed or said twice is refused.

mod body;
#[cfg(test)]
mod fuzz_tests;
mod header;
mod json;
mod path;
mod query;

pub(crate) use body::{Body, Bytes, Document, Upload};
pub(crate) use header::Headers;
pub(crate) use path::Path;
pub(crate) use query::{Query, pairs, percent_decoded};

use dossier_engine::model::Fault;
use serde_json::{Map, Value as Json};

use crate::shape::Shaped;

/// Makes the value after its shape was checked. If that fails, a shape and its Rust types disagree.
fn checked<T: Shaped>(mut object: Map<String, Json>) -> Result<T, Fault> {
    T::SHAPE.check(&mut object)?;
    serde_json::from_value(Json::Object(object)).map_err(|error| {
        tracing::error!(
            shape = T::SHAPE.name,
            line = error.line(),
            "a checked request does not fit its type"
        );
        Fault::new("internal")
    })
}

/// A name that a caller sent, fit to be shown again: it may be anything, a customer's number for instance.
fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if name.len() <= 40 && name.chars().all(plain) { name.to_owned() } else { "…".to_owned() }
}
