//! `GET /v1/kinds`: what records are made of, as far as the caller may know it.

use std::collections::BTreeMap;

use axum::response::Response;
use dossier_engine::access::{Form, Reach, View};
use dossier_engine::model::kind::{FieldType, Group, Index, Relaxed};
use dossier_engine::model::mask::{FieldKeys, Keep, Mask, Masking, phone_parts};
use dossier_engine::model::time::Day;
use dossier_engine::model::{Class, Fault, Field, Kind, Kinds, Level, Stage, Subject, fault};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::Guarded;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;

/// All kinds.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindList {
    items: Vec<KindShown>,
}

/// A kind of record.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindShown {
    name: &'static str,
    /// Of its ids: `dos` in `dos_…`.
    prefix: &'static str,
    label: Label,
    /// Fields that the caller sees in no form are absent.
    fields: Vec<FieldShown>,
}

/// A name in both languages.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Label {
    zh: &'static str,
    en: &'static str,
}

/// A field as it is declared, and the form in which the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldShown {
    number: u16,
    name: &'static str,
    label: Label,
    #[schema(value_type = String, pattern = "^(text|choice|choices|date|money)$")]
    r#type: FieldType,
    /// 敏感等级
    #[schema(value_type = String, pattern = "^L[1-4]$")]
    level: Level,
    /// 备份类 1 is copied only when needed, 2 as a mask, 3 is copied.
    #[schema(value_type = u8, minimum = 1, maximum = 3)]
    class: Class,
    /// 掩码 The method of the default mask.
    #[schema(pattern = "^(none|ends|keep|name|email|address|band|regex|hash|token|full)$")]
    mask: &'static str,
    #[schema(value_type = String)]
    group: Group,
    /// 必填自 The stage from which on a value is needed.
    #[schema(value_type = Option<String>, required = true)]
    required_from: Option<Stage>,
    /// 应填 When a missing value counts against completeness.
    #[schema(required = true)]
    expected: Option<ExpectedShown>,
    unique: bool,
    find: bool,
    /// Whether it is found by its last four characters.
    find_by_last_four: bool,
    /// 按名称的一部分、简称、拼音或首字母查找 Found by a part of it, its short forms, its pinyin or initials.
    find_by_text: bool,
    /// 0 for what is no text.
    max_length: u32,
    options: Vec<OptionShown>,
    /// Cases in which the value is less sensitive.
    relaxed: Vec<Case>,
    /// Made up.
    example: &'static str,
    /// 示例的脱敏形式 The example as its mask shows it.
    example_masked: String,
    /// 可选掩码 Masks that a role may lay over the default one, as far as they show something else than that.
    masks: Vec<MaskShown>,
    /// 可见形式 `clear` or `masked` at its level.
    #[schema(pattern = "^(clear|masked|hidden)$")]
    shown: &'static str,
    /// 可查看 Whether a masked value may be opened with a purpose, of some record at least.
    openable: bool,
}

/// A mask, and the field's example as it shows that.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaskShown {
    /// The name of a method, or `keep` with what it needs.
    #[schema(schema_with = super::shown::mask)]
    mask: Mask,
    example: String,
}

/// From which stage on a field is expected, and of which subjects (of all when none is named).
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedShown {
    #[schema(value_type = String)]
    from: Stage,
    #[schema(value_type = Vec<String>)]
    subject: &'static [Subject],
}

/// One option of a choice.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionShown {
    code: &'static str,
    zh: &'static str,
    en: &'static str,
}

/// A case in which a value is less sensitive.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Choice fields, and the codes of which one has to stand there.
    when: &'static BTreeMap<String, Vec<String>>,
    #[schema(value_type = String, pattern = "^L[1-4]$")]
    level: Level,
    /// As `mask` of the field.
    mask: &'static str,
}

#[utoipa::path(
    get,
    path = "/v1/kinds",
    operation_id = "listKinds",
    tag = "kinds",
    summary = "类型与字段 Kinds and their fields",
    description = "不含对调用方隐藏的字段。Without the fields that are hidden from the caller.",
    responses((status = 200, description = "类型 Kinds", body = KindList), Guarded)
)]
pub(crate) async fn kinds(asked: Asked) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let shown = |kind| Ok(shown(&engine.view(caller, kind)?, kind));
            json(&KindList { items: Kinds::builtin().iter().map(shown).collect::<Result<_, Fault>>()? })
        })
        .await
}

fn shown(view: &View, kind: &'static Kind) -> KindShown {
    // A declaration is in no row: what is shown of some record is shown of it.
    let reach = view.anywhere();
    let fields = kind.fields.iter().filter_map(|field| field_shown(&reach, kind, field)).collect();
    KindShown { name: &kind.name, prefix: &kind.prefix, label: label(&kind.label), fields }
}

/// The levels at which a field's value may be sealed.
fn levels(field: &Field) -> impl Iterator<Item = Level> {
    std::iter::once(field.level).chain(field.relaxed.iter().map(|case| case.level))
}

/// None when the caller sees the field in no case at all.
fn field_shown(reach: &Reach<'_>, kind: &'static Kind, field: &'static Field) -> Option<FieldShown> {
    if levels(field).all(|level| reach.form(field.number, level) == Form::Hidden) {
        return None;
    }
    let Index { unique, find, last4, text, .. } = field.index;
    Some(FieldShown {
        number: field.number,
        name: &field.name,
        label: label(&field.label),
        r#type: field.ty,
        level: field.level,
        class: field.class,
        mask: field.mask.word(),
        group: field.group,
        required_from: field.required_from,
        expected: field
            .expected
            .as_ref()
            .map(|expected| ExpectedShown { from: expected.from, subject: &expected.subject }),
        unique,
        find,
        find_by_last_four: last4,
        find_by_text: text,
        max_length: field.max_len,
        options: field.options.iter().map(|o| OptionShown { code: &o.code, zh: &o.zh, en: &o.en }).collect(),
        relaxed: field.relaxed.iter().map(case).collect(),
        example: &field.example,
        example_masked: example_masked(kind, field, None),
        masks: masks(kind, field),
        shown: match reach.form(field.number, field.level) {
            Form::Clear => "clear",
            Form::Masked => "masked",
            Form::Hidden => "hidden",
        },
        openable: levels(field).any(|level| reach.may_reveal(field.number, level)),
    })
}

/// The masks that are offered for a field.
fn masks(kind: &Kind, field: &Field) -> Vec<MaskShown> {
    let keep = |first, last| Keep::new(first, last, 8).map(Mask::Keep);
    let ends = [keep(0, 4), keep(3, 0), Some(Mask::Ends)].into_iter().flatten();
    let all = ends.chain([Mask::Band, Mask::Hash, Mask::Token, Mask::Full]);
    let default = example_masked(kind, field, None);
    // Of what is left of a name the last four characters are none.
    let shows = |shown: &MaskShown| {
        let method = matches!(shown.mask, Mask::Hash | Mask::Token | Mask::Full);
        shown.example != default && (method || shown.example.chars().any(|c| c != '*'))
    };
    all.filter(|mask| mask.suits(field.ty))
        .map(|mask| MaskShown { example: example_masked(kind, field, Some(&mask)), mask })
        .filter(shows)
        .collect()
}

/// What whoever sees the field masked would see of its example, through the default mask and the one of a role.
fn example_masked(kind: &Kind, field: &Field, wanted: Option<&Mask>) -> String {
    /// No example is a date after it.
    const LATE: Day = Day(40_000);
    let value = kind.accept_text(field, &field.example, None, LATE).ok().flatten();
    let mask = Masking::new(&field.mask, wanted);
    value.map_or_else(|| Mask::Full.apply_text(&field.example), |value| mask.apply(&value, &ExampleKeys))
}

/// What hashes and tokens of examples look like: they are made without a key, and are those of nobody.
struct ExampleKeys;

impl FieldKeys for ExampleKeys {
    fn hash(&self, _text: &str) -> Option<[u8; 8]> {
        Some([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef])
    }

    fn token(&self, text: &str) -> Option<String> {
        let digits = |text: &str| text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let other = |text: &str| {
            text.chars()
                .map(|c| {
                    c.to_digit(10).map_or(c, |d| char::from(b'0' + u8::try_from((d + 3) % 10).unwrap_or(0)))
                })
                .collect::<String>()
        };
        Some(match phone_parts(text) {
            Some((country, national)) => format!("+{country}{}", other(national)),
            None if digits(text) => other(text),
            None => "tok_0123456789abcdef".to_owned(),
        })
    }
}

fn label(label: &'static fault::Label) -> Label {
    Label { zh: &label.zh, en: &label.en }
}

fn case(relaxed: &'static Relaxed) -> Case {
    Case { when: &relaxed.when, level: relaxed.level, mask: relaxed.mask.word() }
}
