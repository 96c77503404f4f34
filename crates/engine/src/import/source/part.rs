//! One part of a package, unpacked as it is read and never beyond what its directory says.

use super::package::{Place, broken};
use super::{Bytes, failed};
use dossier_model::fault::Fault;
use flate2::{Crc, read::DeflateDecoder};
use std::io::{self, Read, Seek as _, SeekFrom, Take};

/// A reader over one part.
pub(super) struct Part {
    bytes: Packed,
    crc: Crc,
    read: u64,
    place: Place,
    budget: u64,
    /// Why reading failed.
    pub fault: Option<Fault>,
}

enum Packed {
    Stored(Take<Box<dyn Bytes>>),
    Deflated(DeflateDecoder<Take<Box<dyn Bytes>>>),
}

impl Part {
    pub(super) fn open(mut bytes: Box<dyn Bytes>, place: Place) -> Result<Part, Fault> {
        bytes.seek(SeekFrom::Start(place.start)).map_err(|error| failed(&error))?;
        let bytes = bytes.take(place.packed);
        let bytes =
            if place.deflated { Packed::Deflated(DeflateDecoder::new(bytes)) } else { Packed::Stored(bytes) };
        Ok(Part { bytes, crc: Crc::new(), read: 0, place, budget: 0, fault: None })
    }

    /// How many bytes may be read from now on.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.budget = bytes;
    }

    fn stop(&mut self, fault: Fault) -> io::Error {
        self.fault = Some(fault);
        io::Error::from(io::ErrorKind::InvalidData)
    }
}

impl Read for Part {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.bytes {
            Packed::Stored(bytes) => bytes.read(to),
            Packed::Deflated(bytes) => bytes.read(to),
        };
        let Ok(count) = read else { return Err(self.stop(broken())) };
        self.crc.update(to.get(..count).unwrap_or_default());
        self.read += count as u64;
        let so_far = self.read;
        if so_far > self.place.size {
            return Err(self.stop(Fault::new("import_bomb")));
        }
        if count == 0 && !to.is_empty() && (so_far < self.place.size || self.crc.sum() != self.place.crc) {
            return Err(self.stop(broken()));
        }
        match self.budget.checked_sub(count as u64) {
            Some(left) => self.budget = left,
            None => return Err(self.stop(Fault::new("import_bomb"))),
        }
        Ok(count)
    }
}
