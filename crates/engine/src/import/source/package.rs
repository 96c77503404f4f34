//! The directory of a workbook, which is a zip package (ECMA-376 part 2), checked before any part of it is unpacked.
//!
//! Nothing is ever extracted: parts are unpacked into a small buffer, as they are parsed.

use super::part::Part;
use super::{Source, failed};
use dossier_model::fault::Fault;
use std::collections::HashMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use zip::{CompressionMethod, ZipArchive};

const MOST_PARTS: usize = 1_000;
/// Largest directory in bytes.
const LARGEST_DIRECTORY: u64 = 1 << 20;
/// Unpacked size of a worksheet at most.
const LARGEST_SHEET: u64 = 4 << 30;
/// Unpacked size of any other part that is read.
const LARGEST_PART: u64 = 192 << 20;
/// How many times larger than packed a part of more than a megabyte may be.
const RATIO: u64 = 250;
const RATIO_FROM: u64 = 1 << 20;
/// The end of the directory, without its comment.
const END: u64 = 22;

/// Where a part lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub start: u64,
    pub packed: u64,
    pub size: u64,
    pub crc: u32,
    pub deflated: bool,
}

/// A package that was found sound, as far as its directory tells.
pub(super) struct Package {
    source: Source,
    places: HashMap<String, Place>,
}

impl Package {
    pub(super) fn open(source: &Source) -> Result<Package, Fault> {
        directory_fits(source)?;
        let mut archive = ZipArchive::new(source.open()?).map_err(|_| broken())?;
        if archive.len() > MOST_PARTS || archive.has_duplicate_names() {
            return Err(broken());
        }
        let mut places = HashMap::with_capacity(archive.len());
        for at in 0..archive.len() {
            let file = archive.by_index_raw(at).map_err(|_| broken())?;
            let name = file.name().map_err(|_| broken())?.into_owned();
            if file.encrypted() {
                return Err(Fault::new("import_locked"));
            }
            let climbs = name.split(['/', '\\']).any(|part| part == "..");
            if climbs || name.starts_with(['/', '\\']) || name.contains([':', '\0']) {
                return Err(broken());
            }
            let lower = name.to_ascii_lowercase();
            if lower.ends_with("vbaproject.bin") || lower.starts_with("xl/macrosheets/") {
                return Err(Fault::new("import_macro"));
            }
            let deflated = match file.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::DEFLATE => true,
                _ => continue,
            };
            let start = file.data_start().ok_or_else(broken)?;
            let place = Place {
                start,
                packed: file.compressed_size(),
                size: file.size(),
                crc: file.crc32(),
                deflated,
            };
            places.insert(lower, place);
        }
        let package = Package { source: source.clone(), places };
        // An old binary workbook in a package, an OpenDocument, any other zip.
        if package.places.contains_key("xl/workbook.xml") {
            Ok(package)
        } else {
            Err(Fault::new("import_format"))
        }
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(&name.to_ascii_lowercase())
    }

    /// A part, unpacked as it is read. Its name counts without case, as in the standard.
    pub(super) fn part(&self, name: &str) -> Result<Part, Fault> {
        let place = *self.places.get(&name.to_ascii_lowercase()).ok_or_else(broken)?;
        let largest = if name.contains("worksheets/") { LARGEST_SHEET } else { LARGEST_PART };
        if place.size > largest || (place.size > RATIO_FROM && place.size / RATIO > place.packed) {
            return Err(Fault::new("import_bomb"));
        }
        Part::open(self.source.open()?, place)
    }
}

/// Whether the directory is small enough to be read: what a program reads of it grows with what it claims.
fn directory_fits(source: &Source) -> Result<(), Fault> {
    let mut bytes = source.open()?;
    let length = bytes.seek(SeekFrom::End(0)).map_err(|error| failed(&error))?;
    let tail = length.min(END + u64::from(u16::MAX));
    bytes.seek(SeekFrom::Start(length - tail)).map_err(|error| failed(&error))?;
    let mut end = Vec::new();
    bytes.take(tail).read_to_end(&mut end).map_err(|error| failed(&error))?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06").ok_or_else(broken)?;
    let record = end.get(at..).unwrap_or_default();
    let number = |from: usize, count: usize| {
        let bytes = record.get(from..from + count).unwrap_or_default();
        bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (entries, size, start, comment) = (number(10, 2), number(12, 4), number(16, 4), number(20, 2));
    // Behind it nothing but its comment, before it the directory: else a reader would go and look for another one.
    let whole = record.len() as u64 == END + comment && start + size == length - record.len() as u64;
    if !whole || record.len() < END as usize {
        return Err(broken());
    }
    if entries > MOST_PARTS as u64 || size > LARGEST_DIRECTORY {
        Err(Fault::new("import_bomb"))
    } else {
        Ok(())
    }
}

pub(super) fn broken() -> Fault {
    Fault::new("import_workbook_broken")
}
