//! What people and registries call currencies.

use crate::money;

/// Names beside the three letters of ISO 4217. All are compared whole, without brackets and white space.
const NAMES: &[(&str, &[&str])] = &[
    ("CNY", &["人民币", "人民币元", "元人民币", "元", "圆", "圆人民币", "RMB", "¥"]),
    ("USD", &["美元", "美金", "元美元", "元美金", "美国元", "US$", "$US"]),
    ("HKD", &["港元", "港币", "香港元", "元港币", "元港元", "港币元", "元香港元", "HK$"]),
    ("MOP", &["澳门元", "澳门币", "元澳门元", "元澳门币"]),
    ("TWD", &["台币", "新台币", "台湾元", "元台币", "元新台币", "新台币元", "NT$"]),
    ("EUR", &["欧元", "元欧元", "€"]),
    ("JPY", &["日元", "日圆", "日币", "元日元", "元日币"]),
    ("GBP", &["英镑", "元英镑", "£"]),
    ("AUD", &["澳元", "澳币", "澳大利亚元", "元澳元", "元澳大利亚元"]),
    ("NZD", &["新西兰元", "纽元", "元新西兰元"]),
    ("SGD", &["新加坡元", "新元", "新币", "新加坡币", "元新加坡元"]),
    ("KRW", &["韩元", "韩圆", "韩币", "韩国元", "元韩元", "元韩币"]),
    ("CAD", &["加元", "加币", "加拿大元", "元加元", "元加拿大元"]),
    ("CHF", &["瑞士法郎", "瑞郎", "元瑞士法郎"]),
    ("SEK", &["瑞典克朗", "元瑞典克朗"]),
    ("NOK", &["挪威克朗", "元挪威克朗"]),
    ("DKK", &["丹麦克朗", "元丹麦克朗"]),
    ("THB", &["泰铢", "泰国铢"]),
    ("MYR", &["林吉特", "马来西亚林吉特", "马币"]),
    ("PHP", &["菲律宾比索"]),
    ("IDR", &["印尼盾", "印尼卢比", "印度尼西亚盾"]),
    ("VND", &["越南盾"]),
    ("INR", &["印度卢比"]),
    ("RUB", &["卢布", "俄罗斯卢布"]),
    ("ZAR", &["兰特", "南非兰特"]),
    ("AED", &["阿联酋迪拉姆", "迪拉姆"]),
    ("SAR", &["沙特里亚尔"]),
    ("KWD", &["科威特第纳尔"]),
    ("BRL", &["巴西雷亚尔", "雷亚尔"]),
    ("MXN", &["墨西哥比索"]),
];

/// The ISO 4217 code for a name or a code, and its decimals; `None` when the currency is not known.
pub(crate) fn currency(name: &str) -> Option<(String, u32)> {
    let code = NAMES.iter().find(|(_, names)| names.contains(&name)).map_or(name, |(code, _)| code);
    money::decimals(code).map(|decimals| (code.to_owned(), decimals))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_stands_once_and_its_code_exists() {
        let mut seen = BTreeSet::new();
        for (code, names) in NAMES {
            assert!(money::decimals(code).is_some(), "{code}");
            for name in *names {
                assert!(seen.insert(name), "{name}");
            }
        }
    }

    #[test]
    fn names_and_codes_are_known() {
        assert_eq!(currency("香港元"), Some(("HKD".to_owned(), 2)));
        assert_eq!(currency("日元"), Some(("JPY".to_owned(), 0)));
        assert_eq!(currency("KWD"), Some(("KWD".to_owned(), 3)));
        assert_eq!(currency("贝壳"), None);
    }
}
