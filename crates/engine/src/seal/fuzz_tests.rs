//! Containers and what stands in their segments, with changes: read or refused, never a panic.

use super::open::{read_masks, read_values};
use super::*;
use dossier_fuzz::fuzz;
use dossier_model::kind::Kinds;

#[test]
fn containers() {
    let value = Part::Value { level: Level::L3, class: Class::C1 };
    let whole =
        container::build(vec![(Part::Header, vec![1; 60]), (Part::Salts, vec![2; 44]), (value, vec![3; 50])]);
    fuzz(&[whole], &["\0\0\0\x01"], |bytes| {
        if let Ok(segments) = container::parse(bytes) {
            let again = segments.iter().map(|segment| (segment.part, segment.bytes.to_vec()));
            assert_eq!(container::build(again.collect()), bytes);
        }
    });
}

#[test]
fn headers() {
    let origin = Origin16 { version: 3, at: Micros(1), who: [7; 16], who_type: 1, channel: 2, source: 0 };
    let seeds = [vec![], vec![origin.clone()], vec![origin; 3]];
    let seeds = seeds.map(|origins| Header { clear_hash: [9; 32], origins }.encode());
    fuzz(&seeds, &[], |bytes| {
        if let Some(header) = Header::decode(bytes) {
            let again = Header::decode(&header.encode()).unwrap();
            assert!(again.clear_hash == header.clear_hash && again.origins == header.origins);
        }
    });
}

#[test]
fn segments() {
    let text = Value::Text("示例科技（杭州）有限公司".to_owned());
    let member = |number| Member { number, value: &text, provenance: 1, mask: &Mask::Full };
    let seeds = [
        encode_values(&[member(1), member(5)]),
        encode_masks(&[(1, "示*".to_owned()), (5, "***".to_owned())]),
    ];
    fuzz(&seeds, &[], |bytes| {
        for kind in [Kinds::customer(), Kinds::contact()] {
            let mut read = 0;
            let all = read_values(kind, bytes, |_| true, |_, _, _| read += 1);
            let mut passed_over = 0;
            let some = read_values(kind, bytes, |field| field.number != 5, |_, _, _| passed_over += 1);
            // What is passed over is looked at less closely, and never gives out more.
            assert!(all.is_none() || (some.is_some() && passed_over <= read));
        }
        let _ = read_masks(bytes, |_, _| {});
    });
}
