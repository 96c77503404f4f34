//! The XML of a part: events, none of them larger than a limit, no entities of its own, no depth without end.

use super::package::broken;
use super::part::Part;
use dossier_model::fault::Fault;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::io::BufReader;

const BUFFER: usize = 1 << 14;
/// Longest event in bytes.
const LONGEST_EVENT: u64 = 512 * 1024;
const DEEPEST: u32 = 64;

/// A reader of events.
pub(super) struct Xml {
    reader: Reader<BufReader<Part>>,
    buffer: Vec<u8>,
    depth: u32,
}

impl Xml {
    pub(super) fn new(part: Part) -> Xml {
        let mut reader = Reader::from_reader(BufReader::with_capacity(BUFFER, part));
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next event; `None` at the end of the part.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, Fault> {
        self.buffer.clear();
        self.reader.get_mut().get_mut().allow(LONGEST_EVENT);
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::DocType(_)) => Err(Fault::new("import_entities")),
            Ok(Event::Eof) if self.depth == 0 => Ok(None),
            Ok(Event::Eof) => Err(broken()),
            Ok(event) => {
                match &event {
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                if self.depth > DEEPEST { Err(Fault::new("import_bomb")) } else { Ok(Some(event)) }
            }
            Err(_) => Err(self.reader.get_mut().get_mut().fault.take().unwrap_or_else(broken)),
        }
    }
}

/// An attribute's value, by its name without a prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let attributes = attributes.with_checks(false).flatten();
    let found = attributes.into_iter().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// Appends what an event means as text.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), Fault> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(&part.xml10_content()),
        Event::GeneralRef(reference) => push_reference(reference, text)?,
        _ => {}
    }
    Ok(())
}

fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), Fault> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        text.push(character);
        return Ok(());
    }
    text.push_str(resolve_predefined_entity(reference).ok_or_else(|| Fault::new("import_entities"))?);
    Ok(())
}
