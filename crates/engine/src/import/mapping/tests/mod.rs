//! What columns are taken for, and what rows become.

mod columns;
mod register;
mod rows;

use super::{Mapping, Problem};
use crate::import::source::Row;
use dossier_model::kind::{Kind, Kinds};
use dossier_model::time::Day;
use std::collections::BTreeMap;

/// The example of GB 32100-2015.
const CODE: &str = "91350100M000100Y43";

fn kind() -> &'static Kind {
    Kinds::customer()
}

fn today() -> Day {
    Day::parse("2026-11-22").unwrap()
}

fn row(number: u64, cells: &[&str]) -> Row {
    Row { number, cells: cells.iter().copied().collect(), ..Row::default() }
}

fn rows(cells: &[&[&str]]) -> Vec<Row> {
    (2..).zip(cells).map(|(number, cells)| row(number, cells)).collect()
}

fn suggested(header: &[&str], sample: &[&[&str]]) -> Mapping {
    let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
    Mapping::suggest(kind(), &header, &rows(sample))
}

/// Where each column goes.
fn targets(mapping: &Mapping) -> Vec<&str> {
    mapping.columns.iter().map(|column| column.target.name()).collect()
}

/// What one row becomes, by field; or its problems.
fn accepted(header: &[&str], cells: &[&str]) -> Result<BTreeMap<String, String>, Vec<Problem>> {
    let done = suggested(header, &[]).accept(kind(), &row(2, cells), today())?;
    let name = |number: u16| kind().field(number).unwrap().name.clone();
    Ok(done.fields.iter().map(|(number, value)| (name(*number), value.to_text())).collect())
}

/// One value of a good row that has this column too; what went to the remarks has its name there.
fn value(column: &str, field: &str, cell: &str) -> String {
    let header = ["企业名称", "统一社会信用代码", column];
    let all = accepted(&header, &["示例科技（杭州）有限公司", CODE, cell])
        .unwrap_or_else(|p| panic!("{cell}: {p:?}"));
    all.get(field).cloned().unwrap_or_default()
}

/// The keys of a row's problems, by column.
fn problems(header: &[&str], cells: &[&str]) -> Vec<(usize, &'static str)> {
    let found = accepted(header, cells).err().unwrap_or_default();
    found.iter().map(|problem| (problem.column.unwrap_or(0), problem.fault.key)).collect()
}
