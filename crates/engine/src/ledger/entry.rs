//! Leaves of the two logs: what they say, and their bytes (`docs/formats.md`).

use crate::caller::{Caller, Principal};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// A leaf is at most 32 KiB; items that need more room than this go as several parts.
const PART_BYTES: usize = 24_000;

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What was done. The numbers are bytes on disk and are never used again for something else.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Deed { $($(#[doc = $doc])* $name = $code,)* }

        impl Deed {
            /// Commands are recorded in the change log, everything else in the access log.
            pub(crate) fn is_command(self) -> bool {
                use Deed::*;
                !matches!(
                    self,
                    List | View | Reveal | Search | History | ReadLedger | Export | Count | ReadAccess | ReadKeys | Looks | Verify
                )
            }

            pub(crate) fn name_of(code: u8) -> &'static str {
                match code { $($code => $text,)* _ => "unknown" }
            }
        }
    };
}

actions! {
    SignIn = 1, "sign_in";
    List = 2, "list";
    View = 3, "view";
    Reveal = 4, "reveal";
    Search = 5, "search";
    History = 6, "history";
    ReadLedger = 7, "read_ledger";
    Export = 8, "export";
    Create = 9, "create";
    Change = 10, "change";
    Erase = 11, "erase";
    Import = 12, "import";
    UserAdd = 13, "user_add";
    ClientAdd = 14, "client_add";
    TeamAdd = 15, "team_add";
    KeyRotate = 16, "key_rotate";
    KeyRenew = 17, "key_renew";
    AccessCheckpoint = 18, "access_checkpoint";
    ClientDisable = 19, "client_disable";
    Count = 21, "count";
    ReadAccess = 22, "read_access";
    ReadKeys = 23, "read_keys";
    Looks = 24, "looks";
    Verify = 25, "verify";
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Outcome {
    Done = 1,
    Refused = 2,
}

/// What is said of a field: the form it was shown in, or the commitment of its new value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Form(u8),
    Commitment([u8; 32]),
}

/// A record that an entry is about.
#[derive(Clone)]
pub(crate) struct Item {
    pub kind: u16,
    pub record: Uid,
    pub version: u32,
    pub row_hash: Option<[u8; 32]>,
    pub fields: Vec<(u16, Said)>,
}

/// A security record (user, client, team) that an entry writes.
#[derive(Clone)]
pub(crate) struct SystemItem {
    pub kind: &'static str,
    pub id: Uid,
    pub version: u32,
    pub row_hash: [u8; 32],
}

/// A value of an entry's note. Never customer data.
#[derive(Clone)]
pub(crate) enum Note {
    Text(String),
    Int(i64),
    Bytes(Vec<u8>),
}

/// An entry before it is a leaf.
#[derive(Clone)]
pub(crate) struct Entry {
    pub deed: Deed,
    pub outcome: Outcome,
    pub items: Vec<Item>,
    pub systems: Vec<SystemItem>,
    pub purpose: Option<[u8; 32]>,
    pub code: Option<&'static str>,
    pub note: Vec<(&'static str, Note)>,
}

impl Entry {
    pub(crate) fn done(deed: Deed) -> Entry {
        Entry {
            deed,
            outcome: Outcome::Done,
            items: Vec::new(),
            systems: Vec::new(),
            purpose: None,
            code: None,
            note: Vec::new(),
        }
    }

    /// An attempt that was not allowed or could not be carried out.
    pub(crate) fn refused(deed: Deed, fault: &Fault) -> Entry {
        Entry { outcome: Outcome::Refused, code: Some(fault.code()), ..Entry::done(deed) }
    }

    pub(crate) fn item(mut self, item: Item) -> Entry {
        self.items.push(item);
        self
    }

    pub(crate) fn note(mut self, name: &'static str, value: Note) -> Entry {
        self.note.push((name, value));
        self
    }

    /// The leaves: one, or several where the list of items is long.
    pub(crate) fn leaves(&self, caller: &Caller, at: Micros, epoch: u64) -> Vec<Vec<u8>> {
        let parts = parts(&self.items);
        let count = parts.len();
        parts
            .iter()
            .enumerate()
            .map(|(at_part, items)| self.leaf(caller, at, epoch, items, at_part, count))
            .collect()
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
        Principal::Client(id) => e.bytes(&id.0),
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

/// A leaf, read back.
#[derive(Default)]
pub(crate) struct Leaf {
    pub at: i64,
    pub who_type: u8,
    pub who_id: Option<Uid>,
    pub who_text: Option<String>,
    pub address: Option<String>,
    pub session: Option<[u8; 16]>,
    pub request: Option<String>,
    pub deed: u8,
    pub outcome: u8,
    pub items: Vec<Item>,
    pub purpose: Option<[u8; 32]>,
    pub code: Option<String>,
    pub part: Option<(u64, u64)>,
    pub epoch: u64,
    pub note: Vec<(String, Note)>,
    pub systems: Vec<(String, Uid, u32, [u8; 32])>,
}

impl Leaf {
    /// The note of this name, when it is bytes.
    pub(crate) fn note_bytes(&self, name: &str) -> Option<&[u8]> {
        self.note.iter().find_map(|(key, value)| match value {
            Note::Bytes(bytes) if key == name => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// The note of this name, when it is text.
    pub(crate) fn note_text(&self, name: &str) -> Option<&str> {
        self.note.iter().find_map(|(key, value)| match value {
            Note::Text(text) if key == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// Reads a leaf. What cannot be read is an inconsistency and says so.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Leaf, Fault> {
        decode(bytes, true).map_err(|_| unreadable())
    }

    /// Reads a leaf but passes over its records: for walking through a whole log.
    pub(crate) fn decode_without_items(bytes: &[u8]) -> Result<Leaf, Fault> {
        decode(bytes, false).map_err(|_| unreadable())
    }
}

fn unreadable() -> Fault {
    Fault::new("ledger_damaged").with("what", "an entry cannot be read")
}

type Read<T> = Result<T, minicbor::decode::Error>;

fn decode(bytes: &[u8], with_items: bool) -> Read<Leaf> {
    let mut d = Decoder::new(bytes);
    let mut leaf = Leaf::default();
    let parts = d.map()?.ok_or_else(|| minicbor::decode::Error::message("length"))?;
    for _ in 0..parts {
        match d.u8()? {
            0 => {
                if d.u8()? != 1 {
                    return Err(minicbor::decode::Error::message("format"));
                }
            }
            1 => leaf.at = d.i64()?,
            2 => decode_who(&mut d, &mut leaf)?,
            3 => {
                d.array()?;
                leaf.address = decode_text(&mut d)?;
                leaf.session =
                    if d.datatype()? == Type::Null { d.null().map(|()| None)? } else { Some(fixed(&mut d)?) };
                leaf.request = decode_text(&mut d)?;
            }
            4 => leaf.deed = d.u8()?,
            5 => leaf.outcome = d.u8()?,
            6 if !with_items => d.skip()?,
            6 => {
                let count = length(&mut d)?;
                for _ in 0..count {
                    leaf.items.push(decode_item(&mut d)?);
                }
            }
            7 => leaf.purpose = Some(fixed(&mut d)?),
            8 => leaf.code = Some(d.str()?.to_owned()),
            9 => {
                d.array()?;
                leaf.part = Some((d.u64()?, d.u64()?));
            }
            10 => leaf.epoch = d.u64()?,
            11 => {
                for _ in 0..d.map()?.unwrap_or(0) {
                    let name = d.str()?.to_owned();
                    let value = match d.datatype()? {
                        Type::String => Note::Text(d.str()?.to_owned()),
                        Type::Bytes => Note::Bytes(d.bytes()?.to_vec()),
                        _ => Note::Int(d.i64()?),
                    };
                    leaf.note.push((name, value));
                }
            }
            12 => {
                for _ in 0..length(&mut d)? {
                    d.array()?;
                    leaf.systems.push((d.str()?.to_owned(), Uid(fixed(&mut d)?), d.u32()?, fixed(&mut d)?));
                }
            }
            _ => d.skip()?,
        }
    }
    if d.position() == bytes.len() {
        Ok(leaf)
    } else {
        Err(minicbor::decode::Error::message("trailing bytes"))
    }
}

fn length(d: &mut Decoder<'_>) -> Read<u64> {
    d.array()?.ok_or_else(|| minicbor::decode::Error::message("length"))
}

fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Read<[u8; N]> {
    d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("length"))
}

fn decode_text(d: &mut Decoder<'_>) -> Read<Option<String>> {
    if d.datatype()? == Type::Null { d.null().map(|()| None) } else { Ok(Some(d.str()?.to_owned())) }
}

fn decode_who(d: &mut Decoder<'_>, leaf: &mut Leaf) -> Read<()> {
    d.array()?;
    leaf.who_type = d.u8()?;
    if d.datatype()? == Type::Bytes {
        leaf.who_id = Some(Uid(fixed(d)?));
    } else {
        leaf.who_text = Some(d.str()?.to_owned());
    }
    Ok(())
}

fn decode_item(d: &mut Decoder<'_>) -> Read<Item> {
    d.array()?;
    let (kind, record, version) = (d.u16()?, Uid(fixed(d)?), d.u32()?);
    let row_hash = if d.datatype()? == Type::Null { d.null().map(|()| None)? } else { Some(fixed(d)?) };
    let mut fields = Vec::new();
    for _ in 0..length(d)? {
        d.array()?;
        let field = d.u16()?;
        let said =
            if d.datatype()? == Type::Bytes { Said::Commitment(fixed(d)?) } else { Said::Form(d.u8()?) };
        fields.push((field, said));
    }
    Ok(Item { kind, record, version, row_hash, fields })
}
