//! Deterministic CBOR into memory.

use std::convert::Infallible;

use minicbor::Encoder;
use minicbor::encode::Error;

/// What `write` encodes, in a buffer that starts with room for `capacity` bytes.
pub(crate) fn encoded(
    capacity: usize,
    write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Result<(), Error<Infallible>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    write(&mut Encoder::new(&mut out)).expect("writing to memory cannot fail");
    out
}
