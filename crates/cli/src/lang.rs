//! In which language the program speaks.

use dossier_model::fault::Lang;

/// Chooses between the two texts of a message, filling in what stands in braces.
#[macro_export]
macro_rules! say {
    ($lang:expr, zh: $zh:literal, en: $en:literal $(,)?) => {
        match $lang {
            dossier_model::fault::Lang::Zh => format!($zh),
            dossier_model::fault::Lang::En => format!($en),
        }
    };
}

/// The language for these arguments and this environment. `--lang` is looked for before the arguments are read, since
/// help and usage errors come in it too.
pub fn choose(arguments: &[String], environment: impl Fn(&str) -> Option<String>) -> Lang {
    let asked =
        arguments.iter().enumerate().find_map(|(i, argument)| match argument.strip_prefix("--lang") {
            Some("") => arguments.get(i + 1).cloned(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        });
    if let Some(lang) = asked.as_deref().and_then(named) {
        return lang;
    }
    // The first that is set and not empty decides, as in `setlocale(3)`.
    let locale =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| environment(name).filter(|v| !v.is_empty()));
    match locale {
        None => Lang::Zh,
        Some(locale) => named(&locale).unwrap_or(Lang::En),
    }
}

/// The code of a language, as `--lang` takes it.
pub fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// The language of a code or a locale such as `zh_CN.UTF-8`.
pub fn named(text: &str) -> Option<Lang> {
    match text.split(['_', '-', '.', '@']).next() {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(arguments: &[&str], environment: &[(&str, &str)]) -> Lang {
        let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
        choose(&arguments, |name| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn chinese_is_spoken_where_nothing_is_set() {
        assert_eq!(with(&["dossier"], &[]), Lang::Zh);
        assert_eq!(with(&["dossier"], &[("LANG", "")]), Lang::Zh);
    }

    #[test]
    fn the_locale_decides_and_its_strongest_variable_wins() {
        assert_eq!(with(&[], &[("LANG", "en_GB.UTF-8")]), Lang::En);
        assert_eq!(with(&[], &[("LANG", "en_GB.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(with(&[], &[("LANG", "C.UTF-8")]), Lang::En);
        assert_eq!(with(&[], &[("LANG", "de_DE")]), Lang::En);
    }

    #[test]
    fn the_option_wins_in_either_form() {
        assert_eq!(with(&["dossier", "--lang", "en"], &[]), Lang::En);
        assert_eq!(with(&["dossier", "key", "--lang=zh"], &[("LANG", "en_US")]), Lang::Zh);
        assert_eq!(with(&["dossier", "--language=en"], &[]), Lang::Zh, "another option");
    }
}
