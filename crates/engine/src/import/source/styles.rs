//! Which styles of a workbook show a number as a date.

use super::package::Package;
use super::xml::{Xml, attribute};
use dossier_model::fault::Fault;
use quick_xml::events::Event;
use std::collections::HashSet;

const MOST_STYLES: usize = 1 << 20;

/// For each cell style, whether it shows a date.
#[derive(Default)]
pub(super) struct Styles {
    dates: Vec<bool>,
}

impl Styles {
    pub(super) fn read(package: &Package, name: &str) -> Result<Styles, Fault> {
        let mut styles = Styles::default();
        if !package.has(name) {
            return Ok(styles);
        }
        let mut own = HashSet::new();
        let mut inside = false;
        let mut xml = Xml::new(package.part(name)?);
        while let Some(event) = xml.next()? {
            match &event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "numFmt" => {
                        let code = attribute(tag, "formatCode").unwrap_or_default();
                        if let Some(id) = number(attribute(tag, "numFmtId"))
                            && is_date(&code)
                            && own.len() < MOST_STYLES
                        {
                            own.insert(id);
                        }
                    }
                    "cellXfs" => inside = true,
                    "xf" if inside => {
                        if styles.dates.len() >= MOST_STYLES {
                            return Err(Fault::new("import_bomb"));
                        }
                        let id = number(attribute(tag, "numFmtId")).unwrap_or(0);
                        styles.dates.push(built_in(id) || own.contains(&id));
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => inside = false,
                _ => {}
            }
        }
        Ok(styles)
    }

    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or(false)
    }
}

fn number(text: Option<String>) -> Option<u32> {
    text.and_then(|text| text.parse().ok())
}

/// Formats with a number and no code (ECMA-376 part 1, 18.8.30); from 27 on those of Chinese and its neighbours.
fn built_in(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format code has places for a date or a time, outside of quotes, brackets and escapes.
fn is_date(code: &str) -> bool {
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => drop(characters.by_ref().find(|c| *c == '"')),
            // `[h]` counts hours; `[Red]` and `[$-804]` are no places.
            '[' => {
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                if matches!(inside.to_ascii_lowercase().as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss") {
                    return true;
                }
            }
            '\\' | '_' | '*' => drop(characters.next()),
            // `General` is a word of its own; `E+` and `G/通用格式` hold none of these letters.
            'y' | 'Y' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'm' | 'M' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for code in
            ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d;@", "h:mm", "[h]:mm:ss", "m/d"]
        {
            assert!(is_date(code), "{code}");
        }
        for code in
            ["General", "0", "0.00E+00", "#,##0.00", "\"days\" 0", "[Red]0", "@", "0_d", "¥#,##0", "\\d0"]
        {
            assert!(!is_date(code), "{code}");
        }
    }
}
