//! What answers look like, for the documentation. The values are the engine's own types; tests compare each answer of
//! the running server with what is said here.

#![allow(dead_code, reason = "read by derive(ToSchema) alone")]

mod access;
mod approvals;
mod explain;
mod grants;
mod imports;
mod ledger;
mod people;
mod programs;
mod quality;
mod records;

pub(crate) use access::{
    Clients, HandOver, HandOvers, KeyReport, NewClient, NewUser, Role, Roles, Rotated, SetUpState, Team,
    Teams, User, Users, mask,
};
pub(crate) use approvals::{Flow, Flows, Request, Requests, Waiting};
pub(crate) use explain::{Explained, Seers};
pub(crate) use grants::{Grant, Grants};
pub(crate) use imports::{
    Import, ImportDuplicates, ImportLeft, ImportMapping, ImportPreview, ImportProblems, Imports, Mended,
    MendedClass, ProblemClasses, SavedMappings,
};
pub(crate) use ledger::{Consistency, Evidence, LedgerPage, Logs, Proof};
pub(crate) use people::{
    Challenge, Link, LinkShown, NewTotp, OwnSessions, Passkey, Passkeys, Session, View, Views,
};
pub(crate) use programs::{Introspected, OwnPrograms, ProgramAsked, SentBack};
pub(crate) use quality::Quality;
pub(crate) use records::{
    Contact, ContactPage, Dossier, DossierPage, Erased, History, Hits, Looks, Revealed,
};

use dossier_engine::model::Kinds;
use utoipa::openapi::{RefOr, Schema};

use crate::shape::fields;

/// Schemas that come from the declarations of kinds.
pub(super) fn fields() -> [(String, RefOr<Schema>); 3] {
    [
        ("CustomerFields".to_owned(), fields::output(Kinds::customer())),
        ("ContactFields".to_owned(), fields::output(Kinds::contact())),
        ("FieldValue".to_owned(), fields::any_value()),
    ]
}
