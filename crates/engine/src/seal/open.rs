//! Opening a row, segment by segment.

use super::container::{self, Segment};
use super::{Header, Stored, damaged, segment_id};
use crate::context::KEY_MOVED;
use dossier_crypto::{DataKey, Keyring, Part, Subkeys, bucket_of};
use dossier_model::fault::Fault;
use dossier_model::id::Tenant;
use dossier_model::kind::{Field, Kind};
use dossier_model::value::Value;
use dossier_model::{Class, Level};
use dossier_store::{Row, WrappedKey};
use minicbor::Decoder;
use zeroize::Zeroizing;

/// Unwraps the data key of a domain.
///
/// # Errors
/// `sealed_damaged` when it does not unwrap; `key_moved` when its bucket key is not in the keyring (any more).
pub(crate) fn unwrap_key(keyring: &Keyring, key: &WrappedKey) -> Result<DataKey, Fault> {
    let bucket =
        keyring.bucket(bucket_of(key.domain), key.bucket_generation).ok_or_else(|| Fault::new(KEY_MOVED))?;
    DataKey::unwrap(&bucket, &key.wrapped).map_err(|_| damaged("its data key does not unwrap"))
}

/// A row whose header has been opened and agrees with the clear columns.
pub(crate) struct Opened<'a> {
    pub row: &'a Row,
    pub kind: &'static Kind,
    pub header: Header,
    tenant: Tenant,
    subkeys: Subkeys,
    segments: Vec<Segment<'a>>,
}

impl<'a> Opened<'a> {
    /// Opens the header and compares the clear columns with it.
    ///
    /// # Errors
    /// `sealed_damaged` when a clear column, the container or the key is not what was sealed.
    pub(crate) fn new(
        tenant: Tenant,
        kind: &'static Kind,
        row: &'a Row,
        key: &WrappedKey,
        keyring: &Keyring,
    ) -> Result<Opened<'a>, Fault> {
        if key.domain != row.domain || key.version != row.key_version {
            return Err(damaged("its data key is another one"));
        }
        Opened::with_key(tenant, kind, row, &unwrap_key(keyring, key)?)
    }

    /// The same with a data key that is at hand.
    pub(crate) fn with_key(
        tenant: Tenant,
        kind: &'static Kind,
        row: &'a Row,
        key: &DataKey,
    ) -> Result<Opened<'a>, Fault> {
        let segments = container::parse(&row.container)?;
        let subkeys = key.subkeys();
        let mut opened = Opened {
            row,
            kind,
            header: Header { clear_hash: [0; 32], origins: Vec::new() },
            tenant,
            subkeys,
            segments,
        };
        let bytes = opened.segment(Part::Header)?.ok_or_else(|| damaged("it has no header"))?;
        opened.header = Header::decode(&bytes).ok_or_else(|| damaged("its header cannot be read"))?;
        if opened.header.clear_hash != row.clear_hash(tenant) {
            return Err(damaged("a clear column was changed outside"));
        }
        Ok(opened)
    }

    /// Opens one segment; none when the row has no such segment.
    fn segment(&self, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let Some(segment) = self.segments.iter().find(|segment| segment.part == part) else {
            return Ok(None);
        };
        self.subkeys
            .open(&segment_id(self.tenant, self.row, part), segment.bytes)
            .map(Some)
            .map_err(|_| damaged("a segment does not open"))
    }

    /// The places (level, class) in which this row has values.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Level, Class)> + '_ {
        self.segments.iter().filter_map(|segment| match segment.part {
            Part::Value { level, class } => Some((level, class)),
            _ => None,
        })
    }

    /// The values sealed in one place.
    pub(crate) fn values(&self, level: Level, class: Class) -> Result<Stored, Fault> {
        let mut out = Stored::new();
        self.each_value(
            level,
            class,
            |_| true,
            |field, value, origin| drop(out.insert(field.number, (value, origin))),
        )?;
        Ok(out)
    }

    /// Gives out the values sealed in one place that `keep` wants; the others are passed over.
    pub(crate) fn each_value(
        &self,
        level: Level,
        class: Class,
        keep: impl Fn(&Field) -> bool,
        each: impl FnMut(&'static Field, Value, u16),
    ) -> Result<(), Fault> {
        let Some(bytes) = self.segment(Part::Value { level, class })? else { return Ok(()) };
        read_values(self.kind, &bytes, keep, each).ok_or_else(|| damaged("its values cannot be read"))
    }

    /// Gives out the default masks sealed in one place.
    pub(crate) fn each_mask(
        &self,
        level: Level,
        class: Class,
        each: impl FnMut(u16, &str),
    ) -> Result<(), Fault> {
        let Some(bytes) = self.segment(Part::Mask { level, class })? else { return Ok(()) };
        read_masks(&bytes, each).ok_or_else(|| damaged("its masks cannot be read"))
    }

    /// Every value of the row: for changing, sealing again and verifying.
    pub(crate) fn all(&self) -> Result<Stored, Fault> {
        let mut all = Stored::new();
        for (level, class) in self.places() {
            all.extend(self.values(level, class)?);
        }
        Ok(all)
    }

    /// The version salts, one for each provenance number.
    pub(crate) fn salts(&self) -> Result<Vec<[u8; 32]>, Fault> {
        let bytes = self.segment(Part::Salts)?.ok_or_else(|| damaged("it has no salts"))?;
        let (salts, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || salts.len() != self.header.origins.len() {
            return Err(damaged("its salts cannot be read"));
        }
        Ok(salts.to_vec())
    }

    /// Seals a text under this row's domain (a purpose).
    pub(crate) fn seal_text(
        &self,
        text: &[u8],
        entropy: &dyn dossier_model::time::Entropy,
    ) -> Result<Vec<u8>, Fault> {
        Ok(self.subkeys.seal(&segment_id(self.tenant, self.row, Part::Text(1)), text, entropy)?)
    }
}

/// The content of a segment of values; none when it is not what is written.
pub(super) fn read_values(
    kind: &'static Kind,
    bytes: &[u8],
    keep: impl Fn(&Field) -> bool,
    mut each: impl FnMut(&'static Field, Value, u16),
) -> Option<()> {
    let mut d = Decoder::new(bytes);
    for _ in 0..d.map().ok()?? {
        let field = kind.field(d.u16().ok()?)?;
        if d.array().ok()?? != 2 {
            return None;
        }
        if keep(field) {
            let value = Value::decode_from(field.ty, &mut d).ok()?;
            each(field, value, d.u16().ok()?);
        } else {
            d.skip().ok()?;
            d.u16().ok()?;
        }
    }
    (d.position() == bytes.len()).then_some(())
}

/// The content of a segment of masks.
pub(super) fn read_masks(bytes: &[u8], mut each: impl FnMut(u16, &str)) -> Option<()> {
    let mut d = Decoder::new(bytes);
    for _ in 0..d.map().ok()?? {
        each(d.u16().ok()?, d.str().ok()?);
    }
    (d.position() == bytes.len()).then_some(())
}
