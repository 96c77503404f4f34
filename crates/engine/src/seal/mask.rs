//! From a value to its masked text.

use dossier_crypto::{FieldMasks, MacKey};
use dossier_model::kind::{Field, Kind};
use dossier_model::mask::{Mask, Masking};
use dossier_model::value::Value;

/// How a field is shown masked whose values have this default mask.
pub(crate) fn masking(default: &Mask) -> Masking<'_> {
    Masking::new(default, None)
}

/// The masked text of a value of a field; `system` is the keyring's system key.
pub(crate) fn masked(system: &MacKey, kind: &Kind, field: &Field, default: &Mask, value: &Value) -> String {
    masking(default).apply(value, &FieldMasks::new(system, kind.id.0, field.number))
}
