//! By an exact identity: a token row is only a hint, the value itself decides.

use super::{Gathered, MOST};
use crate::TENANT;
use crate::context::{Context, Stop};
use crate::record::Found;
use crate::seal::{Opened, damaged};
use dossier_access::{Action, Form, View};
use dossier_crypto::{token8, token16};
use dossier_model::code::CustomerCode;
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::{Kind, KindId, TokenField, TokenSource, TokenUse};
use dossier_model::value::Fields;
use dossier_store::{Read, RowBy, STATE_ERASED};
use std::collections::BTreeSet;

/// At most so many rows are looked at behind one token, whether in reach or not.
const CANDIDATES: usize = 1000;
/// A text with so many digits is meant as a number.
const DIGITS: usize = 4;

/// A text that may be a number, a code or a mail address.
pub(super) struct Identity {
    code: Option<CustomerCode>,
    /// Every token that it may stand for, by kind.
    sought: Vec<(KindId, Vec<TokenSource>)>,
}

impl Identity {
    /// Reads a text as an identity; none where it is not meant as one.
    ///
    /// # Errors
    /// `find_not_allowed` for whoever may not find by numbers. A customer code is no number of anybody's.
    pub(super) fn read(cx: &Context<'_>, text: &str) -> Result<Option<Identity>, Stop> {
        let code = CustomerCode::parse(text).ok();
        let numbers = text.contains(['@', '＠'])
            || text.chars().filter(|c| c.is_ascii_digit() || ('０'..='９').contains(c)).count() >= DIGITS;
        if code.is_none() && !numbers {
            return Ok(None);
        }
        let may = cx.actions().has(Action::Find);
        if !may && code.is_none() {
            return Err(Fault::new("find_not_allowed").into());
        }
        let mut sought = Vec::new();
        for kind in [KindId::CUSTOMER, KindId::CONTACT] {
            let (view, kind) = cx.view_of(kind)?;
            view.anywhere().permit(Action::Read)?;
            sought.push((kind.id, if may { tokens(kind, text) } else { Vec::new() }));
        }
        Ok(Some(Identity { code, sought }))
    }

    /// Shows what has it.
    pub(super) fn look_up(
        &self,
        cx: &Context<'_>,
        read: &dyn Read,
        gathered: &mut Gathered,
    ) -> Result<(), Stop> {
        for (kind, sought) in &self.sought {
            let (view, kind) = cx.view_of(*kind)?;
            for rid in self.candidates(cx, read, kind, sought)? {
                if gathered.hits.items.len() == MOST as usize {
                    gathered.hits.more = true;
                    return Ok(());
                }
                self.hit(cx, read, &view, kind, rid, sought, gathered)?;
            }
        }
        Ok(())
    }

    fn candidates(
        &self,
        cx: &Context<'_>,
        read: &dyn Read,
        kind: &Kind,
        sought: &[TokenSource],
    ) -> Result<BTreeSet<Rid>, Stop> {
        let mut rids = BTreeSet::new();
        if kind.id == KindId::CUSTOMER
            && let Some(code) = &self.code
            && let Some(row) = read.row(TENANT, &RowBy::Code(code.as_str().to_owned()))?
        {
            rids.insert(row.rid);
        }
        for (version, key) in cx.engine.index_keys() {
            for source in sought {
                let TokenField(field) = source.field;
                if source.unique {
                    let token = token16(&key, field, &source.text);
                    rids.extend(read.by_unique(TENANT, field, version, &token)?);
                } else {
                    let token = token8(&key, field, &source.text);
                    rids.extend(read.by_token(TENANT, field, version, token, CANDIDATES)?);
                }
            }
        }
        Ok(rids)
    }

    /// Shows a candidate if the view reaches it and the value is really there.
    #[allow(clippy::too_many_arguments, reason = "the state of one loop")]
    fn hit(
        &self,
        cx: &Context<'_>,
        read: &dyn Read,
        view: &View,
        kind: &'static Kind,
        rid: Rid,
        sought: &[TokenSource],
        gathered: &mut Gathered,
    ) -> Result<(), Stop> {
        let Some(row) = read.row(TENANT, &RowBy::Rid(rid))? else { return Ok(()) };
        if row.kind != kind.id || row.state == STATE_ERASED || !view.reads(&row.place()) {
            return Ok(());
        }
        let key = read
            .key(TENANT, row.domain, row.key_version)?
            .ok_or_else(|| damaged("its data key is missing"))?;
        let opened = Opened::new(TENANT, kind, &row, &key, &cx.engine.keyring)?;
        let by_code = self.code.is_some_and(|code| row.code.as_deref() == Some(code.as_str()));
        let found = if by_code {
            Found { field: Some("code"), how: "exact" }
        } else {
            // The right to find by numbers has to hold there too.
            if !view.at(&row.place()).may(Action::Find) {
                return Ok(());
            }
            let values: Fields =
                opened.all()?.into_iter().map(|(number, (value, _))| (number, value)).collect();
            let reach = view.at(&row.place());
            // By what is hidden nothing is found.
            let is_seen = |number| {
                let field = kind.field(number);
                field.is_some_and(|field| {
                    reach.form(number, field.placement(&values, kind).level) != Form::Hidden
                })
            };
            let tokens = kind.tokens(&values);
            let mut fitting = tokens.iter().filter(|token| sought.contains(token));
            let Some(token) = fitting.find(|token| is_seen(token.field.number())) else { return Ok(()) };
            let how = if token.field.usage() == Some(TokenUse::LastFour) { "last_four" } else { "exact" };
            Found { field: kind.field(token.field.number()).map(|field| field.name.as_str()), how }
        };
        gathered.show(cx, read, view, &opened, found)
    }
}

/// Every token that a text may stand for, read in each way that it can be read.
fn tokens(kind: &Kind, text: &str) -> Vec<TokenSource> {
    let mut out = Vec::new();
    for field in kind.fields.iter().filter(|field| field.enabled) {
        // A text that cannot be this field's value is looked for in the others.
        out.extend(kind.lookup(field, text).unwrap_or_default());
    }
    out
}
