//! Parts of an import's job: rows that wait for a person, what was met, what an undo leaves. Sealed under the tenant's
//! text key.

use super::mapping::Problem;
use crate::seal::to_cbor;
use crate::{Engine, TENANT};
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::{Fault, Lang};
use dossier_model::id::Uid;
use dossier_store::{JobPart, Op, Read};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What a part is. The numbers are bytes on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Class {
    /// A piece of the file that was handed in.
    Chunk = 1,
    /// A row that is not taken in as it is, by its number: [`Waiting`].
    Problem = 2,
    /// A row whose customer is there, to be decided on: [`Waiting`].
    Review = 3,
    /// A row that was passed over because its customer is there: [`Met`].
    Passed = 4,
    /// A record that the import changed, by its internal number: [`Touched`].
    Touched = 5,
    /// A record that an undo left as it is, numbered: [`Left`].
    Left = 6,
    /// That the import is to stop; the number is 0.
    Stop = 7,
}

/// Something wrong with a row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// Name of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The column that the field is read from, as the file names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Code of ten digits.
    pub code: String,
    /// The rule and how to mend it, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What could stand there, for a person to say yes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
}

impl std::fmt::Debug for RowProblem {
    /// Without what the file says: a column may be named after a customer, and what could stand there is a value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowProblem")
            .field("field", &self.field)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl RowProblem {
    pub(crate) fn of(fault: &Fault) -> RowProblem {
        RowProblem {
            field: fault.field.clone(),
            column: None,
            code: fault.code().to_owned(),
            zh: fault.text(Lang::Zh),
            en: fault.text(Lang::En),
            proposal: None,
        }
    }
}

impl From<&Problem> for RowProblem {
    fn from(problem: &Problem) -> RowProblem {
        RowProblem {
            field: problem.field.clone(),
            column: problem.header.clone(),
            proposal: problem.proposal.clone(),
            ..RowProblem::of(&problem.fault)
        }
    }
}

/// What a row met.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Met {
    /// An earlier row of the same file.
    pub row: Option<u64>,
    /// A record, by its internal number.
    pub rid: Option<i64>,
    /// Its code and team; none when it is outside the rows of the one who imports and the quota of look-ups is used up.
    pub code: Option<String>,
    pub team: Option<String>,
}

/// A row that waits for a person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub cells: Vec<String>,
    /// What a person has said of it beyond its cells, by the names of fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub said: BTreeMap<String, String>,
    /// What is wrong with a cell as such, by its position: the key of the fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<(usize, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<RowProblem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<Met>,
}

/// The version that a record had before an import changed it, and the one that the import left.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Touched {
    pub base: u32,
    pub last: u32,
}

/// A record that an undo did not touch, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Left {
    /// TypeID.
    pub id: String,
    /// Customer code of 15 characters.
    pub code: Option<String>,
    /// `changed`, `erased`, `has_contacts`.
    pub why: String,
}

/// What a part is bound to.
fn context(job: Uid, class: Class, number: i64) -> Vec<u8> {
    to_cbor(48, |e| {
        e.array(5)?.u32(TENANT.0)?.str("job_part")?.bytes(&job.0)?.u8(class as u8)?.i64(number)?;
        Ok(())
    })
}

impl Engine {
    /// The operation that writes a part.
    pub(crate) fn put_part(
        &self,
        job: Uid,
        class: Class,
        number: i64,
        content: &impl Serialize,
    ) -> Result<Op, Fault> {
        let plain = Zeroizing::new(serde_json::to_vec(content).map_err(|_| Fault::new("internal"))?);
        self.put_part_bytes(job, class, number, &plain)
    }

    pub(crate) fn put_part_bytes(
        &self,
        job: Uid,
        class: Class,
        number: i64,
        plain: &[u8],
    ) -> Result<Op, Fault> {
        let keys = self.keyring.keys();
        let (version, key) = keys.current_text();
        let sealed = seal_system(key, &context(job, class, number), plain, &*self.entropy)?;
        let body = [version.to_be_bytes().as_slice(), &sealed].concat();
        Ok(Op::PutPart(JobPart { job, class: class as u8, number, body }))
    }

    pub(crate) fn open_part_bytes(&self, class: Class, part: &JobPart) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let damaged = || Fault::new("store_damaged");
        let (version, sealed) = part.body.split_first_chunk().ok_or_else(damaged)?;
        let keys = self.keyring.keys();
        let key = keys.text(u32::from_be_bytes(*version)).ok_or_else(damaged)?;
        open_system(key, &context(part.job, class, part.number), sealed).map_err(|_| damaged())
    }

    fn open_part<T: DeserializeOwned>(&self, class: Class, part: &JobPart) -> Result<T, Fault> {
        let plain = self.open_part_bytes(class, part)?;
        serde_json::from_slice(&plain).map_err(|_| Fault::new("store_damaged"))
    }

    /// Parts of a class, after a number.
    pub(crate) fn parts<T: DeserializeOwned>(
        &self,
        read: &dyn Read,
        job: Uid,
        class: Class,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, T)>, Fault> {
        let parts = read.parts(TENANT, job, class as u8, after, limit)?;
        parts.iter().map(|part| Ok((part.number, self.open_part(class, part)?))).collect()
    }

    /// One part.
    pub(crate) fn part<T: DeserializeOwned>(
        &self,
        read: &dyn Read,
        job: Uid,
        class: Class,
        number: i64,
    ) -> Result<Option<T>, Fault> {
        let found = self.parts(read, job, class, number.checked_sub(1), 1)?;
        Ok(found.into_iter().find(|(at, _)| *at == number).map(|(_, content)| content))
    }
}

/// The operation that deletes a part.
pub(crate) fn drop_part(job: Uid, class: Class, number: i64) -> Op {
    Op::DeletePart { job, class: class as u8, number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::mapping::{By, Column, Target};
    use crate::import::source::Format;

    #[test]
    fn what_a_file_says_is_in_no_debug() {
        let said = || Some("示例鱻龘".to_owned());
        let fault = Fault::new("phone_empty");
        let problem = Problem {
            row: 2,
            column: Some(1),
            header: said(),
            field: Some("phone".to_owned()),
            fault,
            proposal: said(),
        };
        let column = Column {
            header: "示例鱻龘".to_owned(),
            target: Target::Ignored,
            by: By::Nothing,
            confidence: 0,
            unit: None,
            others: Vec::new(),
        };
        let format = Format::Workbook { sheet: "示例鱻龘".to_owned() };
        let shown = format!("{problem:?} {:?} {column:?} {format:#?}", RowProblem::from(&problem));
        assert!(!shown.contains('鱻') && shown.contains("phone"), "{shown}");
    }
}
