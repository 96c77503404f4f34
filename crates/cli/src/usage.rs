//! What is said about a command line that cannot be understood.

use crate::say;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use dossier_model::fault::Lang;

/// One sentence with what is wrong and how to mend it. Never a value of an option other than what was refused.
pub fn explain(error: &clap::Error, lang: Lang) -> String {
    let what = part(error, ContextKind::InvalidArg);
    let value = part(error, ContextKind::InvalidValue);
    let command = part(error, ContextKind::InvalidSubcommand);
    let allowed = part(error, ContextKind::ValidValue);
    let sentence = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            say!(lang, zh: "没有命令 `{command}`", en: "there is no command `{command}`")
        }
        ErrorKind::UnknownArgument => {
            say!(lang, zh: "没有选项或参数 `{what}`", en: "there is no option or argument `{what}`")
        }
        ErrorKind::MissingRequiredArgument => {
            say!(lang, zh: "缺少 {what}", en: "{what} is missing")
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            say!(lang, zh: "缺少命令", en: "a command is missing")
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            say!(lang, zh: "{what} 后面缺少值", en: "{what} needs a value")
        }
        ErrorKind::InvalidValue if !allowed.is_empty() => say!(
            lang,
            zh: "{what} 不接受 `{value}`，可用：{allowed}",
            en: "{what} does not take `{value}`, only {allowed}",
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            match reason.split_once(" is not in ") {
                Some((_, range)) => say!(
                    lang,
                    zh: "{what} 不接受 `{value}`，范围是 {range}",
                    en: "{what} does not take `{value}`, only {range}",
                ),
                None => say!(
                    lang,
                    zh: "{what} 不接受 `{value}`，应为整数",
                    en: "{what} does not take `{value}`, only a whole number",
                ),
            }
        }
        ErrorKind::ArgumentConflict => {
            say!(lang, zh: "{what} 只能给一次，或与其他选项冲突", en: "{what} is given twice, or together with an option that excludes it")
        }
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => {
            say!(lang, zh: "{what} 的值的个数不对", en: "{what} has the wrong number of values")
        }
        ErrorKind::InvalidUtf8 => {
            say!(lang, zh: "参数不是有效的 UTF-8", en: "an argument is not valid UTF-8")
        }
        _ => error.kind().to_string(),
    };
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .filter_map(|kind| nearest(error, kind))
        .find(|near| !near.is_empty());
    let mend = match near {
        Some(near) => say!(lang, zh: "；是否想写 `{near}`？", en: "; did you mean `{near}`?"),
        None => String::new(),
    };
    sentence + &mend
}

/// The suggestion that is most like what was typed: clap gives that one last.
fn nearest(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.last().cloned(),
        _ => Some(part(error, kind)),
    }
}

/// A part of what clap knows about the error, as text.
fn part(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &[&str], lang: Lang) -> String {
        let error = crate::help::command(lang).try_get_matches_from(line).unwrap_err();
        explain(&error, lang)
    }

    #[test]
    fn a_usage_error_names_what_is_wrong_in_the_callers_language() {
        let lines: [&[&str]; 8] = [
            &["dossier"],
            &["dossier", "imprt", "x.csv"],
            &["dossier", "import", "x.csv", "--duplicates", "boss"],
            &["dossier", "user", "add", "张"],
            &["dossier", "import", "x.csv", "--taem", "y"],
            &["dossier", "ledger", "consistency", "--from", "many"],
            &["dossier", "ledger", "show", "--limit", "0"],
            &["dossier", "serve", "--listen"],
        ];
        let all: Vec<String> =
            lines.iter().flat_map(|line| [said(line, Lang::Zh), said(line, Lang::En)]).collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
