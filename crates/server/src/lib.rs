//! REST over the engine: configuration, listening, and the endpoints of `/v1`.
//!
//! Nothing here decides anything about customer data. A request is read strictly, handed to [`dossier_engine::Engine`]
//! on a thread that may wait, and its answer is put into words; the engine has recorded it by then.

mod api;
mod app;
pub mod config;
mod http;
mod input;
pub mod serve;
mod shape;
mod web;

pub use api::openapi;
pub use config::Settings;
pub use serve::{ServeOptions, Serving, Shutdown, serve};
