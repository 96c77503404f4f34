//! `GET /oauth/authorize` (RFC 6749 §4.1.1): a program sends somebody's browser here. The page asks; what is wrong goes back
//! to the program, or nowhere where it is not known whose request it is.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use dossier_engine::{Authorize, Checked};
use utoipa::IntoParams;

use super::form::Form;
use crate::api::document::Page;
use crate::app::{Ask, Shared, blocking};
use crate::http::problem::{Problem, Refused};
use crate::web;

/// What a program asks for. Other parameters are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by derive(IntoParams) alone")]
pub(crate) struct AuthorizeRequest {
    #[param(example = "cli_01ktzmay00e1hs6v0rhdvhtc0m", max_length = 128)]
    client_id: String,
    /// One of those that the program was registered with, letter by letter.
    #[param(example = "https://crm.example.com/back", max_length = 512)]
    redirect_uri: String,
    #[param(example = "code", pattern = "^code$")]
    response_type: String,
    /// SHA-256 of the verifier in base64url (RFC 7636).
    #[param(example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", pattern = "^[A-Za-z0-9_-]{43}$")]
    code_challenge: String,
    #[param(example = "S256", pattern = "^S256$")]
    code_challenge_method: String,
    /// Comes back as it is.
    #[param(nullable = false, max_length = 512)]
    state: Option<String>,
}

#[utoipa::path(
    get,
    path = "/oauth/authorize",
    operation_id = "authorize",
    tag = "oauth",
    summary = "请人员授权 Ask somebody to let the program act",
    description = "由浏览器打开。程序或回跳地址不明时不回跳。For a browser. Where program or redirect URI is not known, nobody is sent back.",
    security(()),
    params(AuthorizeRequest),
    responses(
        (status = 200, description = "询问本人的页面 The page that asks", body = String, content_type = "text/html"),
        (status = 303, description = "带着错误回到程序 Back to the program, with an error",
            headers(("Location" = String, description = "redirect_uri"))),
        (status = 400, description = "程序或回跳地址不明 Program or redirect URI is not known", content(
            (String = "text/html"), (Problem = "application/problem+json"))),
        Page,
    )
)]
pub(crate) async fn authorize(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    uri: Uri,
) -> Result<Response, Refused> {
    let wanted = read(uri.query().unwrap_or_default());
    let origin = ask.origin();
    blocking(&ask, move || match app.engine.check_authorize(&origin, &wanted) {
        Ok(Checked::Ask) => page(&app, StatusCode::OK),
        Ok(Checked::Back(to)) => {
            let to = HeaderValue::try_from(to).map_err(|_| Fault::new("internal"))?;
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
        }
        // The page says why, in the reader's language.
        Err(fault) if fault.key.starts_with("oauth_") => page(&app, StatusCode::BAD_REQUEST),
        Err(fault) => Err(fault),
    })
    .await
}

/// What is asked for; nothing where it is not clear, because something is said twice.
fn read(query: &str) -> Authorize {
    let Ok(form) = Form::read(query.as_bytes()) else { return Authorize::default() };
    let of = |name: &str| form.get(name).map(str::to_owned);
    Authorize {
        client_id: of("client_id"),
        redirect_uri: of("redirect_uri"),
        response_type: of("response_type"),
        state: of("state"),
        scope: of("scope"),
        code_challenge: of("code_challenge"),
        code_challenge_method: of("code_challenge_method"),
    }
}

fn page(app: &Shared, status: StatusCode) -> Result<Response, Fault> {
    let mut page = web::shell(app)?;
    *page.status_mut() = status;
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(page)
}
