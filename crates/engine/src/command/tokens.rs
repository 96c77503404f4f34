//! Tokens of a record: what its sealed values can be found by.

use crate::Engine;
use dossier_crypto::{MacKey, token8, token16};
use dossier_model::id::Rid;
use dossier_model::kind::{Kind, TokenField};
use dossier_model::value::Fields;
use dossier_store::Op;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tokens of one record under every index key that is in use.
#[derive(Default, PartialEq, Eq, Clone)]
pub(crate) struct Tokens {
    pub find: BTreeSet<(u32, u16, i64)>,
    pub unique: BTreeSet<(u32, u16, [u8; 16])>,
}

/// Computes the tokens of a record's values.
pub(crate) fn tokens_of(engine: &Engine, kind: &Kind, values: &Fields) -> Tokens {
    let sources = kind.tokens(values);
    let mut tokens = Tokens::default();
    for (version, key) in engine.index_keys() {
        for source in &sources {
            let TokenField(field) = source.field;
            if source.unique {
                tokens.unique.insert((field, version, token16(&key, field, &source.text)));
            } else {
                tokens.find.insert((field, version, token8(&key, field, &source.text)));
            }
        }
    }
    tokens
}

impl Engine {
    /// The index keys in use. Records have tokens under each of them.
    pub(crate) fn index_keys(&self) -> Vec<(u16, Arc<MacKey>)> {
        let keys = self.keyring.keys();
        let (_, versions) = keys.index_versions();
        let numbered = |version: u32| Some((u16::try_from(version).ok()?, keys.index(version)?.clone()));
        versions.into_iter().filter_map(numbered).collect()
    }
}

impl Tokens {
    /// Operations that lead from `before` to these; what goes is taken away before anything is put.
    pub(crate) fn ops_from(&self, before: &Tokens, rid: Rid) -> Vec<Op> {
        let mut ops = Vec::new();
        for &(field, version, token) in before.unique.difference(&self.unique) {
            ops.push(Op::DeleteUnique { field, version, token, slot: 0, rid });
        }
        for &(field, version, token) in before.find.difference(&self.find) {
            ops.push(Op::DeleteToken { field, version, token, rid });
        }
        for &(field, version, token) in self.unique.difference(&before.unique) {
            ops.push(Op::PutUnique { field, version, token, slot: 0, rid });
        }
        for &(field, version, token) in self.find.difference(&before.find) {
            ops.push(Op::PutToken { field, version, token, rid });
        }
        ops
    }
}
