//! What a column's name says.

use super::{By, Column, Target, clean};
use dossier_model::kind::{FieldType, Kind};

/// Columns that are not fields of the kind but of the dossier.
const STAGE: [&str; 3] = ["合作阶段", "阶段", "stage"];
const LEVEL: [&str; 4] = ["敏感等级", "等级", "level", "sensitivity"];

/// The column by its name alone.
pub(super) fn column(kind: &Kind, header: &str) -> Column {
    let (plain, inside) = parts(header);
    let mut forms = vec![header, plain.as_str()];
    forms.extend(inside.iter().map(String::as_str));
    // `名称 / Name`: one column with two names.
    let both: Vec<&str> =
        plain.split(['/', '|', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect();
    forms.extend(both);
    let target = forms.iter().find_map(|form| target(kind, form));
    let Some(target) = target else { return Column::unknown(header) };
    let money = |name: &String| kind.by_name(name).is_some_and(|field| field.ty == FieldType::Money);
    let counted = matches!(&target, Target::Field(name) if money(name));
    let unit = inside.iter().map(|text| clean::unit(text)).find(|unit| counted && clean::is_unit(unit));
    Column {
        target,
        by: By::Header,
        confidence: 100,
        unit: unit.map(str::to_owned),
        ..Column::unknown(header)
    }
}

fn target(kind: &Kind, name: &str) -> Option<Target> {
    if let Some(field) = kind.by_alias(name).filter(|field| field.enabled) {
        return Some(Target::Field(field.name.clone()));
    }
    let known = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
    match () {
        () if known(&STAGE) => Some(Target::Stage),
        () if known(&LEVEL) => Some(Target::Level),
        () => None,
    }
}

/// A name without marks and without what stands in brackets; and what stands in them.
fn parts(header: &str) -> (String, Vec<String>) {
    let mut plain = String::with_capacity(header.len());
    let mut inside: Vec<String> = Vec::new();
    let mut open = false;
    for c in header.chars() {
        match c {
            '(' | '（' | '[' | '［' | '【' | '「' | '<' | '《' => {
                open = true;
                inside.push(String::new());
            }
            ')' | '）' | ']' | '］' | '】' | '」' | '>' | '》' => open = false,
            '*' | '＊' | '★' | '●' | ':' | '：' | '#' | '\'' | '"' | '“' | '”' if !open => {}
            c => match inside.last_mut().filter(|_| open) {
                Some(text) => text.push(c),
                None => plain.push(c),
            },
        }
    }
    (plain, inside)
}
