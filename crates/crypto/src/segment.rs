//! Which segment of which record something is: the associated data of its seal, and the label of its key.

use dossier_model::id::{Tenant, Uid};
use dossier_model::{Class, Level};

use crate::error::CryptoError;
use crate::gcm;
use crate::prf::Fixed;

/// The format number of segments (docs/formats.md).
const FORMAT: u8 = 1;
/// Length of the associated data: 14 parts, each with its length in two bytes in front.
const AAD: usize = 14 * 2 + 7 + 1 + 1 + 4 + 16 + 16 + 2 + 4 + 1 + 1 + 1 + 2 + 2 + 4;

/// A part of a record that is sealed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Provenance and the hash of the clear columns.
    Header,
    /// The salts of the commitments in the change log.
    Salts,
    /// Values of one sensitivity level and one backup class.
    Value {
        /// Sensitivity of all values in it.
        level: Level,
        /// Backup class of all values in it.
        class: Class,
    },
    /// The default masks of the values of one level and class.
    Mask {
        /// Sensitivity of the masked values.
        level: Level,
        /// Backup class of the masked values.
        class: Class,
    },
    /// Text of a domain outside its records (a query, a purpose, a draft); the number tells what for. The
    /// purpose has a key of its own and is therefore not in the associated data.
    Text(u8),
}

impl Part {
    /// `(part, level, class)` as they stand in the associated data and in a container.
    pub fn numbers(self) -> (u8, u8, u8) {
        match self {
            Part::Header => (1, 0, 0),
            Part::Salts => (2, 0, 0),
            Part::Value { level, class } => (3, level.as_u8(), class.as_u8()),
            Part::Mask { level, class } => (4, level.as_u8(), class.as_u8()),
            Part::Text(_) => (5, 0, 0),
        }
    }
}

/// Everything a sealed segment is bound to. Moved to another place in any of these, it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentId {
    /// The tenant.
    pub tenant: Tenant,
    /// The key domain whose data key seals it.
    pub domain: Uid,
    /// The record it belongs to.
    pub record: Uid,
    /// Number of the record's kind.
    pub kind: u16,
    /// Version of the record.
    pub version: u32,
    /// Which part of the record.
    pub part: Part,
    /// Version of the domain's data key.
    pub key_version: u16,
    /// Revision of the mask rules that the masks were made by.
    pub mask_revision: u16,
    /// How often this version was sealed again.
    pub generation: u32,
}

impl SegmentId {
    /// The associated data of docs/formats.md, each part with its length (u16be) in front.
    pub(crate) fn aad(&self) -> Result<Aad, CryptoError> {
        let (part, level, class) = self.part.numbers();
        let mut aad = Aad(Fixed::new());
        aad.put(b"dossier")?;
        aad.put(&[FORMAT])?;
        aad.put(&[gcm::ALG])?;
        aad.put(&self.tenant.0.to_be_bytes())?;
        aad.put(&self.domain.0)?;
        aad.put(&self.record.0)?;
        aad.put(&self.kind.to_be_bytes())?;
        aad.put(&self.version.to_be_bytes())?;
        aad.put(&[part])?;
        aad.put(&[level])?;
        aad.put(&[class])?;
        aad.put(&self.key_version.to_be_bytes())?;
        aad.put(&self.mask_revision.to_be_bytes())?;
        aad.put(&self.generation.to_be_bytes())?;
        Ok(aad)
    }
}

/// The associated data of one segment.
pub(crate) struct Aad(Fixed<AAD>);

impl Aad {
    fn put<const N: usize>(&mut self, part: &[u8; N]) -> Result<(), CryptoError> {
        let len = u16::try_from(N).map_err(|_| CryptoError::Primitive("context too long"))?;
        self.0.push(&len.to_be_bytes())?;
        self.0.push(part)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> SegmentId {
        SegmentId {
            tenant: Tenant(1),
            domain: Uid([2; 16]),
            record: Uid([3; 16]),
            kind: 4,
            version: 5,
            part: Part::Value { level: Level::L3, class: Class::C1 },
            key_version: 6,
            mask_revision: 7,
            generation: 8,
        }
    }

    #[test]
    fn associated_data_stands_byte_for_byte_as_the_format_says() {
        let expected = [
            &b"\x00\x07dossier\x00\x01\x01\x00\x01\x01"[..],
            &[0, 4, 0, 0, 0, 1],
            &[0, 16],
            &[2; 16],
            &[0, 16],
            &[3; 16],
            &[0, 2, 0, 4],
            &[0, 4, 0, 0, 0, 5],
            &[0, 1, 3],
            &[0, 1, 3],
            &[0, 1, 1],
            &[0, 2, 0, 6],
            &[0, 2, 0, 7],
            &[0, 4, 0, 0, 0, 8],
        ]
        .concat();
        assert_eq!(sample().aad().unwrap().bytes(), expected);
        assert_eq!(expected.len(), AAD);
    }

    #[test]
    fn parts_without_level_and_class_use_zero() {
        assert_eq!(Part::Header.numbers(), (1, 0, 0));
        assert_eq!(Part::Salts.numbers(), (2, 0, 0));
        assert_eq!(Part::Mask { level: Level::L4, class: Class::C2 }.numbers(), (4, 4, 2));
        assert_eq!(Part::Text(9).numbers(), (5, 0, 0));
    }
}
