//! The folder of an index and the key that seals it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use dossier_crypto::{BlocksKey, MacKey};
use dossier_model::Entropy;

use crate::error::SearchError;

const KEY: &str = "key";

fn context(name: &str) -> Vec<u8> {
    [b"search-index/1/".as_slice(), name.as_bytes()].concat()
}

/// The key of the index that is in a folder.
pub(crate) fn read_key(folder: &Path, under: &MacKey, name: &str) -> Result<BlocksKey, SearchError> {
    let sealed = fs::read(folder.join(KEY))?;
    Ok(BlocksKey::open(under, &context(name), &sealed)?)
}

/// Empties a folder and puts a new key into it: what was sealed under the old one opens never again.
pub(crate) fn start_again(
    folder: &Path,
    under: &MacKey,
    name: &str,
    entropy: &dyn Entropy,
) -> Result<BlocksKey, SearchError> {
    remove(folder)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let key = BlocksKey::generate(entropy);
    let sealed = key.seal(under, &context(name), entropy)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(KEY))?;
    file.write_all(&sealed)?;
    Ok(key)
}

/// Removes the index, its key first.
pub(crate) fn remove(folder: &Path) -> Result<(), SearchError> {
    for gone in [fs::remove_file(folder.join(KEY)), fs::remove_dir_all(folder)] {
        match gone {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
