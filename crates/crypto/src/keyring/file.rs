//! The keyring's bytes: CBOR `[1, body, mac, hash]`.
//!
//! `body` is a byte string that holds a CBOR map:
//!
//! ```text
//! 0 tenant u32        1 name text         2 root text (the root key's description of itself)
//! 3 tenant key [generation u32, created µs, wrapped by the root key]
//! 4 buckets: 1,024 lines        5 index   6 system   7 mechanics   8 text   9 ledger seed: a line each
//! line: array of [number u32, created µs, key wrapped by the tenant key (AES-256-KWP) 40], numbers ascending
//! ```
//!
//! `mac` is `HMAC-SHA-256(HKDF-Expand(tenant key, "dossier/keyring/mac/1", 32), body)`: no edit, and no swap of
//! two wrapped keys, passes it. `hash` is `SHA-256(body ‖ mac)`: it tells a torn file from a wrong root key before
//! the root key is asked.

use std::path::Path;
use std::sync::Arc;

use dossier_model::id::Tenant;
use dossier_model::time::Micros;
use minicbor::{Decoder, Encoder};

use super::keys::{BUCKETS, Generation, Held, Kept, Keys, Line};
use crate::error::CryptoError;
use crate::kms::Kms;
use crate::kwp;
use crate::prf::Prf;
use crate::secret::{Secret, constant_time_eq, sha256_of};

const FORMAT: u8 = 1;
/// More keys than this in one line are a mistake.
const LINE_MAX: u64 = 1024;

type Out<'a> = Encoder<&'a mut Vec<u8>>;
type EncodeError = minicbor::encode::Error<std::convert::Infallible>;

/// Why a file cannot be read: the rule it breaks.
struct Broken(&'static str);

impl From<minicbor::decode::Error> for Broken {
    fn from(_: minicbor::decode::Error) -> Self {
        Self("must have the parts of a keyring")
    }
}

fn mac_key(tenant_key: &Secret) -> Result<Prf, CryptoError> {
    let key = Prf::new(tenant_key.expose()).expand(&[b"dossier/keyring/mac/1"])?;
    Ok(Prf::new(&key))
}

/// The whole file.
pub(super) fn encode(keys: &Keys) -> Result<Vec<u8>, CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("keyring encoding");
    let mut body = Vec::with_capacity(80 * 1024);
    encode_body(keys, &mut body)?;
    let mac = mac_key(&keys.tenant_key.key)?.mac(&[&body]);
    let hash = sha256_of(&[&body, &mac]);
    let mut file = Vec::with_capacity(body.len() + 80);
    let written = (|| -> Result<(), EncodeError> {
        let mut e = Encoder::new(&mut file);
        e.array(4)?.u8(FORMAT)?.bytes(&body)?.bytes(&mac)?.bytes(&hash)?;
        Ok(())
    })();
    written.map_err(|_| FAILED)?;
    Ok(file)
}

fn encode_body(keys: &Keys, body: &mut Vec<u8>) -> Result<(), CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("keyring encoding");
    let under = &*keys.tenant_key.key;
    let mut e = Encoder::new(body);
    let Generation { number, created } = keys.tenant_key.generation;
    let head = |e: &mut Out<'_>| -> Result<(), EncodeError> {
        e.map(10)?.u8(0)?.u32(keys.tenant.0)?.u8(1)?.str(&keys.name)?.u8(2)?.str(&keys.root)?;
        e.u8(3)?.array(3)?.u32(number)?.i64(created.0)?.bytes(&keys.wrapped)?;
        e.u8(4)?.array(keys.buckets.len() as u64)?;
        Ok(())
    };
    head(&mut e).map_err(|_| FAILED)?;
    for bucket in &keys.buckets {
        encode_line(&mut e, under, bucket)?;
    }
    let macs = [(5, &keys.index), (6, &keys.system), (7, &keys.mechanics), (8, &keys.text)];
    for (key, line) in macs {
        e.u8(key).map_err(|_| FAILED)?;
        encode_line(&mut e, under, line)?;
    }
    e.u8(9).map_err(|_| FAILED)?;
    encode_line(&mut e, under, &keys.ledger)
}

fn encode_line<K: Kept>(e: &mut Out<'_>, under: &Secret, line: &Line<K>) -> Result<(), CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("keyring encoding");
    e.array(line.older.len() as u64 + 1).map_err(|_| FAILED)?;
    for held in line.all() {
        let wrapped = kwp::wrap(under.expose(), held.key.secret().expose())?;
        let Generation { number, created } = held.generation;
        let entry = |e: &mut Out<'_>| -> Result<(), EncodeError> {
            e.array(3)?.u32(number)?.i64(created.0)?.bytes(&wrapped)?;
            Ok(())
        };
        entry(e).map_err(|_| FAILED)?;
    }
    Ok(())
}

/// Reads a file, with the root key's help. Nothing of it is used before its MAC was right.
pub(super) fn decode(path: &Path, file: &[u8], tenant: Tenant, kms: &dyn Kms) -> Result<Keys, CryptoError> {
    let damaged = |Broken(rule)| CryptoError::KeyringDamaged { path: path.into(), rule };
    let (body, mac) = split(file).map_err(damaged)?;
    let body_parts = parse(body).map_err(damaged)?;
    if body_parts.tenant != tenant.0 {
        return Err(CryptoError::KeyringTenant { found: body_parts.tenant, expected: tenant.0 });
    }
    let (tenant_generation, wrapped) = body_parts.tenant_key;
    let tenant_key = kms.unwrap(tenant, tenant_generation.number, wrapped).map_err(|e| match e {
        CryptoError::WrongRoot { given, .. } => {
            CryptoError::WrongRoot { given, expected: Some(body_parts.root.to_owned()) }
        }
        other => other,
    })?;
    if !constant_time_eq(&mac_key(&tenant_key)?.mac(&[body]), mac) {
        return Err(damaged(Broken("must have the MAC of its tenant key")));
    }
    let [index, system, mechanics, text] = body_parts.macs;
    let buckets = body_parts.buckets.iter().map(|line| unwrap_line(&tenant_key, line));
    Ok(Keys {
        tenant,
        name: body_parts.name.to_owned(),
        root: body_parts.root.to_owned(),
        wrapped: wrapped.to_vec(),
        buckets: buckets.collect::<Result<_, _>>()?,
        index: unwrap_line(&tenant_key, &index)?,
        system: unwrap_line(&tenant_key, &system)?,
        mechanics: unwrap_line(&tenant_key, &mechanics)?,
        text: unwrap_line(&tenant_key, &text)?,
        ledger: unwrap_line(&tenant_key, &body_parts.ledger)?,
        tenant_key: Held { generation: tenant_generation, key: Arc::new(tenant_key) },
    })
}

type Entry<'b> = (Generation, &'b [u8]);
/// The older entries and the newest.
type Entries<'b> = (Vec<Entry<'b>>, Entry<'b>);

struct Body<'b> {
    tenant: u32,
    name: &'b str,
    root: &'b str,
    tenant_key: Entry<'b>,
    buckets: Vec<Entries<'b>>,
    macs: [Entries<'b>; 4],
    ledger: Entries<'b>,
}

fn split(file: &[u8]) -> Result<(&[u8], &[u8]), Broken> {
    let mut d = Decoder::new(file);
    if d.array()? != Some(4) || d.u8()? != FORMAT {
        return Err(Broken("must be a keyring of format 1"));
    }
    let (body, mac, hash) = (d.bytes()?, d.bytes()?, d.bytes()?);
    if d.position() != file.len() || !constant_time_eq(&sha256_of(&[body, mac]), hash) {
        return Err(Broken("must have the hash of its own bytes"));
    }
    Ok((body, mac))
}

fn parse(body: &[u8]) -> Result<Body<'_>, Broken> {
    let mut d = Decoder::new(body);
    if d.map()? != Some(10) {
        return Err(Broken("must have ten parts"));
    }
    let tenant = at(&mut d, 0)?.u32()?;
    let name = at(&mut d, 1)?.str()?;
    let root = at(&mut d, 2)?.str()?;
    let tenant_key = parse_entry(at(&mut d, 3)?)?;
    if at(&mut d, 4)?.array()? != Some(u64::from(BUCKETS)) {
        return Err(Broken("must have 1,024 buckets"));
    }
    let buckets = (0..BUCKETS).map(|_| parse_line(&mut d)).collect::<Result<_, _>>()?;
    let macs = [
        parse_line(at(&mut d, 5)?)?,
        parse_line(at(&mut d, 6)?)?,
        parse_line(at(&mut d, 7)?)?,
        parse_line(at(&mut d, 8)?)?,
    ];
    let ledger = parse_line(at(&mut d, 9)?)?;
    if d.position() != body.len() {
        return Err(Broken("must end with its last part"));
    }
    Ok(Body { tenant, name, root, tenant_key, buckets, macs, ledger })
}

fn at<'d, 'b>(d: &'d mut Decoder<'b>, key: u8) -> Result<&'d mut Decoder<'b>, Broken> {
    if d.u8()? == key { Ok(d) } else { Err(Broken("must have its parts in order")) }
}

fn parse_entry<'b>(d: &mut Decoder<'b>) -> Result<Entry<'b>, Broken> {
    if d.array()? != Some(3) {
        return Err(Broken("must have number, time and key of each key"));
    }
    Ok((Generation { number: d.u32()?, created: Micros(d.i64()?) }, d.bytes()?))
}

fn parse_line<'b>(d: &mut Decoder<'b>) -> Result<Entries<'b>, Broken> {
    let count = d.array()?.filter(|count| (1..=LINE_MAX).contains(count));
    let count = count.ok_or(Broken("must have at least one key of each sort"))?;
    let older = (1..count).map(|_| parse_entry(d)).collect::<Result<Vec<_>, _>>()?;
    let newest = parse_entry(d)?;
    let numbers = older.iter().chain([&newest]).map(|(generation, _)| generation.number);
    if !numbers.is_sorted_by(|a, b| a < b) {
        return Err(Broken("must number its keys in order"));
    }
    Ok((older, newest))
}

fn unwrap_line<K: Kept>(under: &Secret, (older, newest): &Entries<'_>) -> Result<Line<K>, CryptoError> {
    let open = |(generation, wrapped): &Entry<'_>| -> Result<Held<K>, CryptoError> {
        let secret = Secret::from_bytes(&*kwp::unwrap(under.expose(), wrapped)?);
        Ok(Held { generation: *generation, key: Arc::new(K::from_secret(secret)?) })
    };
    Ok(Line { older: older.iter().map(open).collect::<Result<_, _>>()?, newest: open(newest)? })
}
