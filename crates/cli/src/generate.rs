//! Made-up customers as a file.

use crate::output::{Output, Terminal};
use crate::sink::{Progress, Sink};
use crate::{folder, say};
use dossier_model::fault::{Fault, Lang};
use dossier_model::generate::{CUSTOMER_COLUMNS, Generator, csv_line};
use dossier_model::time::Day;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The day on which the made-up customers live. Fixed, so that a seed gives the same file on every day.
pub const TODAY: Day = Day(20_400);

/// Writes so many customers into a file, or to standard output.
///
/// # Errors
/// `file_unwritable`.
pub fn generate(
    customers: u64,
    out: &Path,
    seed: u64,
    terminal: Terminal,
    sink: &mut dyn Sink,
) -> Result<Output, Fault> {
    let failed = |error: std::io::Error| folder::unwritable(out, &error);
    if out == Path::new("-") {
        write(&mut BufWriter::new(std::io::stdout().lock()), customers, seed, terminal.lang, sink)
            .map_err(failed)?;
        return Ok(Output::default());
    }
    let part = part_of(out);
    let written = std::fs::File::create(&part).and_then(|file| {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        write(&mut file, customers, seed, terminal.lang, sink)?;
        std::fs::rename(&part, out)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        failed(error)
    })?;
    let path = out.display();
    let text = say!(
        terminal.lang,
        zh: "已将 {customers} 个虚构客户写入 {path}",
        en: "wrote {customers} made-up customers to {path}",
    );
    Ok(Output::new(&serde_json::json!({ "customers": customers, "file": out, "seed": seed }), text))
}

/// Head and rows of the file.
fn write(
    out: &mut dyn Write,
    customers: u64,
    seed: u64,
    lang: Lang,
    sink: &mut dyn Sink,
) -> std::io::Result<()> {
    const STEP: u64 = 1_000;
    let generator = Generator::new(seed, TODAY);
    let step = match lang {
        Lang::Zh => "生成",
        Lang::En => "making up",
    };
    let mut text = String::new();
    csv_line(&CUSTOMER_COLUMNS, &mut text);
    for number in 0..customers {
        csv_line(&generator.customer_cells(number), &mut text);
        if number % STEP == STEP - 1 {
            out.write_all(text.as_bytes())?;
            text.clear();
            let (step, note) = (step.to_owned(), String::new());
            sink.progress(&Progress { step, done: number + 1, total: customers, note });
        }
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The name under which the file grows, so that half a file is never taken for a whole one.
fn part_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    out.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{Closed, Item};

    struct Silent;

    impl Sink for Silent {
        fn progress(&mut self, _: &Progress) {}

        fn item(&mut self, _: &Item) -> Result<(), Closed> {
            Ok(())
        }
    }

    fn made(customers: u64, seed: u64) -> String {
        let mut out = Vec::new();
        write(&mut out, customers, seed, Lang::En, &mut Silent).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_file_has_a_head_and_as_many_rows_as_asked_for() {
        let text = made(2_500, 1);
        assert_eq!(text.lines().count(), 2_501);
        assert!(text.starts_with("企业名称,"), "{}", text.lines().next().unwrap());
    }

    #[test]
    fn a_seed_makes_the_same_file_and_another_one_another() {
        assert_eq!(made(10, 1), made(10, 1));
        assert_ne!(made(10, 1), made(10, 2));
        assert!(made(20, 1).starts_with(&made(10, 1)));
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let terminal = Terminal { lang: Lang::En, json: false };
        let fault = generate(1, &folder.path().join("no/such.csv"), 1, terminal, &mut Silent).unwrap_err();
        assert_eq!(fault.key, "file_unwritable");
        std::fs::create_dir(folder.path().join("taken.csv")).unwrap();
        let fault = generate(1, &folder.path().join("taken.csv"), 1, terminal, &mut Silent).unwrap_err();
        assert_eq!(fault.key, "file_unwritable");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
