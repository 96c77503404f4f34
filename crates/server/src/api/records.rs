//! What dossiers and contacts have in common on the way in and out.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use dossier_engine::{Carried, Done, Record};

use super::forms;
use crate::http::answer::{etag, json, names_version, set, with_status};
use crate::shape::shaped;

shaped! {
    /// Repeating a command safely.
    Header Once {
        /// 幂等键 The same command under the same key is carried out once.
        may idempotency_key as "Idempotency-Key": Option<String> = Form(&forms::IDEMPOTENCY_KEY);
    }
}

shaped! {
    /// Changing what was seen, and nothing newer.
    Header Seen {
        /// 所见版本 The `ETag` of the version that the caller saw.
        must if_match as "If-Match": String = Form(&forms::IF_MATCH);
        /// 幂等键 The same command under the same key is carried out once.
        may idempotency_key as "Idempotency-Key": Option<String> = Form(&forms::IDEMPOTENCY_KEY);
    }
}

shaped! {
    /// Reading only what is new.
    Header Known {
        /// 已有版本 The `ETag` of a version that the caller has.
        may if_none_match as "If-None-Match": Option<String> = Form(&forms::IF_NONE_MATCH);
    }
}

shaped! {
    /// How much of a record.
    Query Reading {
        /// 来源 Whether to tell who answers for each value.
        may provenance: bool = Flag;
    }
}

shaped! {
    /// Which versions.
    Query Versions {
        /// 翻页 Only versions below this one: `next` of the page before.
        may before: Option<u32> = Whole { least: 1, most: 4_294_967_295 };
        /// 每页条数 How many at most; 20 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 50 };
    }
}

/// The version that an `If-Match` names.
pub(super) fn version_of(if_match: &str) -> Result<u32, Fault> {
    if_match.trim_matches('"').parse().map_err(|_| Fault::new("precondition_invalid"))
}

impl Seen {
    /// The version that was seen.
    pub(super) fn version(&self) -> Result<u32, Fault> {
        version_of(&self.if_match)
    }
}

/// 201 with the record's address and version.
pub(super) fn created(done: &Done, at: &str) -> Result<Response, Fault> {
    let mut response = with_status(StatusCode::CREATED, &done.record)?;
    let headers = response.headers_mut();
    set(headers, header::LOCATION, &format!("{at}{}", done.record.id))?;
    headers.insert(header::ETAG, etag(done.record.version)?);
    replayed(done, response)
}

/// 200 with the record and its version; 202 where the change waits for approval.
pub(super) fn changed(carried: &Carried<Done>) -> Result<Response, Fault> {
    carried_out(carried, written)
}

/// The answer to what was carried out; 202 where it waits for approval.
pub(super) fn carried_out<T>(
    carried: &Carried<T>,
    done: impl FnOnce(&T) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match carried {
        Carried::Done(answer) => done(answer),
        Carried::Waits(waiting) => {
            let mut response = with_status(StatusCode::ACCEPTED, waiting)?;
            set(response.headers_mut(), header::LOCATION, &format!("/v1/approvals/{}", waiting.id))?;
            Ok(response)
        }
    }
}

fn written(done: &Done) -> Result<Response, Fault> {
    let mut response = json(&done.record)?;
    response.headers_mut().insert(header::ETAG, etag(done.record.version)?);
    replayed(done, response)
}

fn replayed(done: &Done, mut response: Response) -> Result<Response, Fault> {
    if done.replayed {
        set(response.headers_mut(), header::HeaderName::from_static("idempotency-replayed"), "true")?;
    }
    Ok(response)
}

/// 200 with the record, or 304 when the caller has this version; either way the look is in the ledger by now.
pub(super) fn shown(record: &Record, known: &Known) -> Result<Response, Fault> {
    let etag = etag(record.version)?;
    if names_version(known.if_none_match.as_deref(), record.version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let mut response = json(record)?;
    response.headers_mut().insert(header::ETAG, etag);
    Ok(response)
}
