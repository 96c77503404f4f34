//! From an opened row to what a view may see of it.

use super::Opened;
use super::mask::masked;
use crate::record::ShownFields;
use dossier_access::{Form, Reach};
use dossier_crypto::MacKey;
use dossier_model::fault::Fault;
use dossier_model::kind::Field;
use dossier_model::mask::{Mask, Masking};
use dossier_model::{Class, Level};
use std::collections::BTreeMap;

/// Which fields are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    All,
    These(&'a [u16]),
}

impl Wanted<'_> {
    fn has(self, field: &Field) -> bool {
        match self {
            Wanted::All => true,
            Wanted::These(numbers) => numbers.contains(&field.number),
        }
    }
}

/// What a view sees of one row.
#[derive(Default)]
pub(crate) struct Shown {
    pub fields: ShownFields,
    pub masked: Vec<&'static str>,
    /// Number and form of each field shown, for the ledger.
    pub forms: Vec<(u16, Form)>,
    /// Provenance number of each field shown, where it was asked for.
    pub origins: BTreeMap<&'static str, u16>,
}

impl Shown {
    fn masked(&mut self, field: &'static Field, mask: &str) {
        self.fields.put_text(&field.name, mask);
        self.forms.push((field.number, Form::Masked));
        self.masked.push(&field.name);
    }
}

/// Opens exactly the segments that this view needs for the wanted fields. What is opened and not for the view is
/// filtered out here, before it leaves the engine. `system` is the keyring's system key.
///
/// # Errors
/// `sealed_damaged`.
pub(crate) fn show(
    opened: &Opened<'_>,
    system: &MacKey,
    reach: &Reach<'_>,
    wanted: Wanted<'_>,
    provenance: bool,
) -> Result<Shown, Fault> {
    let mut shown = Shown::default();
    for (level, class) in opened.places() {
        let need = Need::of(opened, reach, wanted, level, class, provenance);
        if need.values {
            show_values(opened, system, reach, wanted, (level, class), provenance, &mut shown)?;
        } else if need.masks {
            opened.each_mask(level, class, |number, mask| {
                let field = opened.kind.field(number).filter(|field| wanted.has(field));
                let Some(field) = field.filter(|_| reach.form(number, level) == Form::Masked) else { return };
                if let Some(default) = mask_at(field, level, class) {
                    let masking = Masking::new(default, reach.mask(number, level));
                    shown.masked(field, &masking.apply_masked(mask));
                }
            })?;
        }
    }
    shown.fields.sort();
    shown.masked.sort_unstable();
    shown.forms.sort_unstable_by_key(|(number, _)| *number);
    Ok(shown)
}

struct Need {
    values: bool,
    masks: bool,
}

impl Need {
    /// What has to be opened in one place. Fields that may lie there are known from the kind alone.
    fn of(
        opened: &Opened<'_>,
        reach: &Reach<'_>,
        wanted: Wanted<'_>,
        level: Level,
        class: Class,
        provenance: bool,
    ) -> Need {
        let mut need = Need { values: false, masks: false };
        // Masks that were made by other rules than those of now are made afresh.
        let stale = opened.row.mask_revision != opened.kind.mask_revision;
        for field in opened.kind.fields.iter().filter(|field| wanted.has(field)) {
            let Some(default) = mask_at(field, level, class) else { continue };
            // A mask that shows another part than the default one, or hides a value that has none, is made of the value.
            let of_value = || Masking::new(default, reach.mask(field.number, level)).needs_value();
            match reach.form(field.number, level) {
                Form::Clear => need.values = true,
                Form::Masked if stale || provenance || of_value() => need.values = true,
                Form::Masked => need.masks = true,
                Form::Hidden => {}
            }
        }
        need
    }
}

/// The default mask of a field's value that is sealed in this place; none when it is never sealed there.
fn mask_at(field: &Field, level: Level, class: Class) -> Option<&Mask> {
    std::iter::once((field.level, field.class, &field.mask))
        .chain(field.relaxed.iter().map(|case| (case.level, case.class, &case.mask)))
        .find(|(at, of, _)| (*at, *of) == (level, class))
        .map(|(_, _, mask)| mask)
}

fn show_values(
    opened: &Opened<'_>,
    system: &MacKey,
    reach: &Reach<'_>,
    wanted: Wanted<'_>,
    (level, class): (Level, Class),
    provenance: bool,
    shown: &mut Shown,
) -> Result<(), Fault> {
    let keep = |field: &Field| wanted.has(field) && reach.form(field.number, level) != Form::Hidden;
    opened.each_value(level, class, keep, |field, value, origin| {
        if reach.form(field.number, level) == Form::Clear {
            shown.fields.put_value(&field.name, &value);
            shown.forms.push((field.number, Form::Clear));
        } else {
            let default = mask_at(field, level, class).unwrap_or(&Mask::Full);
            let wanted = reach.mask(field.number, level);
            shown.masked(field, &masked(system, opened.kind, field, default, wanted, &value));
        }
        if provenance {
            shown.origins.insert(&field.name, origin);
        }
    })
}
