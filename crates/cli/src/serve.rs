//! The server: REST for programs, the local socket for this command line.

use crate::failure::Failure;
use crate::folder::May;
use crate::output::{Output, Terminal};
use crate::run::{Work, run};
use crate::settings::Setup;
use crate::sink::Sink;
use crate::socket::{self, Listener};
use crate::{demo, folder, logs, say};
use dossier_engine::{Engine, Origin};
use dossier_model::fault::{Fault, Lang};
use dossier_server::serve::{ServeOptions, Serving};
use serde_json::json;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a folder is waited for whose server is just stopping, or which a command has.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is asked whether the store still serves.
const LOOK: Duration = Duration::from_secs(1);
/// What the store answers after a failed flush.
const STOPPED: &str = "store_stopped";

/// Serves until told to stop.
///
/// # Errors
/// Those of settings, engine and server.
pub fn serve(
    mut setup: Setup,
    listen: Option<String>,
    demo: bool,
    terminal: Terminal,
) -> Result<Output, Fault> {
    if let Some(listen) = listen {
        setup.settings.server.listen = listen;
        setup.settings.check()?;
    }
    setup.demo = demo;
    logs::of_server(&setup.settings.log);
    let engine = open(&setup, terminal)?;
    if demo {
        demo::check(&engine, &setup.data)?;
    }
    let _background = engine.background();
    let _imports = engine.import_worker();
    let _indexing = engine.index_names();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("dossier-http")
        .build()
        .map_err(|_| Fault::new("internal"))?;
    let served = runtime.block_on(answer(&engine, &setup, demo, terminal));
    // Requests that do not end by themselves hold nothing that is not durable.
    runtime.shutdown_timeout(Duration::from_secs(5));
    served.map(|()| Output::default())
}

/// Opens the data folder; refused at once when a server has it.
fn open(setup: &Setup, terminal: Terminal) -> Result<Engine, Fault> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match folder::open(setup, May::Start, &mut |text| terminal.notice(&text)) {
            Err(fault) if fault.key == "store_locked" => {
                if socket::answers(&setup.data) || Instant::now() >= deadline {
                    return Err(fault);
                }
            }
            other => return other,
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

async fn answer(engine: &Engine, setup: &Setup, demo: bool, terminal: Terminal) -> Result<(), Fault> {
    // Before anything is said, so that who reads it can stop the server in good order from then on.
    let failed = |_| Fault::new("internal");
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let serving = dossier_server::serve::serve(ServeOptions {
        engine: engine.clone(),
        settings: setup.settings.clone(),
        listener: None,
        shutdown: Box::pin(told_to_stop(engine.clone(), terminate, interrupt)),
    })
    .await?;
    let listener = Listener::bind(&setup.data, work(engine)).map_err(|error| {
        tracing::error!(%error, "the local socket cannot be made");
        Fault::new("socket_failed").with("path", setup.data.join("dossier.sock").display().to_string())
    })?;
    let loading = if demo { demo::start(engine, terminal)? } else { None };
    let page = setup.settings.public_origin().unwrap_or_else(|| serving.url());
    first_link(engine, &page, terminal)?;
    ready(&serving, terminal);
    serving.ended().await;
    // No new commands; those in work end, and so does filling in the demo.
    drop(listener);
    if let Some(loading) = loading {
        loading.stop();
    }
    // Told to whoever started it, so that it is started again.
    engine.ready().or_else(|fault| if fault.key == STOPPED { Err(fault) } else { Ok(()) })
}

/// What the local socket does with a command.
fn work(engine: &Engine) -> Arc<socket::Work> {
    let engine = engine.clone();
    Arc::new(move |command, uid, lang: Lang, sink: &mut dyn Sink| {
        run(command, Work { engine: &engine, uid, lang, sink }).map_err(|fault| Failure::new(&fault, lang))
    })
}

/// Where nobody can decide yet, a link by which the first CDO is made. Whoever sees it can use it, once: what is written
/// into a log or a file, and not to somebody's screen, says only how to get one.
fn first_link(engine: &Engine, page: &str, terminal: Terminal) -> Result<(), Fault> {
    if !std::io::stderr().is_terminal() {
        if engine.needs_first_cdo()? {
            terminal.notice(match terminal.lang {
                Lang::Zh => "尚无 CDO。执行 `dossier user set-up` 可得到设置第一位 CDO 的链接",
                Lang::En => {
                    "there is no CDO yet. Run `dossier user set-up` for the link that sets up the first one"
                }
            });
        }
        return Ok(());
    }
    let operator = engine.operator(&Origin::default(), rustix::process::getuid().as_raw(), None)?;
    if let Some(link) = engine.first_link(&operator)? {
        let url = format!("{page}{}", link.set_up);
        terminal.notice(&say!(
            terminal.lang,
            zh: "尚无 CDO。请在 24 小时内打开此链接设置第一位 CDO（只能用一次）：\n{url}",
            en: "there is no CDO yet. Open this link within 24 hours to set up the first one (it works once):\n{url}",
        ));
    }
    Ok(())
}

/// Says where it listens: one line that scripts wait for.
fn ready(serving: &Serving, terminal: Terminal) {
    let url = serving.url();
    let line =
        if terminal.json { json!({ "listening": url }).to_string() } else { format!("listening on {url}") };
    // A server goes on without its first reader.
    let _ = terminal.print(&line);
}

/// Ends at the first SIGTERM or SIGINT, or once the store serves nothing any more. A further signal ends the process at
/// once: what was answered is durable.
async fn told_to_stop(engine: Engine, mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        () = either(&mut terminate, &mut interrupt) => tracing::info!("stopping"),
        () = store_stopped(engine) => tracing::error!("the store has stopped; stopping"),
    }
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        std::process::exit(1);
    });
}

/// Ends once the store has stopped: only a new start opens it again.
async fn store_stopped(engine: Engine) {
    loop {
        tokio::time::sleep(LOOK).await;
        let engine = engine.clone();
        // In a task of its own: where no thread can be made this panics, and the server goes on.
        let asked = tokio::spawn(async { tokio::task::spawn_blocking(move || engine.ready()).await });
        if matches!(asked.await, Ok(Ok(Err(fault))) if fault.key == STOPPED) {
            return;
        }
    }
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
