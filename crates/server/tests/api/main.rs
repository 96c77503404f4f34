//! The server as programs meet it: a real engine on a temporary folder, real HTTP over TCP. Each answer is compared with
//! what the OpenAPI document says of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails; the lints' own exception ends at helper functions"
)]

mod access;
mod contacts;
mod denied;
mod document;
mod dossiers;
mod hardening;
mod imports;
mod ledger;
mod limits;
mod malformed;
mod oauth;
mod people;
mod quality;
mod scim;
mod search;
mod sessions;
mod support;
mod tls;
mod token;
mod web;
