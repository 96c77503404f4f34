//! From a value to its masked text.

use dossier_crypto::{FieldMasks, MacKey};
use dossier_model::kind::{Field, Kind};
use dossier_model::mask::{Mask, Masking};
use dossier_model::value::Value;

/// The masked text of a value of a field; `system` is the keyring's system key, `default` the mask of the place where the
/// value lies, and `wanted` the one of whoever looks.
pub(crate) fn masked(
    system: &MacKey,
    kind: &Kind,
    field: &Field,
    default: &Mask,
    wanted: Option<&Mask>,
    value: &Value,
) -> String {
    Masking::new(default, wanted).apply(value, &FieldMasks::new(system, kind.id.0, field.number))
}
