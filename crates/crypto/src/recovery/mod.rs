//! The root key on two sheets of paper, for the day when its file is lost.
//!
//! The key is split by XOR with fresh random bytes: each sheet alone is as good as random, both together are the key. A
//! sheet says, in 15 groups ([`group`]), in this order and filled up with four zero bits:
//!
//! ```text
//! share 32 ‖ set 2 (random, the same on both sheets) ‖ check 3 (of SHA-256("dossier/recovery/1" ‖ side ‖ share ‖ set))
//! ```

mod group;

use std::fmt;
use std::path::Path;

use dossier_model::id::Tenant;
use dossier_model::time::Entropy;
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::keyring::Keyring;
use crate::keystore::Keystore;
use crate::secret::{Secret, sha256_of};

/// Groups of a sheet.
pub const GROUPS: u8 = 15;

const SHARE: usize = 32;
const SET: usize = 2;
const CHECK: usize = 3;
const BYTES: usize = SHARE + SET + CHECK;
/// Values of five bits on a sheet.
const VALUES: usize = GROUPS as usize * group::SAYING;

/// Which of the two sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both.
    pub const BOTH: [Side; 2] = [Side::A, Side::B];

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Side::A => 'A',
            Side::B => 'B',
        }
    }

    /// The number of a group among those of both sheets, from 1 as `number` is: a row of zeros fits nowhere.
    fn place(self, number: u8) -> u8 {
        let before = match self {
            Side::A => 0,
            Side::B => GROUPS,
        };
        before + number
    }
}

/// One sheet. What it says is half of a root key: shown on paper, and nowhere else.
pub struct Sheet {
    side: Side,
    bytes: Zeroizing<[u8; BYTES]>,
}

/// A group that was typed and passed its check.
pub struct Group(Zeroizing<[u8; group::SAYING]>);

impl Group {
    /// Reads group `number` (from 1) of a sheet.
    ///
    /// # Errors
    /// `RecoveryGroup` when it is not what was printed there.
    pub fn read(side: Side, number: u8, typed: &str) -> Result<Self, CryptoError> {
        let wrong = CryptoError::RecoveryGroup { sheet: side.letter(), group: number };
        let there = (1..=GROUPS).contains(&number);
        let read = there.then(|| group::read(typed, side.place(number))).flatten();
        read.map(Self).ok_or(wrong)
    }
}

impl Sheet {
    fn new(side: Side, share: &[u8; SHARE], set: [u8; SET]) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let parts = share.iter().chain(&set).copied().chain(check(side, share, set));
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        Self { side, bytes }
    }

    /// Puts a sheet together from all its groups, in their order.
    ///
    /// # Errors
    /// `RecoverySheet` when several characters of one group were wrong in a way that its check did not show.
    pub fn of(side: Side, groups: &[Group]) -> Result<Self, CryptoError> {
        let wrong = CryptoError::RecoverySheet { sheet: side.letter() };
        let mut bytes = Zeroizing::new([0; BYTES]);
        let mut values = groups.iter().flat_map(|group| group.0.iter().copied());
        let (mut bits, mut held) = (Zeroizing::new(0_u16), 0);
        for byte in bytes.iter_mut() {
            while held < 8 {
                let Some(value) = values.next() else { return Err(wrong) };
                (*bits, held) = (*bits << 5 | u16::from(value), held + 5);
            }
            held -= 8;
            *byte = (*bits >> held) as u8;
            *bits &= (1 << held) - 1;
        }
        let sheet = Self { side, bytes };
        let whole = groups.len() == usize::from(GROUPS) && *bits == 0;
        if !whole || check(side, sheet.share(), sheet.set()) != sheet.check() {
            return Err(wrong);
        }
        Ok(sheet)
    }

    /// Which one it is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What both sheets of one print have in common: four hex digits.
    pub fn set_name(&self) -> String {
        self.set().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Its groups, in memory that is wiped.
    pub fn groups(&self) -> Vec<Zeroizing<String>> {
        let mut values = Zeroizing::new(Vec::with_capacity(VALUES + 1));
        let (mut bits, mut held) = (Zeroizing::new(0_u16), 0);
        for byte in self.bytes.iter().chain(&[0]) {
            (*bits, held) = (*bits << 8 | u16::from(*byte), held + 8);
            while held >= 5 {
                held -= 5;
                values.push((*bits >> held) as u8 & 31);
                *bits &= (1 << held) - 1;
            }
        }
        let (chunks, _) = values.as_chunks::<{ group::SAYING }>();
        (1..=GROUPS)
            .zip(chunks)
            .map(|(number, saying)| {
                let mut text = Zeroizing::new(String::with_capacity(group::LENGTH));
                group::write(saying, self.side.place(number), &mut text);
                text
            })
            .collect()
    }

    /// Whether group `number` (from 1) of this sheet is what was typed.
    pub fn says(&self, number: u8, typed: &str) -> bool {
        let place = self.side.place(number);
        let groups = self.groups();
        let printed = usize::from(number).checked_sub(1).and_then(|at| groups.get(at));
        let printed = printed.and_then(|text| group::read(text, place));
        printed.is_some_and(|printed| group::read(typed, place).is_some_and(|typed| *typed == *printed))
    }

    fn share(&self) -> &[u8; SHARE] {
        self.bytes.first_chunk().expect("a sheet is longer than its share")
    }

    fn set(&self) -> [u8; SET] {
        let [.., a, b, _, _, _] = *self.bytes;
        [a, b]
    }

    fn check(&self) -> [u8; CHECK] {
        *self.bytes.last_chunk().expect("a sheet is longer than its check")
    }
}

impl fmt::Debug for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheet").field("side", &self.side).finish_non_exhaustive()
    }
}

fn check(side: Side, share: &[u8; SHARE], set: [u8; SET]) -> [u8; CHECK] {
    let letter = [side.letter() as u8];
    let [a, b, c, ..] = sha256_of(&[b"dossier/recovery/1", &letter, share, &set]);
    [a, b, c]
}

fn xor(left: &[u8; SHARE], right: &[u8; SHARE]) -> Zeroizing<[u8; SHARE]> {
    let mut out = Zeroizing::new(*left);
    out.iter_mut().zip(right).for_each(|(to, from)| *to ^= from);
    out
}

/// Splits a key: the first sheet is random, the second one the key under it.
fn split(key: &Secret, entropy: &dyn Entropy) -> [Sheet; 2] {
    let mut set = [0; SET];
    entropy.fill(&mut set);
    let random = Secret::generate(entropy);
    [Sheet::new(Side::A, random.expose(), set), Sheet::new(Side::B, &xor(key.expose(), random.expose()), set)]
}

/// Numbers of two groups of a sheet, the smaller one first: those that its holder is asked for.
pub fn two_groups(entropy: &dyn Entropy) -> [u8; 2] {
    let mut random = [0; 2];
    entropy.fill(&mut random);
    let [first, further] = random;
    let first = first % GROUPS;
    let second = (first + 1 + further % (GROUPS - 1)) % GROUPS;
    [first.min(second) + 1, first.max(second) + 1]
}

fn join(a: &Sheet, b: &Sheet) -> Result<Secret, CryptoError> {
    if a.set() != b.set() || a.side == b.side {
        return Err(CryptoError::RecoveryPair { a: a.set_name(), b: b.set_name() });
    }
    Ok(Secret::from_bytes(&xor(a.share(), b.share())))
}

impl Keystore {
    /// The root key on two fresh sheets. Sheets of different calls do not go together.
    pub fn sheets(&self, entropy: &dyn Entropy) -> [Sheet; 2] {
        split(self.key(), entropy)
    }

    /// Makes a keystore at `path` from both sheets, under `passphrase` if there is one, once the root key on them has
    /// opened the keyring; the file has opened it too when this returns. Refuses an existing file.
    ///
    /// # Errors
    /// `RecoveryPair`, `RecoveryOther`, `KeystoreExists`, those of the keyring.
    pub fn restore(
        path: &Path,
        passphrase: Option<&str>,
        [a, b]: &[Sheet; 2],
        (keyring, tenant): (&Path, Tenant),
        entropy: &dyn Entropy,
    ) -> Result<Self, CryptoError> {
        let key = join(a, b)?;
        let opened = |keystore: &Self| match Keyring::open(keyring, tenant, keystore) {
            Err(CryptoError::WrongRoot { given, expected }) => {
                Err(CryptoError::RecoveryOther { given, expected: expected.unwrap_or_default() })
            }
            other => other.map(drop),
        };
        let made = Self::write(path, key, passphrase, entropy, opened)?;
        let read = Self::open(made.path(), passphrase)?;
        opened(&read)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
