//! The sealed header: what binds the clear columns, and where each value comes from.

use dossier_model::time::Micros;
use minicbor::Decoder;

/// Where the values of one version come from; its place in the list is the provenance number.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Origin16 {
    pub version: u32,
    pub at: Micros,
    pub who: [u8; 16],
    pub who_type: u8,
    pub channel: u8,
    pub source: u8,
}

/// The plaintext of a row's header.
pub(crate) struct Header {
    pub clear_hash: [u8; 32],
    pub origins: Vec<Origin16>,
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        super::to_cbor(48 + self.origins.len() * 40, |e| {
            e.array(3)?.u8(1)?.bytes(&self.clear_hash)?.array(self.origins.len() as u64)?;
            for origin in &self.origins {
                e.array(6)?.u32(origin.version)?.i64(origin.at.0)?.bytes(&origin.who)?;
                e.u8(origin.who_type)?.u8(origin.channel)?.u8(origin.source)?;
            }
            Ok(())
        })
    }

    /// Reads a header, its format and length checked.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Header> {
        let mut d = Decoder::new(bytes);
        if d.array().ok()?? != 3 || d.u8().ok()? != 1 {
            return None;
        }
        let clear_hash = d.bytes().ok()?.try_into().ok()?;
        let count = d.array().ok()??;
        let mut origins = Vec::new();
        for _ in 0..count {
            if d.array().ok()?? != 6 {
                return None;
            }
            origins.push(Origin16 {
                version: d.u32().ok()?,
                at: Micros(d.i64().ok()?),
                who: d.bytes().ok()?.try_into().ok()?,
                who_type: d.u8().ok()?,
                channel: d.u8().ok()?,
                source: d.u8().ok()?,
            });
        }
        (d.position() == bytes.len()).then_some(Header { clear_hash, origins })
    }
}
