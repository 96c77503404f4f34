//! Where a dossier belongs, as far as its own values say it: the clear columns that row rules ask for.

use dossier_model::address::province_no;
use dossier_model::kind::Kind;
use dossier_model::scope::Place;
use dossier_model::value::Fields;

/// The text or code of a field.
fn text<'f>(kind: &Kind, fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields.get(&kind.by_name(name)?.number)?.as_text()
}

/// An industry's two digits as the number in the clear column.
pub(crate) fn industry_no(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The place of a customer with these values: region by province, band by customer level, counted from 1 (until there are
/// contracts whose amounts can be ranked).
pub(crate) fn place_of(kind: &Kind, fields: &Fields, team: u32, owner: u32) -> Place {
    let band = || {
        let level = kind.by_name("customer_level")?;
        let code = fields.get(&level.number)?.as_text()?;
        let at = level.options.iter().position(|option| option.code == code)?;
        u32::try_from(at + 1).ok()
    };
    Place {
        team,
        region: text(kind, fields, "province").and_then(province_no).unwrap_or(0),
        industry: text(kind, fields, "industry").and_then(industry_no).unwrap_or(0),
        band: band().unwrap_or(0),
        owner,
        dossier: 0,
    }
}
