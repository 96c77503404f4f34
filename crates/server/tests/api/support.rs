//! A site under test, and callers as values.

mod conformance;
mod schema;
mod wire;

pub use conformance::operations;
pub use wire::{Answer, exchange};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dossier_engine::model::Fault;
use dossier_engine::{Engine, OpenOptions, Origin, StoreUrl};
use dossier_server::{ServeOptions, Serving, Settings, serve};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

/// A running server with its engine, gone when dropped.
pub struct Site {
    pub engine: Engine,
    pub serving: Arc<Serving>,
    stop: Option<oneshot::Sender<()>>,
    boss: Program,
    folder: tempfile::TempDir,
}

/// A program's credentials.
#[derive(Clone)]
pub struct Program {
    pub id: String,
    pub secret: String,
}

/// A database of its own when the tests run on MySQL (`DOSSIER_TEST_STORE`), else the file in the folder.
fn store(folder: &Path) -> StoreUrl {
    if std::env::var("DOSSIER_TEST_STORE").is_ok_and(|store| store == "mysql") {
        let server = std::env::var("DOSSIER_TEST_MYSQL").expect("DOSSIER_TEST_MYSQL names the server");
        let name = folder.file_name().unwrap().to_str().unwrap().replace('.', "");
        return StoreUrl::new(format!("{server}/site_{name}"));
    }
    StoreUrl::default()
}

impl Site {
    /// With the default settings, but no rate limit.
    pub async fn start() -> Site {
        Site::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.server.listen = "127.0.0.1:0".to_owned();
        settings.limits.requests_per_second = 0;
        // People of every role are tried, and few of those tests are about second factors.
        settings.sign_in.second_factor_exempt = "CDO, CDA, CDE, CDU, ISA".to_owned();
        change(&mut settings);
        let options = OpenOptions {
            data: folder.path().join("data"),
            keystore: Some(folder.path().join("keys/test.keystore")),
            store: store(folder.path()),
            settings: dossier_engine::Settings {
                reveals_per_hour: settings.limits.reveals_per_hour,
                find_misses_per_hour: settings.limits.find_misses_per_hour,
                token_lifetime_seconds: settings.tokens.lifetime_seconds,
                sign_in: dossier_engine::SignInSettings {
                    second_factor_exempt: settings.sign_in.exempt(),
                    origin: settings.public_origin(),
                    ..dossier_engine::SignInSettings::default()
                },
                ..dossier_engine::Settings::default()
            },
            ..OpenOptions::default()
        };
        let engine = Engine::open_folder(&options).unwrap();
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        let boss = engine.add_client(&operator, "boss", &["CDO"], None).unwrap();
        for team in ["华东", "华南"] {
            engine.add_team(&operator, team).unwrap();
        }
        let boss = Program { id: boss.client_id, secret: boss.client_secret };
        let (stop, stopped) = oneshot::channel();
        let options = ServeOptions {
            engine: engine.clone(),
            settings,
            listener: None,
            shutdown: Box::pin(async {
                let _ = stopped.await;
            }),
        };
        let serving = Arc::new(serve(options).await.unwrap());
        Site { engine, serving, stop: Some(stop), boss, folder }
    }

    /// What answers, for work that a server does by itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.serving.address()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Tells the server to stop.
    pub fn stop(&mut self) {
        self.stop.take();
    }

    /// Nobody in particular.
    pub fn anon(&self) -> Caller<'_> {
        Caller { site: self, token: None, session: None }
    }

    /// The CDO with whom everything begins.
    pub async fn cdo(&self) -> Caller<'_> {
        self.sign_in(&self.boss).await
    }

    /// A new program of this role; of the team 华东 unless the role sees every row.
    pub async fn role(&self, role: &str) -> Caller<'_> {
        self.member(role, "华东").await
    }

    /// A new program of this role in this team.
    pub async fn member(&self, role: &str, team: &str) -> Caller<'_> {
        let program = self.program(role, team).await;
        self.sign_in(&program).await
    }

    /// A new program's credentials.
    pub async fn program(&self, role: &str, team: &str) -> Program {
        let name = format!("{role}-{}", uniquely());
        let added = self
            .cdo()
            .await
            .post("/v1/clients", json!({ "name": name, "roles": [role], "team": team }))
            .await;
        let text = |member: &str| added.json[member].as_str().expect("a new client").to_owned();
        Program { id: text("client_id"), secret: text("client_secret") }
    }

    pub async fn sign_in(&self, program: &Program) -> Caller<'_> {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            program.id, program.secret
        );
        let answer = self.anon().form("/oauth/token", &form).await;
        self.bearer(answer.json["access_token"].as_str().expect("a token"))
    }

    /// With a token that may be anything.
    pub fn bearer(&self, token: &str) -> Caller<'_> {
        Caller { site: self, token: Some(token.to_owned()), session: None }
    }

    /// A link for a new person of this role, of the team 华南 where the role does not see every row.
    pub async fn invited(&self, name: &str, role: &str) -> Json {
        let body = json!({ "name": name, "roles": [role], "team": "华南" });
        let added = self.cdo().await.post("/v1/users", body).await;
        assert_eq!(added.status, 201, "{}", added.json);
        added.json
    }

    /// A new person of this role who just chose a password.
    pub async fn person(&self, role: &str) -> Caller<'_> {
        self.named_person(&format!("示例{role}{}", uniquely()), role).await
    }

    /// The same by a name.
    pub async fn named_person(&self, name: &str, role: &str) -> Caller<'_> {
        let user = self.invited(name, role).await;
        let body = json!({ "token": token_of(&user), "password": PASSWORD });
        self.by_cookie(&self.anon().post("/v1/set-up", body).await)
    }

    /// Whoever an answer has just signed in.
    pub fn by_cookie(&self, answer: &Answer) -> Caller<'_> {
        assert_eq!(answer.status, 200, "{}", answer.json);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let csrf = answer.json["csrf"].as_str().unwrap().to_owned();
        Caller { site: self, token: None, session: Some((cookie, csrf)) }
    }
}

/// What people in tests sign in with.
pub const PASSWORD: &str = "plum harbour seven";

/// The secret of a link.
pub fn token_of(answer: &Json) -> &str {
    answer["set_up"].as_str().unwrap().strip_prefix("/set-up#").unwrap()
}

/// A number that no other call gives.
fn uniquely() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Caller<'s> {
    pub site: &'s Site,
    pub token: Option<String>,
    /// Cookie and CSRF token.
    pub session: Option<(String, String)>,
}

impl Caller<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.send("POST", path, &[], Some(body)).await
    }

    /// Without a body.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send("POST", path, &[], None).await
    }

    /// With the version that was seen.
    pub async fn patch(&self, path: &str, version: u32, body: Json) -> Answer {
        self.send("PATCH", path, &[("if-match", &format!("\"{version}\""))], Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.send("PUT", path, &[], Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    pub async fn form(&self, path: &str, form: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.raw("POST", path, &headers, form.as_bytes()).await
    }

    /// With JSON as the body when there is one, and the answer compared with the document.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Answer {
        let mut headers = headers.to_vec();
        let bytes = body.map(|body| body.to_string().into_bytes());
        if bytes.is_some() {
            headers.push(("content-type", "application/json"));
        }
        self.raw(method, path, &headers, bytes.as_deref().unwrap_or_default()).await
    }

    /// With these headers and bytes, and the answer compared with the document.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers = headers.to_vec();
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        if let Some((cookie, csrf)) = &self.session {
            headers.extend([("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())]);
        }
        let answer = exchange(self.site.address(), method, path, &headers, body).await;
        conformance::check(method, path, &answer);
        answer
    }

    /// A new dossier, as its creator sees it.
    pub async fn new_dossier(&self, fields: Json) -> Json {
        let mut all = json!({ "name": format!("示例客户{}号（杭州）有限公司", uniquely()), "subject": "A" });
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        let answer = self.post("/v1/dossiers", json!({ "fields": all })).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json
    }

    /// A file that is handed in, as an import.
    pub async fn hand_in(&self, text: &str) -> Json {
        let headers = [("content-type", "text/csv"), ("file-name", "%E5%AE%A2%E6%88%B7.csv")];
        let answer = self.raw("POST", "/v1/imports", &headers, text.as_bytes()).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json
    }

    /// A new contact of a dossier, as its creator sees it.
    pub async fn new_contact(&self, dossier: &Json) -> Json {
        let body = json!({ "fields": { "name": "韩示例", "mobile": "15400000002", "title": "采购经理" } });
        let answer = self.post(&at(dossier, "/contacts"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json
    }
}

/// The address of a record, and what stands behind it.
pub fn at(record: &Json, rest: &str) -> String {
    let id = record["id"].as_str().unwrap();
    let collection = if id.starts_with("dos_") { "dossiers" } else { "contacts" };
    format!("/v1/{collection}/{id}{rest}")
}

/// The code that a key has in `errors.toml`.
pub fn code(key: &'static str) -> &'static str {
    let fault = Fault::new(key);
    assert_ne!(fault.code(), Fault::new("internal").code(), "{key} is not in errors.toml");
    fault.code()
}
