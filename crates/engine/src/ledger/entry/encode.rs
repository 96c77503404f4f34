//! An entry as the bytes of its leaves.

use dossier_model::time::Micros;
use minicbor::Encoder;

use super::{Entry, Item, Note, Said};
use crate::caller::{Caller, Principal};

/// A leaf is at most 32 KiB; items that need more room than this go as several parts.
const PART_BYTES: usize = 24_000;

impl Entry {
    /// The leaves: one, or several where the list of items is long.
    pub(crate) fn leaves(&self, caller: &Caller, at: Micros, epoch: u64) -> Vec<Vec<u8>> {
        let noted = self.noted(caller);
        let entry = noted.as_ref().unwrap_or(self);
        let parts = parts(&entry.items);
        let count = parts.len();
        parts
            .iter()
            .enumerate()
            .map(|(at_part, items)| entry.leaf(caller, at, epoch, items, at_part, count))
            .collect()
    }

    /// The entry with the approval that let it through, and with the program by which the person asked.
    fn noted(&self, caller: &Caller) -> Option<Entry> {
        let approval = caller.approved.as_ref().map(|approved| ("approval", approved.parked.public()));
        let program = caller.through.as_ref().map(|by| ("program", by.client.to_typeid("cli")));
        let notes: Vec<_> = approval.into_iter().chain(program).collect();
        let add = |entry: Entry, (name, id)| entry.note(name, Note::Text(id));
        (!notes.is_empty()).then(|| notes.into_iter().fold(self.clone(), add))
    }

    fn leaf(
        &self,
        caller: &Caller,
        at: Micros,
        epoch: u64,
        items: &[Item],
        part: usize,
        parts: usize,
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(192 + items.len() * 160);
        let mut e = Encoder::new(&mut out);
        // Writing to a vector cannot fail.
        let _ = self.encode(&mut e, caller, at, epoch, items, part, parts);
        out
    }

    #[allow(clippy::too_many_arguments, reason = "one flat leaf, each argument one of its parts")]
    fn encode(
        &self,
        e: &mut Encoder<&mut Vec<u8>>,
        caller: &Caller,
        at: Micros,
        epoch: u64,
        items: &[Item],
        part: usize,
        parts: usize,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        let present = 7
            + u64::from(!items.is_empty())
            + u64::from(self.purpose.is_some())
            + u64::from(self.code.is_some())
            + u64::from(parts > 1)
            + u64::from(!self.note.is_empty())
            + u64::from(!self.systems.is_empty());
        e.map(present)?.u8(0)?.u8(1)?.u8(1)?.i64(at.0)?;
        e.u8(2)?;
        encode_who(e, &caller.principal)?;
        e.u8(3)?.array(3)?;
        encode_text(e, caller.origin.address.as_deref())?;
        match &caller.session {
            Some(session) => e.bytes(session)?,
            None => e.null()?,
        };
        encode_text(e, caller.origin.request.as_deref())?;
        e.u8(4)?.u8(self.deed as u8)?.u8(5)?.u8(self.outcome as u8)?;
        if !items.is_empty() {
            e.u8(6)?.array(items.len() as u64)?;
            for item in items {
                encode_item(e, item)?;
            }
        }
        if let Some(purpose) = &self.purpose {
            e.u8(7)?.bytes(purpose)?;
        }
        if let Some(code) = self.code {
            e.u8(8)?.str(code)?;
        }
        if parts > 1 {
            e.u8(9)?.array(2)?.u64(part as u64 + 1)?.u64(parts as u64)?;
        }
        e.u8(10)?.u64(epoch)?;
        if !self.note.is_empty() {
            self.encode_note(e)?;
        }
        if !self.systems.is_empty() {
            e.u8(12)?.array(self.systems.len() as u64)?;
            for item in &self.systems {
                e.array(4)?.str(item.kind)?.bytes(&item.id.0)?.u32(item.version)?.bytes(&item.row_hash)?;
            }
        }
        Ok(())
    }

    fn encode_note(
        &self,
        e: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        // Deterministic CBOR orders map keys by their encoded bytes: shorter texts first, then by content.
        let mut notes: Vec<_> = self.note.iter().collect();
        notes.sort_by_key(|(name, _)| (name.len(), *name));
        e.u8(11)?.map(notes.len() as u64)?;
        for (name, value) in notes {
            e.str(name)?;
            match value {
                Note::Text(text) => e.str(text)?,
                Note::Int(number) => e.i64(*number)?,
                Note::Bytes(bytes) => e.bytes(bytes)?,
            };
        }
        Ok(())
    }
}

/// Items in runs that fit into a leaf; one empty run when there are none.
fn parts(items: &[Item]) -> Vec<&[Item]> {
    let mut parts = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fit = rest.iter().take_while(|item| {
            bytes += 64 + item.fields.len() * 40;
            bytes <= PART_BYTES
        });
        // A single record never fills a leaf: kinds have some hundred fields at most.
        let (run, tail) = rest.split_at(fit.count().max(1));
        parts.push(run);
        rest = tail;
    }
    if parts.is_empty() {
        parts.push(items);
    }
    parts
}

type Encoded<'a, 'b> =
    Result<&'a mut Encoder<&'b mut Vec<u8>>, minicbor::encode::Error<std::convert::Infallible>>;

fn encode_text<'a, 'b>(e: &'a mut Encoder<&'b mut Vec<u8>>, text: Option<&str>) -> Encoded<'a, 'b> {
    match text {
        Some(text) => e.str(text),
        None => e.null(),
    }
}

fn encode_who<'a, 'b>(e: &'a mut Encoder<&'b mut Vec<u8>>, who: &Principal) -> Encoded<'a, 'b> {
    e.array(2)?.u8(who.type_code())?;
    match who {
        Principal::User(id) | Principal::Client(id) => e.bytes(&id.0),
        Principal::Os(uid, None) => e.str(&format!("os:{uid}")),
        Principal::Os(uid, Some(user)) => e.str(&format!("os:{uid} for {}", user.to_typeid("usr"))),
        Principal::System => e.str("system"),
    }
}

fn encode_item<'a, 'b>(e: &'a mut Encoder<&'b mut Vec<u8>>, item: &Item) -> Encoded<'a, 'b> {
    e.array(5)?.u16(item.kind)?.bytes(&item.record.0)?.u32(item.version)?;
    match &item.row_hash {
        Some(hash) => e.bytes(hash)?,
        None => e.null()?,
    };
    e.array(item.fields.len() as u64)?;
    for (field, said) in &item.fields {
        e.array(2)?.u16(*field)?;
        match said {
            Said::Form(form) => e.u8(*form)?,
            Said::Commitment(hash) => e.bytes(hash)?,
        };
    }
    Ok(e)
}
