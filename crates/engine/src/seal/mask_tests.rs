//! Masks in rows: made when a record is sealed, and made afresh where the rules have changed since.

use super::*;
use crate::TENANT;
use dossier_access::{Holder, Moment, Role, RoleId, Roles};
use dossier_crypto::{MacKey, Secret, SystemEntropy};
use dossier_model::id::Rid;
use dossier_model::kind::{KindId, Kinds};
use dossier_model::time::Day;
use dossier_store::STATE_LIVE;

/// Number of the phone among the fields of a customer.
const PHONE: u16 = 19;

/// The customer with another revision of its masks, in which a phone has this one.
fn customer(mask_revision: u16, phone: Mask) -> &'static Kind {
    let mut kind = Kinds::customer().clone();
    kind.mask_revision = mask_revision;
    kind.fields.iter_mut().find(|field| field.number == PHONE).unwrap().mask = phone;
    Box::leak(Box::new(kind))
}

fn sealed(kind: &'static Kind, phone: &str, key: &DataKey, system: &MacKey) -> Row {
    let row = Row {
        rid: Rid(7),
        record: Uid([7; 16]),
        kind: KindId::CUSTOMER,
        version: 1,
        dossier: Rid(7),
        domain: Rid(7),
        domain_uid: Uid([7; 16]),
        code: None,
        stage: 1,
        level: 1,
        team: 0,
        region: 0,
        industry: 0,
        band: 0,
        owner: 0,
        created: Micros(1),
        changed: Micros(1),
        state: STATE_LIVE,
        key_version: 1,
        mask_revision: 0,
        generation: 1,
        container: Vec::new(),
    };
    let origin = Origin16 { version: 1, at: Micros(1), who: [7; 16], who_type: 1, channel: 2, source: 0 };
    let values = Stored::from([(PHONE, (Value::Text(phone.to_owned()), 0))]);
    let draft = Draft { kind, row, values, origins: vec![origin], salts: vec![[5; 32]] };
    seal(TENANT, draft, key, system, &SystemEntropy).unwrap()
}

/// What somebody sees of the phone who sees it masked.
fn shown(kind: &'static Kind, row: &Row, key: &DataKey, system: &MacKey) -> String {
    let opened = Opened::with_key(TENANT, kind, row, key).unwrap();
    let at = Moment { day: Day(20_787), weekday: 0, minute: 600 };
    let holder = Holder { roles: &[RoleId::Fixed(Role::Cde)], team: 0, below: &[], number: 1, at };
    let view = Roles::compile([], &[kind]).unwrap().view(&holder, kind);
    let shown = show(&opened, system, &view.anywhere(), Wanted::All, false).unwrap();
    assert_eq!(shown.masked, ["phone"]);
    shown.fields.get("phone").unwrap().as_str().unwrap().to_owned()
}

fn keys() -> (DataKey, MacKey) {
    (DataKey::generate(&SystemEntropy), MacKey::new(Secret::from_bytes(&[1; 32])))
}

#[test]
fn masks_of_another_revision_are_made_afresh() {
    let (key, system) = keys();
    let row = sealed(customer(1, Mask::Full), "+8615400000001", &key, &system);
    assert_eq!(row.mask_revision, 1);
    assert_eq!(shown(customer(2, Mask::Ends), &row, &key, &system), "154****0001");
    // Of the same revision the one that was sealed is shown: the value is not opened for it.
    assert_eq!(shown(customer(1, Mask::Ends), &row, &key, &system), "****");
    // A later program wrote it.
    let row = sealed(customer(3, Mask::Full), "+8615400000001", &key, &system);
    assert_eq!(shown(customer(2, Mask::Ends), &row, &key, &system), "154****0001");
}

#[test]
fn masks_with_a_key_are_sealed_like_the_others() {
    let (key, system) = keys();
    for (mask, begins) in [(Mask::Hash, "#"), (Mask::Token, "+86")] {
        let (one, other) = (customer(2, mask.clone()), customer(3, mask));
        let row = sealed(one, "+8615400000001", &key, &system);
        let masked = shown(one, &row, &key, &system);
        assert!(masked.starts_with(begins) && !masked.contains("15400000001"), "{masked}");
        // Made afresh it is the same, in another record too.
        assert_eq!(shown(other, &row, &key, &system), masked);
        let (second, _) = keys();
        let row = sealed(one, "+8615400000001", &second, &system);
        assert_eq!(shown(one, &row, &second, &system), masked);
    }
}
