//! The texts that a workbook's cells share: in one piece of memory, because a workbook can have millions of them.

use super::package::Package;
use super::xml::{Xml, attribute, push_text};
use dossier_model::fault::Fault;
use quick_xml::events::Event;

/// Most bytes of all texts together.
const MOST_BYTES: usize = 96 << 20;
/// Most texts.
const MOST_TEXTS: usize = 8 << 20;

/// The table of shared texts.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read(package: &Package, name: &str) -> Result<Strings, Fault> {
        let mut strings = Strings::default();
        if !package.has(name) {
            return Ok(strings);
        }
        let mut xml = Xml::new(package.part(name)?);
        let mut one = String::new();
        let mut shown = Shown::default();
        while let Some(event) = xml.next()? {
            match &event {
                Event::Start(tag) if tag.local_name().as_ref() == "sst" => {
                    let unique =
                        attribute(tag, "uniqueCount").and_then(|count| count.parse().ok()).unwrap_or(0_usize);
                    strings.ends.reserve(unique.min(MOST_TEXTS));
                }
                Event::End(tag) if tag.local_name().as_ref() == "si" => {
                    strings.push(&one)?;
                    one.clear();
                }
                event => shown.push(event, &mut one)?,
            }
        }
        Ok(strings)
    }

    fn push(&mut self, one: &str) -> Result<(), Fault> {
        let one = unescaped(one);
        if self.text.len() + one.len() > MOST_BYTES || self.ends.len() >= MOST_TEXTS {
            return Err(Fault::new("import_workbook_too_large").with("limit", (MOST_BYTES >> 20).to_string()));
        }
        self.text.push_str(&one);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The text of this number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}

/// The text that is seen of a rich text: its runs, without the reading aids beside them.
#[derive(Default)]
pub(super) struct Shown {
    text: bool,
    aid: bool,
}

impl Shown {
    pub(super) fn push(&mut self, event: &Event<'_>, to: &mut String) -> Result<(), Fault> {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => self.text = true,
                "rPh" => self.aid = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => self.text = false,
                "rPh" => self.aid = false,
                _ => {}
            },
            other if self.text && !self.aid => {
                push_text(other, to)?;
                if to.len() > 4 * super::LONGEST_CELL {
                    return Err(Fault::new("import_bomb"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `_x000D_` and its like as the characters that they stand for (ECMA-376 part 1, 22.9.2.19).
pub(super) fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        out.push_str(before);
        let code = after.get(..4).filter(|_| after.get(4..5) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                out.push(character);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out.into()
}
