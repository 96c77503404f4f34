//! E-mail addresses (A15): lower case, the common form `name@domain`.

use super::text::half_width;
use crate::fault::Fault;

/// RFC 5321 §4.5.3.1: 64 octets before the `@`, 254 in all.
const MAX_LOCAL: usize = 64;
const MAX_ADDRESS: usize = 254;
const MAX_LABEL: usize = 63;

/// Domains that hand a mailbox to anybody. Kept in ascending order, it is searched.
const FREE: &[&str] = &[
    "10086.cn",
    "126.com",
    "139.com",
    "163.com",
    "163.net",
    "188.com",
    "189.cn",
    "21cn.com",
    "263.net",
    "aliyun.com",
    "aol.com",
    "eyou.com",
    "fastmail.com",
    "foxmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hotmail.com",
    "hushmail.com",
    "icloud.com",
    "live.cn",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "outlook.cn",
    "outlook.com",
    "petalmail.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "sina.cn",
    "sina.com",
    "sina.com.cn",
    "sogou.com",
    "sohu.com",
    "tom.com",
    "tuta.com",
    "tutanota.com",
    "vip.126.com",
    "vip.163.com",
    "vip.188.com",
    "vip.qq.com",
    "vip.sina.cn",
    "vip.sina.com",
    "vip.sohu.com",
    "vip.tom.com",
    "wo.cn",
    "wo.com.cn",
    "yahoo.cn",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.cn",
    "yahoo.com.hk",
    "yahoo.com.tw",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "zoho.com",
];

/// Checks an address and gives it half width and lower case.
///
/// Quoted names and address literals are refused: nobody's mailbox needs them, and mail systems differ on them. A
/// domain with other than ASCII letters is refused with the request for its `xn--` form.
///
/// # Errors
/// `email_shape`, `email_length`, `email_local` (what stands before the `@`), `email_domain`, `email_idn`.
pub fn email(input: &str) -> Result<String, Fault> {
    let address: String = input.trim().chars().map(half_width).map(|c| c.to_ascii_lowercase()).collect();
    let (local, domain) = address.split_once('@').ok_or_else(|| Fault::new("email_shape"))?;
    if domain.contains('@') || address.contains(char::is_whitespace) {
        return Err(Fault::new("email_shape"));
    }
    if address.len() > MAX_ADDRESS || local.len() > MAX_LOCAL {
        return Err(Fault::new("email_length"));
    }
    if !is_local(local) {
        return Err(Fault::new("email_local"));
    }
    if !domain.is_ascii() {
        return Err(Fault::new("email_idn"));
    }
    if is_domain(domain) { Ok(address) } else { Err(Fault::new("email_domain")) }
}

/// A dot-atom of RFC 5322 §3.2.3.
fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// Two or more labels of letters, digits and inner hyphens; the last begins with a letter.
fn is_domain(domain: &str) -> bool {
    let label = |text: &str| {
        (1..=MAX_LABEL).contains(&text.len())
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match domain.rsplit_once('.') {
        Some((rest, top)) => {
            label(top)
                && top.len() >= 2
                && top.starts_with(|c: char| c.is_ascii_alphabetic())
                && rest.split('.').all(label)
        }
        None => false,
    }
}

/// Whether an address belongs to one of the known free mailboxes (`qq.com`, `163.com`, `gmail.com` …), which a
/// company contact may not use (A15).
pub fn is_free_mailbox(email: &str) -> bool {
    let domain = email.trim().rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    FREE.binary_search(&domain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_become_lower_case() {
        assert_eq!(email(" Zhang.San@Example.COM ").unwrap(), "zhang.san@example.com");
        assert_eq!(email("ｓａｌｅｓ＠ｅｘａｍｐｌｅ．ｃｎ").unwrap(), "sales@example.cn");
        assert_eq!(email("a+b_c@xn--fiq228c.example.com").unwrap(), "a+b_c@xn--fiq228c.example.com");
    }

    #[test]
    fn each_mistake_has_its_own_message() {
        let (long_local, long_label) =
            (format!("{}@example.com", "a".repeat(65)), format!("a@{}.com", "b".repeat(64)));
        for (text, key) in [
            ("", "email_shape"),
            ("example.com", "email_shape"),
            ("a@b@example.com", "email_shape"),
            ("a b@example.com", "email_shape"),
            ("Zhang <a@example.com>", "email_shape"),
            (long_local.as_str(), "email_length"),
            ("@example.com", "email_local"),
            (".a@example.com", "email_local"),
            ("a..b@example.com", "email_local"),
            ("张三@example.com", "email_local"),
            ("a@例子.com", "email_idn"),
            ("a@localhost", "email_domain"),
            ("a@-b.com", "email_domain"),
            ("a@example.com.", "email_domain"),
            ("a@10.0.0.1", "email_domain"),
            (long_label.as_str(), "email_domain"),
        ] {
            assert_eq!(email(text).unwrap_err().key, key, "{text}");
        }
    }

    #[test]
    fn free_mailboxes_are_known() {
        assert!(FREE.is_sorted(), "it is searched by halves");
        for text in ["1@qq.com", "a@163.com", "a@126.com", "a@Gmail.com", "a@vip.163.com", "a@foxmail.com"] {
            assert!(is_free_mailbox(text), "{text}");
        }
        for text in ["a@example.com", "a@tencent.com", "qq.com", "a@notqq.com", ""] {
            assert!(!is_free_mailbox(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_normalised_address_stays_as_it_is(text in "[A-Za-z0-9.+]{1,10}@[A-Za-z0-9.-]{1,12}") {
            if let Ok(address) = email(&text) {
                prop_assert_eq!(email(&address).unwrap(), address);
            }
        }
    }
}
