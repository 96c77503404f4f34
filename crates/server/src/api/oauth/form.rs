//! What programs send by form, by which they say who they are, and the refusals in the words of OAuth (RFC 6749 §5.2).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_engine::ClientProof;
use dossier_engine::model::{Fault, Lang};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::http::answer::JSON;
use crate::input::pairs;

/// Why there is no answer (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRefusal {
    #[schema(
        pattern = "^(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope)$"
    )]
    error: &'static str,
    error_description: String,
}

/// The parameters of a form, each once. Empty ones count as left out (RFC 6749 §3.2).
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// # Errors
    /// `oauth_invalid_request` when a parameter stands twice or is not well encoded.
    pub(super) fn read(text: &[u8]) -> Result<Form, Fault> {
        let pairs = pairs(text).ok_or_else(invalid)?;
        let count = pairs.len();
        let mut all: BTreeMap<String, String> = pairs.into_iter().collect();
        if all.len() != count {
            return Err(invalid());
        }
        all.retain(|_, value| !value.is_empty());
        Ok(Form(all))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// # Errors
    /// `oauth_invalid_request` where it is not there.
    pub(super) fn must(&self, name: &str) -> Result<String, Fault> {
        self.get(name).map(str::to_owned).ok_or_else(invalid)
    }

    /// Who the program says it is, from the one place where that stands.
    ///
    /// # Errors
    /// `oauth_invalid_client`, `oauth_invalid_request`.
    pub(super) fn client(&self, headers: &HeaderMap) -> Result<ClientProof, Fault> {
        let nobody = || Fault::new("oauth_invalid_client");
        let (id, secret) = (self.get("client_id"), self.get("client_secret").map(str::to_owned));
        match (headers.get(header::AUTHORIZATION), secret) {
            (None, secret) => Ok(ClientProof { id: id.ok_or_else(nobody)?.to_owned(), secret }),
            // RFC 6749 §2.3: one method in a request.
            (Some(_), Some(_)) => Err(invalid()),
            (Some(header), None) => {
                let (user, secret) = basic(header).ok_or_else(nobody)?;
                let same = id.is_none_or(|id| id == user);
                if same { Ok(ClientProof { id: user, secret: Some(secret) }) } else { Err(invalid()) }
            }
        }
    }
}

fn invalid() -> Fault {
    Fault::new("oauth_invalid_request")
}

/// Id and secret of `Authorization: Basic`, each form-encoded within (RFC 6749 §2.3.1).
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, value) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(value.trim()).ok()?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let (id, secret) = bytes.split_at(colon);
    let decode = |text: &[u8]| match pairs(text)?.pop()? {
        (text, rest) if rest.is_empty() => Some(text),
        _ => None,
    };
    Some((decode(id)?, decode(secret.get(1..)?)?))
}

/// The answer of what was asked for, or the refusal in the words of OAuth where it is one of its own.
///
/// # Errors
/// Those that are no refusals of OAuth's.
pub(super) fn answered(answer: Result<Response, Fault>, headers: &HeaderMap) -> Result<Response, Fault> {
    let own = |fault: &Fault| fault.status() == 401 || fault.key.starts_with("oauth_");
    match answer {
        Err(fault) if own(&fault) => Ok(refusal(&fault, headers)),
        other => other,
    }
}

pub(super) fn refusal(fault: &Fault, headers: &HeaderMap) -> Response {
    let error = match (fault.status(), fault.key) {
        (401, _) => "invalid_client",
        (_, "oauth_invalid_grant") => "invalid_grant",
        (_, "oauth_unauthorized_client") => "unauthorized_client",
        (_, "oauth_unsupported_grant_type") => "unsupported_grant_type",
        (_, "oauth_invalid_scope") => "invalid_scope",
        _ => "invalid_request",
    };
    // RFC 6749 §5.2 takes no quotation mark and no backslash in there.
    let error_description = fault.text(Lang::En).replace(['"', '\\'], "'");
    let body = serde_json::to_vec(&TokenRefusal { error, error_description }).unwrap_or_default();
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response =
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let basic = headers.contains_key(header::AUTHORIZATION);
        let challenge =
            if basic { "Basic realm=\"dossier\", charset=\"UTF-8\"" } else { "Basic realm=\"dossier\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_basic(text: &str) -> HeaderMap {
        let value = format!("Basic {}", STANDARD.encode(text));
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
    }

    fn client(headers: &HeaderMap, form: &str) -> Result<(String, Option<String>), &'static str> {
        let proof = Form::read(form.as_bytes()).and_then(|form| form.client(headers));
        proof.map(|proof| (proof.id, proof.secret)).map_err(|fault| fault.key)
    }

    fn pair() -> Result<(String, Option<String>), &'static str> {
        Ok(("cli_1".to_owned(), Some("s-e_c".to_owned())))
    }

    #[test]
    fn a_program_says_who_it_is_in_the_form_or_in_the_header() {
        let none = HeaderMap::new();
        assert_eq!(client(&none, "client_id=cli_1&client_secret=s-e_c"), pair());
        assert_eq!(client(&none, "client_secret=s-e_c&extra=1&scope=&client_id=cli%5F1"), pair());
        assert_eq!(client(&with_basic("cli_1:s-e_c"), ""), pair());
        assert_eq!(client(&with_basic("cli%5f1:s-e_c"), "client_id=cli_1"), pair());
        // One without a secret says only who it is.
        assert_eq!(client(&none, "client_id=cli_1"), Ok(("cli_1".to_owned(), None)));
    }

    #[test]
    fn what_is_missing_or_said_twice_is_refused() {
        let none = HeaderMap::new();
        for (form, key) in [
            ("", "oauth_invalid_client"),
            ("client_secret=s", "oauth_invalid_client"),
            ("client_id=&client_secret=s", "oauth_invalid_client"),
            ("client_id=a&client_id=a&client_secret=s", "oauth_invalid_request"),
            ("x=1&x=2&client_id=a&client_secret=s", "oauth_invalid_request"),
            ("client_id=a&client_secret=%zz", "oauth_invalid_request"),
        ] {
            assert_eq!(client(&none, form), Err(key), "{form}");
        }
    }

    #[test]
    fn two_ways_at_once_and_broken_headers_are_refused() {
        let both = client(&with_basic("a:s"), "client_id=a&client_secret=s");
        assert_eq!(both, Err("oauth_invalid_request"));
        assert_eq!(client(&with_basic("a:s"), "client_id=b"), Err("oauth_invalid_request"));
        for text in ["no colon", "a:%zz", "a=b:s"] {
            assert_eq!(client(&with_basic(text), ""), Err("oauth_invalid_client"), "{text}");
        }
        let bearer = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"))]);
        assert_eq!(client(&bearer, ""), Err("oauth_invalid_client"));
    }
}
