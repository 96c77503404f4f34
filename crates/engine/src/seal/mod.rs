//! Records to sealed rows and back. The only place that opens sealed data, and only for what a view needs.

pub(crate) mod container;
#[cfg(test)]
mod fuzz_tests;
mod header;
mod mask;
#[cfg(test)]
mod mask_tests;
mod open;
mod show;

pub(crate) use dossier_crypto::bucket_of;
pub(crate) use header::{Header, Origin16};
pub(crate) use mask::masked;
pub(crate) use open::{Opened, unwrap_key};
pub(crate) use show::{Shown, Wanted, show};

use container::build;
use dossier_crypto::{DataKey, FieldMasks, MacKey, Part, SegmentId};
use dossier_model::fault::Fault;
use dossier_model::id::{Tenant, Uid};
use dossier_model::kind::Kind;
use dossier_model::mask::Mask;
use dossier_model::time::{Entropy, Micros};
use dossier_model::value::{Fields, Value};
use dossier_model::{Class, Level};
use dossier_store::Row;
use minicbor::Encoder;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// The fault of a row that does not open. The value is never shown and never guessed.
pub(crate) fn damaged(what: &'static str) -> Fault {
    tracing::error!(what, "a sealed record does not open");
    Fault::new("sealed_damaged").with("what", what)
}

/// A row's values, each with its provenance number.
pub(crate) type Stored = BTreeMap<u16, (Value, u16)>;

/// What a record is sealed from.
pub(crate) struct Draft {
    pub kind: &'static Kind,
    /// All clear columns; its container is replaced.
    pub row: Row,
    pub values: Stored,
    pub origins: Vec<Origin16>,
    /// A version salt for each provenance number.
    pub salts: Vec<[u8; 32]>,
}

/// Names a segment of a row for its associated data.
pub(crate) fn segment_id(tenant: Tenant, row: &Row, part: Part) -> SegmentId {
    SegmentId {
        tenant,
        domain: row.domain_uid,
        record: row.record,
        kind: row.kind.0,
        version: row.version,
        part,
        key_version: row.key_version,
        mask_revision: row.mask_revision,
        generation: row.generation,
    }
}

/// Seals a record into its row, with the default masks as its kind declares them now; `system` is the keyring's system key.
pub(crate) fn seal(
    tenant: Tenant,
    draft: Draft,
    key: &DataKey,
    system: &MacKey,
    entropy: &dyn Entropy,
) -> Result<Row, Fault> {
    let Draft { kind, mut row, values, origins, salts } = draft;
    row.mask_revision = kind.mask_revision;
    let subkeys = key.subkeys();
    let all: Fields = values.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
    let mut plain: Vec<(Part, Vec<u8>)> = Vec::with_capacity(8);
    let header = Header { clear_hash: row.clear_hash(tenant), origins };
    plain.push((Part::Header, header.encode()));
    plain.push((Part::Salts, salts.concat()));
    for ((level, class), members) in grouped(kind, &all, &values) {
        plain.push((Part::Value { level, class }, encode_values(&members)));
        let masks: Vec<(u16, String)> = members
            .iter()
            .filter(|member| *member.mask != Mask::None)
            .map(|member| {
                let keys = FieldMasks::new(system, kind.id.0, member.number);
                (member.number, member.mask.apply(member.value, &keys))
            })
            .collect();
        if !masks.is_empty() {
            plain.push((Part::Mask { level, class }, encode_masks(&masks)));
        }
    }
    let sealed = plain
        .into_iter()
        .map(|(part, bytes)| Ok((part, subkeys.seal(&segment_id(tenant, &row, part), &bytes, entropy)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    row.container = build(sealed);
    Ok(row)
}

struct Member<'a> {
    number: u16,
    value: &'a Value,
    provenance: u16,
    mask: &'a Mask,
}

/// Fields by the place they are sealed in, numbers ascending within each.
fn grouped<'a>(
    kind: &'a Kind,
    all: &Fields,
    values: &'a Stored,
) -> BTreeMap<(Level, Class), Vec<Member<'a>>> {
    let mut groups: BTreeMap<(Level, Class), Vec<Member<'a>>> = BTreeMap::new();
    for (number, (value, provenance)) in values {
        let Some(field) = kind.field(*number) else { continue };
        let place = field.placement(all, kind);
        groups.entry((place.level, place.class)).or_default().push(Member {
            number: *number,
            value,
            provenance: *provenance,
            mask: place.mask,
        });
    }
    groups
}

fn encode_values(members: &[Member<'_>]) -> Vec<u8> {
    to_cbor(members.len() * 24, |e| {
        e.map(members.len() as u64)?;
        for member in members {
            e.u16(member.number)?.array(2)?;
            member.value.encode_into(e)?;
            e.u16(member.provenance)?;
        }
        Ok(())
    })
}

fn encode_masks(masks: &[(u16, String)]) -> Vec<u8> {
    to_cbor(masks.len() * 20, |e| {
        e.map(masks.len() as u64)?;
        for (number, text) in masks {
            e.u16(*number)?.str(text)?;
        }
        Ok(())
    })
}

/// What `write` encodes.
pub(crate) fn to_cbor(
    capacity: usize,
    write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    // Memory takes every byte: the error type has no value.
    let _ = write(&mut Encoder::new(&mut out));
    out
}

/// Sixteen random bytes with a time in front: a new id.
pub(crate) fn new_id(now: Micros, entropy: &dyn Entropy) -> Uid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    Uid::v7(now, random)
}
