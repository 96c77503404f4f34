//! One worksheet of a workbook (ECMA-376 part 1, 18.3), row by row.
//!
//! Formulas are never computed: the value that the spreadsheet kept beside them is read. Hidden rows and columns are
//! read like any other, since a filter hides customers too; hidden sheets only when named. Of merged cells the first
//! has the value, as in the file.

use super::package::{Package, broken};
use super::strings::{Shown, Strings, unescaped};
use super::styles::Styles;
use super::xml::{Xml, attribute, push_text};
use super::{LONGEST_ROW, MOST_COLUMNS, Row, Source, cell};
use dossier_model::fault::Fault;
use quick_xml::events::{BytesStart, Event};

const MOST_SHEETS: usize = 1_000;
/// The last column there is, from 1.
const LAST_COLUMN: usize = 16_384;

/// The sheets of a workbook and what their cells need.
struct Book {
    package: Package,
    /// Name, part, whether it is hidden.
    sheets: Vec<(String, String, bool)>,
    since_1904: bool,
    strings: Strings,
    styles: Styles,
}

/// The rows of one worksheet.
pub struct Sheet {
    xml: Xml,
    strings: Strings,
    styles: Styles,
    since_1904: bool,
    last_row: u64,
    /// Columns of the header.
    width: usize,
    ended: bool,
}

/// The sheet that was asked for, else the first visible one with content; and its rows.
pub(super) fn choose(source: &Source) -> Result<(String, Sheet), Fault> {
    let mut book = Book::read(source)?;
    if let Some(name) = &source.sheet {
        return Ok((name.clone(), book.sheet(name)?));
    }
    let visible: Vec<String> =
        book.sheets.iter().filter(|(_, _, hidden)| !hidden).map(|(name, _, _)| name.clone()).collect();
    for name in visible {
        let mut sheet = book.sheet(&name)?;
        if sheet.next_row(usize::MAX)?.is_some() {
            (book.strings, book.styles) = (sheet.strings, sheet.styles);
            return Ok((name.clone(), book.sheet(&name)?));
        }
        (book.strings, book.styles) = (sheet.strings, sheet.styles);
    }
    Err(Fault::new("import_empty"))
}

/// The rows of the sheet of this name.
pub(super) fn open(source: &Source, sheet: &str) -> Result<Sheet, Fault> {
    Book::read(source)?.sheet(sheet)
}

impl Book {
    fn read(source: &Source) -> Result<Book, Fault> {
        let package = Package::open(source)?;
        let relations = relations(&package)?;
        let mut sheets = Vec::new();
        let mut since_1904 = false;
        let mut xml = Xml::new(package.part("xl/workbook.xml")?);
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = &event else { continue };
            match tag.local_name().as_ref() {
                "workbookPr" => {
                    since_1904 = matches!(attribute(tag, "date1904").as_deref(), Some("1" | "true"));
                }
                "sheet" if sheets.len() < MOST_SHEETS => {
                    let id = attribute(tag, "id");
                    let of_sheet = |relation: &&Relation| {
                        Some(&relation.id) == id.as_ref() && relation.kind.ends_with("/worksheet")
                    };
                    let hidden = attribute(tag, "state").is_some_and(|state| state != "visible");
                    if let Some(relation) = relations.iter().find(of_sheet) {
                        sheets.push((
                            attribute(tag, "name").unwrap_or_default(),
                            relation.part.clone(),
                            hidden,
                        ));
                    }
                }
                _ => {}
            }
        }
        let part = |kind: &str| {
            relations.iter().find(|relation| relation.kind.ends_with(kind)).map(|found| &found.part)
        };
        let strings =
            part("/sharedStrings").map(|part| Strings::read(&package, part)).transpose()?.unwrap_or_default();
        let styles =
            part("/styles").map(|part| Styles::read(&package, part)).transpose()?.unwrap_or_default();
        Ok(Book { package, sheets, since_1904, strings, styles })
    }

    /// Hands its texts and styles over to the sheet.
    fn sheet(&mut self, name: &str) -> Result<Sheet, Fault> {
        let found = self.sheets.iter().find(|(known, _, _)| known == name);
        let (_, part, _) = found.ok_or_else(|| Fault::new("import_sheet_missing"))?;
        Ok(Sheet {
            xml: Xml::new(self.package.part(part)?),
            strings: std::mem::take(&mut self.strings),
            styles: std::mem::take(&mut self.styles),
            since_1904: self.since_1904,
            last_row: 0,
            width: 0,
            ended: false,
        })
    }
}

/// A part that the workbook leans on.
struct Relation {
    id: String,
    kind: String,
    part: String,
}

fn relations(package: &Package) -> Result<Vec<Relation>, Fault> {
    let mut relations = Vec::new();
    let mut xml = Xml::new(package.part("xl/_rels/workbook.xml.rels")?);
    while let Some(event) = xml.next()? {
        if let Event::Start(tag) = &event
            && tag.local_name().as_ref() == "Relationship"
            && relations.len() < MOST_SHEETS
            && let (Some(id), Some(kind), Some(target)) =
                (attribute(tag, "Id"), attribute(tag, "Type"), attribute(tag, "Target"))
        {
            let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            relations.push(Relation { id, kind, part });
        }
    }
    Ok(relations)
}

/// A cell as it is being read.
#[derive(Default)]
struct Cell {
    kind: String,
    style: usize,
    value: Option<String>,
    inline: String,
    formula: bool,
}

impl Sheet {
    pub(super) fn header(&mut self) -> Result<Option<Row>, Fault> {
        let row = self.next_row(usize::MAX)?;
        self.width = row.as_ref().map_or(0, |row| row.cells.len());
        Ok(row)
    }

    pub(super) fn next_row(&mut self, most: usize) -> Result<Option<Row>, Fault> {
        while !self.ended {
            let number = match self.xml.next().inspect_err(|_| self.ended = true)? {
                None => {
                    self.ended = true;
                    break;
                }
                Some(Event::Start(tag)) if tag.local_name().as_ref() == "row" => {
                    attribute(&tag, "r").map_or(Some(self.last_row + 1), |r| r.parse().ok())
                }
                _ => continue,
            };
            let row = self.row(number, most).inspect_err(|_| self.ended = true)?;
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    fn row(&mut self, number: Option<u64>, most: usize) -> Result<Option<Row>, Fault> {
        // Rows stand in their order; whatever else is no worksheet that a spreadsheet wrote.
        let number = number.filter(|number| *number > self.last_row).ok_or_else(broken)?;
        self.last_row = number;
        let mut cells = csv::StringRecord::new();
        let mut faults = Vec::new();
        // Where a cell stands that does not say so: behind the one before it, whatever was in that.
        let mut next = 0;
        loop {
            let (at, cell) = match self.xml.next()?.ok_or_else(broken)? {
                Event::End(tag) if tag.local_name().as_ref() == "row" => break,
                Event::Start(tag) if tag.local_name().as_ref() == "c" => begin(&tag, next, number)?,
                _ => continue,
            };
            next = at + 1;
            let cell = self.cell(cell)?;
            let text = match self.text(&cell) {
                Ok(text) => text,
                Err(fault) => {
                    faults.push((at, fault));
                    String::new()
                }
            };
            if text.is_empty() && !faults.iter().any(|(of, _)| *of == at) {
                continue;
            }
            while cells.len() < at {
                cells.push_field("");
            }
            cells.push_field(&text);
            if cells.as_slice().len() as u64 > LONGEST_ROW {
                return Err(Fault::new("import_row_too_long").with("row", number.to_string()));
            }
        }
        while cells.len() < self.width.min(MOST_COLUMNS) {
            cells.push_field("");
        }
        let troubled = !faults.is_empty();
        let Some(mut row) = Row::of(number, cells.clone(), most)? else {
            return Ok(troubled.then_some(Row { number, cells, faults, ..Row::default() }));
        };
        row.faults.extend(faults);
        Ok(Some(row))
    }

    fn cell(&mut self, mut cell: Cell) -> Result<Cell, Fault> {
        let (mut in_value, mut shown) = (false, Shown::default());
        loop {
            let event = self.xml.next()?.ok_or_else(broken)?;
            match &event {
                Event::End(tag) if tag.local_name().as_ref() == "c" => return Ok(cell),
                Event::Start(tag) if tag.local_name().as_ref() == "v" => {
                    in_value = true;
                    cell.value = Some(String::new());
                }
                Event::End(tag) if tag.local_name().as_ref() == "v" => in_value = false,
                Event::Start(tag) if tag.local_name().as_ref() == "f" => cell.formula = true,
                other => match &mut cell.value {
                    Some(value) if in_value => {
                        push_text(other, value)?;
                        if value.len() > 4 * super::LONGEST_CELL {
                            return Err(Fault::new("import_bomb"));
                        }
                    }
                    _ => shown.push(other, &mut cell.inline)?,
                },
            }
        }
    }

    fn text(&self, cell: &Cell) -> Result<String, Fault> {
        let Some(value) = cell.value.as_deref() else {
            return match cell.kind.as_str() {
                "inlineStr" => Ok(unescaped(&cell.inline).into_owned()),
                _ if cell.formula => Err(Fault::new("import_formula_empty")),
                _ => Ok(String::new()),
            };
        };
        match cell.kind.as_str() {
            "s" => {
                let text = value.trim().parse().ok().and_then(|number| self.strings.get(number));
                text.map(str::to_owned).ok_or_else(cell::unreadable)
            }
            "str" | "inlineStr" | "d" => Ok(unescaped(value).into_owned()),
            "b" => Ok(if value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned()),
            "e" => Err(Fault::new("import_cell_error")),
            _ if value.trim().is_empty() => Ok(String::new()),
            _ if self.styles.is_date(cell.style) => cell::date(value, self.since_1904),
            _ => cell::number(value),
        }
    }
}

/// A cell's column and what is said of it where it begins.
fn begin(tag: &BytesStart<'_>, next: usize, row: u64) -> Result<(usize, Cell), Fault> {
    let at = match attribute(tag, "r") {
        Some(reference) => match cell::position(&reference) {
            Some((column, of)) if of == row && column >= next => column,
            _ => return Err(broken()),
        },
        None => next,
    };
    if at >= LAST_COLUMN {
        return Err(broken());
    }
    let style = attribute(tag, "s").and_then(|style| style.parse().ok()).unwrap_or(0);
    Ok((at, Cell { kind: attribute(tag, "t").unwrap_or_default(), style, ..Cell::default() }))
}
