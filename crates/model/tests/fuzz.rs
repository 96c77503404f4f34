//! Every text and byte form that `model` reads, with changes: read or refused, never a panic.
#![allow(missing_docs, reason = "tests")]

use dossier_fuzz::fuzz;
use dossier_model::address::{Address, Hint};
use dossier_model::code::CustomerCode;
use dossier_model::id::Uid;
use dossier_model::mask::{Keyless, Mask};
use dossier_model::text::Query;
use dossier_model::{Day, FieldType, Kinds, Micros, Money, Value, check};

#[test]
fn fuzz_kinds() {
    let seeds = [include_str!("../../../kinds/customer.toml"), include_str!("../../../kinds/contact.toml")];
    let words = [
        "[[field]]\n",
        "level = \"L3\"\n",
        "number = 1\n",
        "index = [\"text\"]\n",
        "options = []\n",
        "\"\"\"",
        "{",
        "9999999999",
    ];
    fuzz(&seeds, &words, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = Kinds::parse(&[text]);
        }
    });
}

#[test]
fn fuzz_masks() {
    let seeds = [
        r#""ends""#,
        r#"{"keep":{"first":1,"last":2,"under":6}}"#,
        r#"{"regex":{"pattern":"^(\\p{Han}{1,2}).*?(?<end>\\d{4})?$","replace":"${1}**$end"}}"#,
    ];
    let words = ["$1", "${", "$$", "**", "\\\\w{99}", "(", "|", "[^", "255", "\"hash\"", "\"token\""];
    let texts = ["欧阳示例", "+8615400000001", "合同 20260001，尾号 12", "a@example.com"];
    fuzz(&seeds, &words, |bytes| {
        let Ok(mask) = serde_json::from_slice::<Mask>(bytes) else { return };
        assert_eq!(serde_json::from_str::<Mask>(&serde_json::to_string(&mask).unwrap()).unwrap(), mask);
        for text in texts.map(|text| Value::Text(text.into())) {
            let shown = mask.apply(&text, &Keyless);
            assert!(mask == Mask::None || mask.could_have_made(&shown), "{mask:?} {shown}");
        }
    });
}

#[test]
fn fuzz_values() {
    let money = Value::Money(Money { minor: 123_456_789, currency: "CNY".into() });
    let seeds = [
        Value::Text("示例科技（杭州）有限公司".into()).to_cbor(),
        Value::choices(["one".into(), "two".into()]).to_cbor(),
        Value::Date(Day(20_000)).to_cbor(),
        money.to_cbor(),
    ];
    fuzz(&seeds, &[], |bytes| {
        for ty in [FieldType::Text, FieldType::Choice, FieldType::Choices, FieldType::Date, FieldType::Money]
        {
            if let Ok(value) = Value::decode(ty, bytes) {
                assert_eq!(Value::decode(ty, &value.to_cbor()).as_ref(), Ok(&value));
            }
        }
    });
}

#[test]
fn fuzz_texts() {
    let seeds = [
        "示例科技（杭州）有限公司",
        "浙江省杭州市西湖区文三路 90 号东部软件园 1 幢 2 楼",
        "浙江|杭州|西湖|文三路|90号",
        "+86 138-0000-0000 转 12",
        "someone@示例.example",
        "91330106MA27XJ0000",
        "11010519491231002X",
        "6222 0200 0000 0000 000",
        "1,234.56万美元",
        "2026-11-23T07:11:17.5Z",
        "二〇二六年十一月",
        "C012600000123NC2L3",
        "dos_01m83mnpaef098na2rn7g9b5vn",
        "示例keji zhongguo",
    ];
    let words = [
        "（", "）", "·", "|", "万", "亿", "省", "市", "\u{200b}", "\u{202e}", "\u{301}", "０", "一", "-",
        "𠮷",
    ];
    fuzz(&seeds, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let mut done = vec![
            check::normalise_name(&text),
            check::normalise_text(&text),
            check::phone(&text),
            check::email(&text),
            check::tax_number(&text),
            check::credit_code(&text),
            check::identity_number(&text),
            check::bank_card(&text),
            check::bank_account(&text),
            check::registration_number(&text),
            check::organisation_code(&text),
        ];
        // What was normalised is normal.
        for (at, again) in [
            check::normalise_name,
            check::normalise_text,
            check::phone,
            check::email,
            check::tax_number,
            check::credit_code,
            check::identity_number,
            check::bank_card,
            check::bank_account,
            check::registration_number,
            check::organisation_code,
        ]
        .into_iter()
        .enumerate()
        {
            if let Ok(normal) = std::mem::replace(&mut done[at], Ok(String::new())) {
                assert_eq!(again(&normal).as_deref(), Ok(normal.as_str()), "check {at}");
            }
        }
        let _ = (check::capital(&text), check::date(&text), Micros::parse(&text), Day::parse(&text));
        let _ = (CustomerCode::parse(&text), Uid::parse_typeid("dos", &text), Money::parse(&text, "CNY"));
        let address = Address::split(&text, Hint::default());
        let _ = (Address::parse(&text), address);
        let _ = Query::new(&text);
    });
}
