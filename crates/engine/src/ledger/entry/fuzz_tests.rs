//! Leaves with changes: read or refused, never a panic.

use dossier_fuzz::fuzz;
use dossier_model::id::Uid;
use dossier_model::time::Micros;

use super::{Deed, Entry, Item, Leaf, Note, Said, SystemItem};
use crate::auth::system_caller;
use crate::caller::Origin;

#[test]
fn leaves() {
    let item = Item {
        kind: 1,
        record: Uid([7; 16]),
        version: 3,
        row_hash: Some([8; 32]),
        fields: vec![(1, Said::Form(2)), (500, Said::Commitment([9; 32]))],
    };
    let mut entry = Entry::done(Deed::Change).item(item).note("log", Note::Text("change".to_owned()));
    entry = entry.note("n", Note::Int(-5)).note("root", Note::Bytes(vec![1; 40]));
    entry.systems = vec![SystemItem { kind: "user", id: Uid([1; 16]), version: 1, row_hash: [2; 32] }];
    entry.purpose = Some([3; 32]);
    let origin = Origin { address: Some("127.0.0.1".to_owned()), ..Origin::default() };
    let caller = system_caller(&origin);
    let mut seeds = entry.leaves(&caller, Micros(1_790_000_000_000_000), 4);
    seeds.extend(Entry::done(Deed::List).leaves(&caller, Micros(0), 1));
    fuzz(&seeds, &[], |bytes| {
        let (whole, without) = (Leaf::decode(bytes), Leaf::decode_without_items(bytes));
        if let (Ok(whole), Ok(without)) = (whole, without) {
            assert_eq!((whole.at, whole.deed, whole.epoch), (without.at, without.deed, without.epoch));
        }
    });
}
