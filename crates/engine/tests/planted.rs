//! A thousand planted values are in no file under the data folder, in no encoding.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, fields, files};
use dossier_engine::{Import, Reveal, Search, VerifyOptions};
use serde_json::json;
use std::collections::HashMap;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn han(&mut self, count: usize) -> String {
        (0..count)
            .filter_map(|_| char::from_u32(0x4e00 + u32::try_from(self.next() % 20_000).unwrap()))
            .collect()
    }
}

/// What is planted in one customer: each of these is looked for.
fn plant(numbers: &mut Numbers) -> (serde_json::Value, Vec<String>) {
    let name = format!("{}有限公司", numbers.han(6));
    let person = numbers.han(3);
    let phone = format!("1540{:07}", numbers.next() % 10_000_000);
    let address = format!("{}路{}号", numbers.han(5), numbers.next() % 900 + 100);
    let account = format!("{:012}", numbers.next() * 1_000_003 % 1_000_000_000_000);
    let scope = numbers.han(12);
    let email = format!("x{}@example.com", numbers.next());
    let fields = json!({
        "name": name, "subject": "A", "representative": person, "phone": phone, "delivery_address": address,
        "bank_account": account, "business_scope": scope, "email": email,
    });
    (fields, vec![name, person + "", phone, address, account, scope, email])
}

/// Every value in every encoding, by its first six bytes.
fn patterns(values: &[String]) -> HashMap<[u8; 6], Vec<(usize, Vec<u8>)>> {
    let mut out: HashMap<[u8; 6], Vec<(usize, Vec<u8>)>> = HashMap::new();
    for (at, value) in values.iter().enumerate() {
        let wide: Vec<u16> = value.encode_utf16().collect();
        let (gb, _, _) = encoding_rs::GB18030.encode(value);
        for bytes in [
            value.as_bytes().to_vec(),
            wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            gb.to_vec(),
        ] {
            if let Some(first) = bytes.first_chunk::<6>() {
                out.entry(*first).or_default().push((at, bytes));
            }
        }
    }
    out
}

fn find(patterns: &HashMap<[u8; 6], Vec<(usize, Vec<u8>)>>, bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, window) in bytes.windows(6).enumerate() {
        let key: &[u8; 6] = window.try_into().unwrap();
        for (value, pattern) in patterns.get(key).into_iter().flatten() {
            if bytes[at..].starts_with(pattern) {
                found.push(*value);
            }
        }
    }
    found
}

#[test]
fn a_thousand_planted_values_are_in_no_file() {
    let mut world = World::new();
    let engine = world.engine().clone();
    let head = world.caller("CDO", None);
    let mut numbers = Numbers(2026);
    let mut values = Vec::new();
    let mut csv = String::from("企业名称,客户类型,联系电话,收货地址\n");
    for at in 0..150 {
        let (input, planted) = plant(&mut numbers);
        values.extend(planted);
        let record = engine.create(&head, &customer(input)).unwrap().record;
        if at % 5 == 0 {
            let (later, planted) = plant(&mut numbers);
            values.extend(planted);
            let mut change = change(&record, json!({}));
            change.fields = fields(later);
            engine.change(&head, &change).unwrap().done().unwrap();
            let (word, phone) = (numbers.han(7), format!("1540{:07}", numbers.next() % 10_000_000));
            // What people type is as sensitive as what is stored.
            let _ = engine.search(&head, &Search::of(&phone));
            let ask = Reveal {
                kind: "customer".into(),
                id: record.id.clone(),
                field: "phone".into(),
                purpose: word.clone(),
                how: dossier_engine::Opening::Look,
            };
            let _ = engine.reveal(&head, &ask);
            let _ = engine.create(&head, &customer(json!({"name": word, "phone": "not a phone"})));
            values.extend([word, phone]);
        }
        if at % 10 == 0 {
            let (_, planted) = plant(&mut numbers);
            csv.push_str(&format!("{},A,{},{}\n", planted[0], planted[2], planted[3]));
            values.extend([planted[0].clone(), planted[2].clone(), planted[3].clone()]);
        }
    }
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, csv).unwrap();
    let done = engine.import(&head, &Import { file: path, ..Import::default() }, &mut |_| {}).unwrap();
    assert_eq!((done.imported, done.rejected), (15, 0));
    engine.catch_up_names().unwrap();
    assert_eq!(
        engine.search(&head, &Search::of(&values[values.len() - 7])).unwrap().items.len(),
        1,
        "the index has the names"
    );
    let options = VerifyOptions { deep: true, ..VerifyOptions::default() };
    assert!(engine.verify(&head, &options, &mut |_, _, _| {}).unwrap().ok);
    engine.export_ledger(&head, "access", &world.data().join("exported-access")).unwrap();
    engine.export_ledger(&head, "change", &world.data().join("exported-change")).unwrap();
    assert!(values.len() >= 1000, "{}", values.len());
    let patterns = patterns(&values);
    // The search itself works: it finds a value that is there.
    assert_eq!(find(&patterns, format!("…{}…", values[7]).as_bytes()), [7]);
    let look = |world: &World, moment: &str| {
        for (file, bytes) in files(&world.data()) {
            if file.file_name().is_some_and(|name| name == "reserve") {
                continue;
            }
            let found = find(&patterns, &bytes);
            assert!(found.is_empty(), "{moment}: {} holds {:?}", file.display(), values[found[0]]);
        }
    };
    look(&world, "while it runs");
    drop(engine);
    world.close();
    look(&world, "after it ended");
}
