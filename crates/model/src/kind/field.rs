//! One field's declaration, and where a value of it belongs.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{FieldType, Kind, Label, header_key};
use crate::address;
use crate::check;
use crate::fault::{Fault, Problem};
use crate::level::{Class, Level, Stage, Subject};
use crate::mask::Mask;
use crate::value::{Fields, Value};

/// A field of a kind. Serialises as the description that the interfaces hand out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its number within the kind; never used again.
    pub number: u16,
    /// Its name in JSON.
    pub name: String,
    /// What people call it.
    pub label: Label,
    /// The shape of its values.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// How much of its content has a fixed form.
    pub form: Form,
    /// How values are normalised and checked.
    pub check: Check,
    /// Sensitivity, unless relaxed.
    pub level: Level,
    /// Backup class, unless relaxed.
    pub class: Class,
    /// Default mask, unless relaxed.
    pub mask: Mask,
    /// The part of a form where it stands.
    pub group: Group,
    /// Cases in which the value is less sensitive; the first that holds counts.
    pub relaxed: Vec<Relaxed>,
    /// The stage from which on a value is needed.
    pub required_from: Option<Stage>,
    /// When a value is expected, without being needed: missing, it counts against the record's completeness.
    pub expected: Option<Expected>,
    /// How it can be found.
    pub index: Index,
    /// The choice field together with which it is unique.
    pub unique_with: Option<String>,
    /// Column headers that mean it.
    pub aliases: Vec<String>,
    /// A made-up value.
    pub example: String,
    /// Whether it takes values.
    pub enabled: bool,
    /// Most characters of a text; 0 for other types.
    pub max_len: u32,
    /// What can be chosen.
    pub options: Vec<Choice>,
    /// Position of an option by each word that means it.
    #[serde(skip)]
    pub(super) words: HashMap<String, usize>,
}

/// How much of a field's content has a fixed form (requirement A9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A fixed form.
    #[default]
    Structured,
    /// Parts of a fixed form.
    SemiStructured,
    /// Free text.
    Unstructured,
}

/// The part of a form where a field stands, and what roles are given rights on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// About the customer.
    General,
    /// About a person.
    Person,
    /// Documents and what the register says.
    Identity,
    /// How to reach somebody.
    Contact,
    /// Money.
    Finance,
}

/// The normaliser and check of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Ends trimmed, no invisible characters.
    #[default]
    None,
    /// A name as on the licence.
    Name,
    /// By the document type that stands in the field of `unique_with`.
    DocumentNumber,
    /// A tax number.
    TaxNumber,
    /// A phone number, kept as E.164.
    Phone,
    /// A mail address.
    Email,
    /// A mail address that is no free mailbox when its customer is an organisation.
    CompanyMailbox,
    /// A bank card.
    BankCard,
    /// A bank account.
    BankAccount,
    /// A province of China in its short form; other texts as they are.
    Province,
    /// An address in its five parts; see [`crate::address`].
    Address,
    /// A day that is not in the future.
    PastDate,
    /// An amount that is not negative.
    NotNegative,
}

/// How a field can be found. Each of these leaks something, which the documentation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Index {
    /// One live record for each value.
    pub unique: bool,
    /// By the whole value.
    pub find: bool,
    /// By the last four characters.
    pub last4: bool,
    /// By a part of it, its short forms and how it is spelt.
    pub text: bool,
    /// Groups records in clear (as a random number per tenant); never above L2.
    pub facet: bool,
}

/// A case in which a value is public: the numbers of firms, for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxed {
    /// Choice fields with the codes of which one has to stand there; all of them have to hold.
    pub when: BTreeMap<String, Vec<String>>,
    /// The sensitivity then.
    pub level: Level,
    /// The backup class then.
    pub class: Class,
    /// The default mask then.
    pub mask: Mask,
}

/// When a field is expected to hold a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The stage from which on.
    pub from: Stage,
    /// Of which customers; of all when empty.
    #[serde(default)]
    pub subject: Vec<Subject>,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub code: String,
    /// What people call it.
    pub zh: String,
    /// What people call it.
    pub en: String,
    /// Other words that mean it in input.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// Where a value is sealed and how it is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement<'k> {
    /// Sensitivity.
    pub level: Level,
    /// Backup class.
    pub class: Class,
    /// Default mask.
    pub mask: &'k Mask,
}

impl Field {
    /// Where this field's value of this record belongs: as declared, or by the first relaxed case that holds.
    #[must_use]
    pub fn placement(&self, record: &Fields, kind: &Kind) -> Placement<'_> {
        let declared = Placement { level: self.level, class: self.class, mask: &self.mask };
        let Some(case) = self.relaxed.iter().find(|case| case.holds(record, kind)) else { return declared };
        // A sole trader's tax number can be an identity number: whatever the case says, that is no public number.
        let value = record.get(&self.number).and_then(Value::as_text);
        if value.is_some_and(holds_identity_number) {
            return declared;
        }
        Placement { level: case.level, class: case.class, mask: &case.mask }
    }

    /// The option that a text means: its code, label or another word for it.
    #[must_use]
    pub fn option(&self, text: &str) -> Option<&Choice> {
        // Codes first: they need no normal form, and programs send nothing else.
        let by_code = self.options.iter().find(|option| option.code == text);
        by_code.or_else(|| self.words.get(&header_key(text)).and_then(|at| self.options.get(*at)))
    }

    /// How many characters count against `max_len`. The bars of an address come with its form: nobody typed them.
    #[must_use]
    pub fn length_of(&self, text: &str) -> usize {
        let bars = if self.check == Check::Address { text.matches(address::BAR).count() } else { 0 };
        text.chars().count() - bars
    }

    /// Makes a fault a problem of this field.
    #[must_use]
    pub fn problem(&self, fault: Fault) -> Problem {
        fault.field(self.name.as_str()).label(&self.label)
    }
}

impl Relaxed {
    fn holds(&self, record: &Fields, kind: &Kind) -> bool {
        self.when.iter().all(|(name, codes)| {
            let value =
                kind.by_name(name).and_then(|field| record.get(&field.number)).and_then(Value::as_text);
            value.is_some_and(|code| codes.iter().any(|wanted| wanted == code))
        })
    }
}

impl Choice {
    /// All words that mean this option.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        [self.code.as_str(), &self.zh, &self.en].into_iter().chain(self.aliases.iter().map(String::as_str))
    }
}

/// Whether the first 18 characters are an identity number and not a credit code that looks like one.
pub(super) fn holds_identity_number(text: &str) -> bool {
    let first = text.get(..18).unwrap_or(text);
    check::identity_number(first).is_ok() && check::credit_code(text).is_err()
}
