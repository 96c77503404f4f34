//! Laying a file or the environment over the defaults.

use std::path::Path;

use dossier_engine::model::Fault;
use toml::{Table, Value};

/// What every variable that sets something begins with.
const PREFIX: &str = "DOSSIER__";

/// Lays the user's file over the settings so far.
pub(super) fn file(settings: &mut Table, path: &Path) -> Result<(), Fault> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|_| Fault::new("config_unreadable").with("path", shown.clone()))?;
    // The parser's own message repeats the line, and a line may hold a passphrase put there by mistake.
    let layer: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Fault::new("config_malformed").with("path", shown.clone()).with("line", line.to_string())
    })?;
    for (section, keys) in layer {
        let Value::Table(keys) = keys else { return Err(unknown(&section, &shown)) };
        for (key, value) in keys {
            let name = format!("{section}.{key}");
            let place = find(settings, &section, &key).ok_or_else(|| unknown(&name, &shown))?;
            if !place.same_type(&value) {
                return Err(mistyped(&name, &shown, place));
            }
            *place = value;
        }
    }
    Ok(())
}

/// Lays the variables `DOSSIER__SECTION__KEY` over the settings so far.
pub(super) fn environment(
    settings: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Fault> {
    for (variable, text) in variables {
        let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
        let lower = rest.to_ascii_lowercase();
        let (section, key) = lower.split_once("__").unwrap_or((lower.as_str(), ""));
        let name = format!("{section}.{key}");
        // Upper case only: two spellings of one key would leave open which of them wins.
        let place = if rest == rest.to_ascii_uppercase() { find(settings, section, key) } else { None };
        let place = place.ok_or_else(|| unknown(&name, &variable))?;
        let value = match place {
            Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
            Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
            _ => Some(Value::String(text)),
        };
        *place = value.ok_or_else(|| mistyped(&name, &variable, place))?;
    }
    Ok(())
}

fn find<'a>(settings: &'a mut Table, section: &str, key: &str) -> Option<&'a mut Value> {
    settings.get_mut(section)?.as_table_mut()?.get_mut(key)
}

fn unknown(name: &str, place: &str) -> Fault {
    Fault::new("config_unknown_key").with("name", name).with("path", place)
}

fn mistyped(name: &str, place: &str, expected: &Value) -> Fault {
    let fault = match expected {
        Value::Integer(_) => Fault::new("config_not_whole"),
        Value::Boolean(_) => Fault::new("config_not_flag"),
        _ => Fault::new("config_not_text"),
    };
    fault.field(name).with("path", place)
}
