//! A stored record: clear columns beside sealed bytes.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::scope::Place;
use dossier_model::time::Micros;
use sha2::{Digest, Sha256};

use crate::cbor;

/// The row is in use.
pub const STATE_LIVE: u8 = 1;
/// The row is frozen: shown, not changed.
pub const STATE_FROZEN: u8 = 2;
/// The row is erased: only its clear columns are left, the container is empty.
pub const STATE_ERASED: u8 = 3;

/// One version of one record, as it lies in the store. The current one stands in `row`, older ones in
/// `version`.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Internal number of the record: from a leased sequence, ascending, gaps allowed.
    pub rid: Rid,
    /// Public id of the record.
    pub record: Uid,
    /// Kind of the record.
    pub kind: KindId,
    /// Version, from 1.
    pub version: u32,
    /// The dossier that the record is in; for a dossier's own record, its own number.
    pub dossier: Rid,
    /// Key domain: the record that the domain was made for.
    pub domain: Rid,
    /// Public id of the record that the domain was made for.
    pub domain_uid: Uid,
    /// Customer code, first 15 characters; dossiers only. Unique in the tenant.
    pub code: Option<String>,
    /// Cooperation stage, 0 to 5.
    pub stage: u8,
    /// Sensitivity, 1 to 4.
    pub level: u8,
    /// Owning team.
    pub team: u32,
    /// Region; 0 when not known.
    pub region: u32,
    /// Industry; 0 when not known.
    pub industry: u32,
    /// Value band; 0 when not known.
    pub band: u32,
    /// The person who answers for the dossier, as an enum id of the tenant; 0 when nobody does.
    pub owner: u32,
    /// When the record was entered.
    pub created: Micros,
    /// When this version was written.
    pub changed: Micros,
    /// [`STATE_LIVE`], [`STATE_FROZEN`] or [`STATE_ERASED`].
    pub state: u8,
    /// Version of the domain's data key that the container is sealed with.
    pub key_version: u16,
    /// Revision of the default masks in the container.
    pub mask_revision: u16,
    /// How often this version was sealed again.
    pub generation: u32,
    /// The sealed segments.
    pub container: Vec<u8>,
}

impl Row {
    /// Where the record's dossier belongs.
    pub fn place(&self) -> Place {
        let Row { team, region, industry, band, owner, .. } = *self;
        Place { team, region, industry, band, owner, dossier: self.dossier.0 }
    }

    /// Puts the record where another one of its dossier is. Which dossier it is in stays.
    pub fn put_at(&mut self, place: Place) {
        Place {
            team: self.team,
            region: self.region,
            industry: self.industry,
            band: self.band,
            owner: self.owner,
            dossier: _,
        } = place;
    }

    /// The canonical bytes of the clear columns (`docs/formats.md`, "Clear columns").
    pub fn clear_bytes(&self, tenant: Tenant) -> Vec<u8> {
        cbor::encoded(160, |e| {
            // Without an owner the bytes are those of before there were owners.
            let (format, columns) = if self.owner == 0 { (1, 22) } else { (2, 23) };
            e.array(columns)?.u8(format)?.u32(tenant.0)?.i64(self.rid.0)?.bytes(&self.record.0)?;
            e.u16(self.kind.0)?.u32(self.version)?.i64(self.dossier.0)?;
            e.i64(self.domain.0)?.bytes(&self.domain_uid.0)?;
            match &self.code {
                Some(code) => e.str(code)?,
                None => e.null()?,
            };
            e.u8(self.stage)?.u8(self.level)?.u32(self.team)?.u32(self.region)?;
            e.u32(self.industry)?.u32(self.band)?.i64(self.created.0)?.i64(self.changed.0)?;
            e.u8(self.state)?.u16(self.key_version)?.u16(self.mask_revision)?.u32(self.generation)?;
            if self.owner != 0 {
                e.u32(self.owner)?;
            }
            Ok(())
        })
    }

    /// SHA-256 of [`Row::clear_bytes`]; it stands in the sealed header.
    pub fn clear_hash(&self, tenant: Tenant) -> [u8; 32] {
        Sha256::digest(self.clear_bytes(tenant)).into()
    }

    /// The row hash that ledger entries name: clear columns and container together.
    pub fn hash(&self, tenant: Tenant) -> [u8; 32] {
        let clear = self.clear_bytes(tenant);
        // The container is hashed where it lies: only the heads around it are encoded.
        let head = cbor::encoded(clear.len() + 16, |e| {
            e.array(2)?.bytes(&clear)?.bytes_len(self.container.len() as u64)?;
            Ok(())
        });
        let mut hash = Sha256::new();
        hash.update(&head);
        hash.update(&self.container);
        hash.finalize().into()
    }
}

/// Shows the numbers alone: what is sealed is of no use in a log, the rest is not needed there.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("rid", &self.rid.0)
            .field("kind", &self.kind.0)
            .field("version", &self.version)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A record of the system (user, team, client, policy…): sealed by the engine, with all its versions.
#[derive(Clone, PartialEq, Eq)]
pub struct SystemRow {
    /// Name of the system kind.
    pub kind: String,
    /// Public id.
    pub id: Uid,
    /// Version, from 1.
    pub version: u32,
    /// The sealed content.
    pub body: Vec<u8>,
}

impl SystemRow {
    /// The row hash that ledger entries and policy roots name: SHA-256 of the CBOR array
    /// `[1, tenant, kind text, id, version, body as byte string]`.
    pub fn hash(&self, tenant: Tenant) -> [u8; 32] {
        let bytes = cbor::encoded(self.body.len() + 64, |e| {
            e.array(6)?.u8(1)?.u32(tenant.0)?.str(&self.kind)?.bytes(&self.id.0)?;
            e.u32(self.version)?.bytes(&self.body)?;
            Ok(())
        });
        Sha256::digest(bytes).into()
    }
}

impl std::fmt::Debug for SystemRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemRow")
            .field("kind", &self.kind)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            rid: Rid(1),
            record: Uid([1; 16]),
            kind: KindId(1),
            version: 1,
            dossier: Rid(1),
            domain: Rid(1),
            domain_uid: Uid([1; 16]),
            code: Some("C0126000000011A".into()),
            stage: 0,
            level: 2,
            team: 0,
            region: 0,
            industry: 1,
            band: 0,
            owner: 0,
            created: Micros(1_700_000_000_000_000),
            changed: Micros(1_700_000_000_000_000),
            state: STATE_LIVE,
            key_version: 1,
            mask_revision: 1,
            generation: 1,
            container: vec![1, 2, 3],
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn clear_columns_are_the_documented_cbor_array() {
        insta::assert_snapshot!(hex(&row().clear_bytes(Tenant(1))), @"9601010150010101010101010101010101010101010101010150010101010101010101010101010101016f4330313236303030303030303131410002000001001b00060a24181e40001b00060a24181e400001010101");
    }

    #[test]
    fn the_row_hash_is_that_of_an_array_of_two_byte_strings() {
        let row = row();
        let whole = cbor::encoded(0, |e| {
            e.array(2)?.bytes(&row.clear_bytes(Tenant(1)))?.bytes(&row.container)?;
            Ok(())
        });
        assert_eq!(row.hash(Tenant(1)), <[u8; 32]>::from(Sha256::digest(whole)));
    }

    #[test]
    fn every_clear_column_and_the_container_change_the_row_hash() {
        let base = row().hash(Tenant(1));
        let edits: Vec<fn(&mut Row)> = vec![
            |r| r.rid = Rid(2),
            |r| r.record = Uid([2; 16]),
            |r| r.kind = KindId(2),
            |r| r.version = 2,
            |r| r.dossier = Rid(2),
            |r| r.domain = Rid(2),
            |r| r.domain_uid = Uid([2; 16]),
            |r| r.code = None,
            |r| r.stage = 1,
            |r| r.level = 3,
            |r| r.team = 1,
            |r| r.region = 1,
            |r| r.industry = 2,
            |r| r.band = 1,
            |r| r.owner = 1,
            |r| r.created = Micros(1),
            |r| r.changed = Micros(1),
            |r| r.state = STATE_FROZEN,
            |r| r.key_version = 2,
            |r| r.mask_revision = 2,
            |r| r.generation = 2,
            |r| r.container = vec![1, 2],
        ];
        for (at, edit) in edits.iter().enumerate() {
            let mut changed = row();
            edit(&mut changed);
            assert_ne!(changed.hash(Tenant(1)), base, "edit {at}");
        }
        assert_ne!(row().hash(Tenant(2)), base);
    }

    #[test]
    fn debug_shows_no_content() {
        let text = format!("{:?}", row());
        assert!(!text.contains("C0126") && !text.contains("container"), "{text}");
    }
}
