//! The container in which a row carries its sealed segments (`docs/formats.md`).

use crate::seal::damaged;
use dossier_crypto::Part;
use dossier_model::Class;
use dossier_model::Level;
use dossier_model::fault::Fault;

const FORMAT: u8 = 1;

/// One sealed segment inside a container.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub part: Part,
    pub bytes: &'a [u8],
}

fn part_of(part: u8, level: u8, class: u8) -> Option<Part> {
    match (part, level, class) {
        (1, 0, 0) => Some(Part::Header),
        (2, 0, 0) => Some(Part::Salts),
        (3, ..) => Some(Part::Value { level: Level::from_u8(level)?, class: Class::from_u8(class)? }),
        (4, ..) => Some(Part::Mask { level: Level::from_u8(level)?, class: Class::from_u8(class)? }),
        _ => None,
    }
}

/// Puts segments together, in the order that the format asks for.
pub(crate) fn build(mut segments: Vec<(Part, Vec<u8>)>) -> Vec<u8> {
    segments.sort_by_key(|(part, _)| part.numbers());
    let size: usize = segments.iter().map(|(_, bytes)| bytes.len() + 7).sum();
    let mut out = Vec::with_capacity(size + 2);
    // A kind has at most 4 × 3 places for values and as many for masks, a header and salts.
    out.extend([FORMAT, u8::try_from(segments.len()).unwrap_or(u8::MAX)]);
    for (part, bytes) in segments {
        let (part, level, class) = part.numbers();
        out.extend([part, level, class]);
        out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(bytes);
    }
    out
}

/// Takes a container apart.
///
/// # Errors
/// `sealed_damaged` when it is not what [`build`] makes.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Segment<'_>>, Fault> {
    take(bytes).ok_or_else(|| damaged("its container cannot be read"))
}

fn take(bytes: &[u8]) -> Option<Vec<Segment<'_>>> {
    let ([format, count], mut rest) = bytes.split_first_chunk::<2>()?;
    if *format != FORMAT {
        return None;
    }
    let mut segments: Vec<Segment<'_>> = Vec::with_capacity(usize::from(*count));
    for _ in 0..*count {
        let ([part, level, class], tail) = rest.split_first_chunk::<3>()?;
        let (length, tail) = tail.split_first_chunk::<4>()?;
        let (bytes, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let part = part_of(*part, *level, *class)?;
        if segments.last().is_some_and(|last| last.part.numbers() >= part.numbers()) {
            return None;
        }
        segments.push(Segment { part, bytes });
        rest = tail;
    }
    rest.is_empty().then_some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn segments_come_back_in_order() {
        let value = Part::Value { level: Level::L3, class: Class::C1 };
        let bytes = build(vec![(value, vec![7; 40]), (Part::Header, vec![1, 2])]);
        let back = parse(&bytes).unwrap();
        assert_eq!(back.iter().map(|s| s.part).collect::<Vec<_>>(), [Part::Header, value]);
        assert_eq!(back[1].bytes, [7; 40]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(segments) = parse(&bytes) {
                let again = build(segments.iter().map(|s| (s.part, s.bytes.to_vec())).collect());
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
