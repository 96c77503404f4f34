//! The bytes of a leaf as what they say.

use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use minicbor::Decoder;
use minicbor::data::Type;

use super::{Item, Leaf, Note, Said};

impl Leaf {
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
