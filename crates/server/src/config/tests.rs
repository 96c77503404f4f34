use std::collections::BTreeSet;
use std::io::Write;

use dossier_engine::model::Lang;

use super::*;

fn environment(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

fn from_file(text: &str) -> Result<Settings, Fault> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Settings::load(Some(file.path()), [])
}

/// The key, the setting and the English text of the refusal.
fn refusal(result: Result<Settings, Fault>) -> (&'static str, String, String) {
    let fault = result.expect_err("should be refused");
    let name = fault.params.iter().find(|(name, _)| *name == "name").map(|(_, value)| value.clone());
    (fault.key, fault.field.clone().or(name).unwrap_or_default(), fault.text(Lang::En))
}

fn keys(table: &Table) -> BTreeSet<String> {
    let of = |(section, keys): (&String, &Value)| {
        let keys = keys.as_table().unwrap_or_else(|| panic!("`{section}` is not in a section"));
        keys.keys().map(|key| format!("{section}.{key}")).collect::<Vec<_>>()
    };
    table.iter().flat_map(of).collect()
}

#[test]
fn every_key_of_the_default_file_is_known_and_the_other_way_round() {
    let settings = Settings::deserialize(Value::Table(defaults())).unwrap();
    assert_eq!(keys(&Table::try_from(settings).unwrap()), keys(&defaults()));
}

#[test]
fn every_whole_number_has_a_range_and_its_default_is_inside() {
    let defaults = defaults();
    for name in keys(&defaults) {
        let (section, key) = name.split_once('.').unwrap();
        if let Some(value) = defaults[section][key].as_integer() {
            let range = rules::RANGES.iter().find(|(s, k, ..)| (*s, *k) == (section, key));
            let (.., least, most) = range.unwrap_or_else(|| panic!("`{name}` has no range"));
            assert!((*least..=*most).contains(&value), "{name}");
        }
    }
    assert!(rules::RANGES.iter().all(|(section, key, ..)| defaults[*section][*key].is_integer()));
}

#[test]
fn a_password_cannot_be_made_cheaper_than_owasp_asks_for() {
    let (key, name, _) = refusal(from_file("[sign_in]\npassword_memory_kib = 19455\n"));
    assert_eq!((key, name.as_str()), ("config_range", "sign_in.password_memory_kib"));
}

#[test]
fn the_documented_ranges_are_the_checked_ones() {
    for (section, key, least, most) in rules::RANGES {
        let (_, after) = DEFAULTS.split_once(&format!("\n[{section}]\n")).unwrap();
        let (before, _) = after.split_once(&format!("\n{key} = ")).unwrap();
        let comment = before.rsplit("\n\n").next().unwrap();
        // Where nought means "none" or "no limit" there is no upper end to tell.
        assert!(least == 0 || comment.contains(&format!("{least} to {most}")), "{section}.{key}: {comment}");
    }
}

#[test]
fn the_defaults_alone_are_right() {
    let settings = Settings::load(None, []).unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.address().unwrap().to_string(), "127.0.0.1:8480");
    assert_eq!(settings.limits.requests_per_second, 100);
    settings.check().unwrap();
}

#[test]
fn the_file_wins_over_the_defaults_and_the_environment_over_the_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"[limits]\nrequests_per_second = 7\nburst = 9\n").unwrap();
    let environment = environment("DOSSIER__LIMITS__REQUESTS_PER_SECOND", "500");
    let settings = Settings::load(Some(file.path()), environment).unwrap();
    assert_eq!((settings.limits.requests_per_second, settings.limits.burst), (500, 9));
    assert_eq!(settings.limits.in_flight, Settings::default().limits.in_flight);
}

#[test]
fn each_key_can_be_set_by_its_variable() {
    for name in keys(&defaults()) {
        let (section, key) = name.split_once('.').unwrap();
        let variable = format!("DOSSIER__{}__{}", section.to_uppercase(), key.to_uppercase());
        let value = match &defaults()[section][key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(
            Settings::load(None, environment(&variable, &value)),
            Ok(Settings::default()),
            "{variable}"
        );
    }
}

#[test]
fn an_unknown_key_of_the_file_is_named() {
    for (text, name) in [
        ("[limits]\nrequests_per_secnd = 5\n", "limits.requests_per_secnd"),
        ("[limit]\nburst = 5\n", "limit.burst"),
        ("burst = 5\n", "burst"),
        ("[server.tls]\ncert = 'a'\n", "server.tls"),
    ] {
        let (key, field, text) = refusal(from_file(text));
        assert_eq!((key, field.as_str()), ("config_unknown_key", name));
        assert!(text.contains("/tmp") || text.contains("tmp"), "{text}");
    }
}

#[test]
fn an_unknown_variable_is_named() {
    for variable in [
        "DOSSIER__LIMITS__REQUESTS_PER_SECND",
        "DOSSIER__LIMITS",
        "DOSSIER__",
        "DOSSIER__LIMITS__BURST__MORE",
        "DOSSIER__limits__burst",
    ] {
        let (key, _, text) = refusal(Settings::load(None, environment(variable, "5")));
        assert_eq!(key, "config_unknown_key", "{variable}");
        assert!(text.contains(variable), "{text}");
    }
}

#[test]
fn variables_of_others_are_left_alone() {
    for variable in ["PATH", "DOSSIER_KEYSTORE_PASSPHRASE", "DOSSIER_TEST_DATA", "dossier__limits__burst"] {
        assert_eq!(Settings::load(None, environment(variable, "5")), Ok(Settings::default()), "{variable}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    for (text, expected) in [
        ("[limits]\nburst = 'many'\n", "config_not_whole"),
        ("[limits]\nburst = 1.5\n", "config_not_whole"),
        ("[server]\nself_signed = 1\n", "config_not_flag"),
        ("[server]\nlisten = 8480\n", "config_not_text"),
    ] {
        assert_eq!(refusal(from_file(text)).0, expected, "{text}");
    }
    for (variable, value, expected) in [
        ("DOSSIER__LIMITS__BURST", "many", "config_not_whole"),
        ("DOSSIER__LIMITS__BURST", "", "config_not_whole"),
        ("DOSSIER__LIMITS__BURST", "99999999999999999999", "config_not_whole"),
        ("DOSSIER__SERVER__SELF_SIGNED", "yes", "config_not_flag"),
    ] {
        assert_eq!(
            refusal(Settings::load(None, environment(variable, value))).0,
            expected,
            "{variable}={value}"
        );
    }
}

#[test]
fn a_value_out_of_range_is_refused_and_the_range_told() {
    for (section, key, least, most) in rules::RANGES {
        for value in [least - 1, most + 1, i64::MIN, i64::MAX] {
            let (fault, field, text) = refusal(from_file(&format!("[{section}]\n{key} = {value}\n")));
            assert_eq!((fault, field), ("config_range", format!("{section}.{key}")));
            assert!(text.contains(&least.to_string()) && text.contains(&most.to_string()), "{text}");
        }
        assert!(from_file(&format!("[{section}]\n{key} = {least}\n")).is_ok());
        assert!(from_file(&format!("[{section}]\n{key} = {most}\n")).is_ok());
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (text, expected) in [
        ("[server]\nlisten = 'everywhere'\n", "config_address"),
        ("[server]\nlisten = '127.0.0.1'\n", "config_address"),
        ("[server]\ntls_cert = 'a.pem'\n", "config_together"),
        ("[server]\ntls_key = 'a.pem'\n", "config_together"),
        ("[server]\ntls_cert = 'a'\ntls_key = 'b'\nself_signed = true\n", "config_apart"),
        ("[server]\ntrusted_proxies = '10.0.0.0/8, proxy.example.com'\n", "config_network"),
        ("[server]\nproxy_header = 'X-Real-IP'\n", "config_choice"),
        ("[store]\nurl = 'mysql://x'\n", "config_store_url"),
        ("[store]\nurl = 'postgres://u@h/d'\n", "config_store_url"),
        ("[log]\nformat = 'xml'\n", "config_choice"),
        ("[log]\nlevel = ' '\n", "config_empty"),
    ] {
        assert_eq!(refusal(from_file(text)).0, expected, "{text}");
    }
}

#[test]
fn a_broken_file_is_told_by_its_line_and_never_quoted() {
    let (key, _, text) = refusal(from_file("[limits]\nburst = 5\npassphrase = open sesame\n"));
    assert_eq!(key, "config_malformed");
    assert!(text.contains('3') && !text.contains("sesame"), "{text}");
    assert_eq!(refusal(Settings::load(Some(Path::new("/no/such/file.toml")), [])).0, "config_unreadable");
}

#[test]
fn a_password_in_the_address_of_the_database_is_used_and_not_shown() {
    let url = "mysql://dossier:open%20sesame@127.0.0.1:3306/dossier";
    let settings = Settings::load(None, environment("DOSSIER__STORE__URL", url)).unwrap();
    assert!(settings.store.url.has_password());
    settings.check().unwrap();
    for shown in [format!("{settings:?}"), toml::to_string(&settings).unwrap()] {
        assert!(
            !shown.contains("sesame") && shown.contains("mysql://dossier@127.0.0.1:3306/dossier"),
            "{shown}"
        );
    }
    let (_, _, text) =
        refusal(Settings::load(None, environment("DOSSIER__STORE__URL", "mysql://u:sesame@h")));
    assert!(!text.contains("sesame"), "{text}");
}

#[test]
fn a_flag_is_checked_as_a_file_is() {
    let mut settings = Settings::default();
    settings.server.header_timeout_seconds = 16;
    assert_eq!(settings.check().map_err(|fault| fault.key), Err("config_range"));
    settings = Settings::default();
    settings.server.listen = "localhost:1".to_owned();
    assert_eq!(settings.check().map_err(|fault| fault.key), Err("config_address"));
}

#[test]
fn a_fuzzed_file_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let words = ["[server]\n", "=", "\"", "\"\"\"", "-1", "1e9", "inf", "[[", "0x"];
    dossier_fuzz::fuzz(&[DEFAULTS], &words, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let _ = Settings::load(Some(&path), []);
    });
}

#[test]
fn an_origin_is_as_browsers_write_it_and_one_that_passkeys_can_be_bound_to() {
    for good in ["https://dossier.example.com", "https://dossier.example.com:8443", "http://localhost:8480"] {
        let settings = from_file(&format!("[server]\npublic_origin = \"{good}\"\n")).unwrap();
        assert_eq!(settings.public_origin().as_deref(), Some(good));
    }
    for odd in [
        "dossier.example.com",
        "http://dossier.example.com",
        "https://dossier.example.com/",
        "https://dossier.example.com:443",
        "https://Dossier.example.com",
        "https://192.0.2.7",
        "https://[2001:db8::7]",
        "http://127.0.0.1:8480",
        "ftp://localhost",
        " ",
    ] {
        let (key, name, _) = refusal(from_file(&format!("[server]\npublic_origin = \"{odd}\"\n")));
        assert_eq!((key, name.as_str()), ("config_origin", "server.public_origin"), "{odd}");
    }
}

#[test]
fn where_nobody_says_the_origin_it_is_localhost_and_only_for_this_machine() {
    let at = |text: &str| from_file(&format!("[server]\n{text}\n")).unwrap().public_origin();
    assert_eq!(at("").as_deref(), Some("http://localhost:8480"));
    assert_eq!(at("listen = \"[::1]:80\"").as_deref(), Some("http://localhost"));
    assert_eq!(
        at("listen = \"127.0.0.1:8443\"\nself_signed = true").as_deref(),
        Some("https://localhost:8443")
    );
    for none in ["listen = \"127.0.0.1:0\"", "listen = \"192.0.2.7:8480\"\nself_signed = true"] {
        assert_eq!(at(none), None, "{none}");
    }
}

#[test]
fn rules_of_passwords_have_a_name() {
    assert_eq!(from_file("[sign_in]\npasswords = \"mlps3\"\n").unwrap().sign_in.passwords, "mlps3");
    let (key, name, text) = refusal(from_file("[sign_in]\npasswords = \"mlps2\"\n"));
    assert_eq!((key, name.as_str()), ("config_choice", "sign_in.passwords"));
    assert!(text.contains("`asvs`, `mlps3`"), "{text}");
}
