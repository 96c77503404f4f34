//! The rules of a role by their names, as people write and read them.

use crate::context::Context;
use dossier_access::{Action, Actions, FieldRule, Hours, RoleRules, RowRule, TeamRule};
use dossier_model::Level;
use dossier_model::address::{province_name, province_no};
use dossier_model::fault::Fault;
use dossier_model::kind::{Field, Kind, Kinds};
use dossier_model::mask::Mask;
use dossier_model::time::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules of a role, everything by its name. What is not said is not given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    /// 1 to 64 characters.
    pub name: String,
    /// Names or ids of the roles that it takes over from.
    pub inherits: Vec<String>,
    /// What may be done.
    pub actions: Vec<String>,
    /// Whose dossiers: `all`, `own`, `own_and_below`, or those named beside.
    pub teams: String,
    /// Names or ids of teams, where `teams` is `named`.
    pub named_teams: Vec<String>,
    /// Provinces; all when empty.
    pub regions: Vec<String>,
    /// Industries, two digits; all when empty.
    pub industries: Vec<String>,
    /// Customer levels by their codes; all when empty.
    pub bands: Vec<String>,
    /// Only dossiers that the holder answers for.
    pub own: bool,
    /// The highest level that is seen at all, `L1` to `L4`.
    pub see_to: String,
    /// The highest level that is seen in clear where the field's rule says so.
    pub clear_to: String,
    /// The highest level that may be opened where the field's rule says so; none when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_to: Option<String>,
    /// `masked`, `openable` or `clear`, by `kind.field`; a field that is not here is hidden.
    pub fields: BTreeMap<String, String>,
    /// Masks of its own by `kind.field`: laid over the default one wherever the role shows the field masked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub masks: BTreeMap<String, Mask>,
    /// Days of the week on which it holds, 1 for Monday to 7; all when empty.
    pub weekdays: Vec<u8>,
    /// The time of the day from which on it holds, `08:30`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_time: Option<String>,
    /// The time of the day until which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_time: Option<String>,
    /// The first day on which it holds, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<String>,
    /// The last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
}

/// A role that gives nothing: the least of everything, for its holder's own team.
impl Default for RoleForm {
    fn default() -> RoleForm {
        let lowest = || Level::L1.as_str().to_owned();
        RoleForm {
            name: String::new(),
            inherits: Vec::new(),
            actions: Vec::new(),
            teams: "own".to_owned(),
            named_teams: Vec::new(),
            regions: Vec::new(),
            industries: Vec::new(),
            bands: Vec::new(),
            own: false,
            see_to: lowest(),
            clear_to: lowest(),
            open_to: None,
            fields: BTreeMap::new(),
            masks: BTreeMap::new(),
            weekdays: Vec::new(),
            from_time: None,
            to_time: None,
            first_day: None,
            last_day: None,
        }
    }
}

const FIELD_RULES: [FieldRule; 3] = [FieldRule::Masked, FieldRule::Openable, FieldRule::Clear];

/// The field that stands for the band of value.
fn band_field(kinds: &Kinds) -> Option<&Field> {
    kinds.by_name("customer")?.by_name("customer_level")
}

/// Rules by their names.
pub(crate) fn form_of(cx: &Context<'_>, name: &str, rules: &RoleRules) -> RoleForm {
    let (kinds, snapshot) = (cx.engine.kinds, &cx.snapshot);
    let named = |list: &Option<Vec<u32>>, name: &dyn Fn(u32) -> String| -> Vec<String> {
        list.iter().flatten().map(|number| name(*number)).collect()
    };
    let band = |number: u32| {
        let at = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        band_field(kinds)
            .and_then(|field| field.options.get(at))
            .map_or_else(String::new, |band| band.code.clone())
    };
    let (teams, named_teams) = match &rules.rows.teams {
        TeamRule::All => ("all", Vec::new()),
        TeamRule::Own => ("own", Vec::new()),
        TeamRule::OwnAndBelow => ("own_and_below", Vec::new()),
        TeamRule::These(teams) => ("named", teams.iter().map(|no| snapshot.team_name(*no)).collect()),
    };
    let mut fields = BTreeMap::new();
    for kind in kinds.iter() {
        for (number, rule) in rules.fields.get(&kind.id.0).into_iter().flatten() {
            if let Some(field) = kind.field(*number) {
                fields.insert(format!("{}.{}", kind.name, field.name), rule.name().to_owned());
            }
        }
    }
    let mut masks = BTreeMap::new();
    for kind in kinds.iter() {
        for (number, mask) in rules.masks.get(&kind.id.0).into_iter().flatten() {
            if let Some(field) = kind.field(*number) {
                masks.insert(format!("{}.{}", kind.name, field.name), mask.clone());
            }
        }
    }
    let hours = rules.hours.clone().unwrap_or_default();
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    RoleForm {
        name: name.to_owned(),
        inherits: snapshot.role_names(&rules.inherits),
        actions: rules.actions.iter().map(|action| action.name().to_owned()).collect(),
        teams: teams.to_owned(),
        named_teams,
        regions: named(&rules.rows.regions, &|number| province_name(number).to_owned()),
        industries: named(&rules.rows.industries, &|number| format!("{number:02}")),
        bands: named(&rules.rows.bands, &band),
        own: rules.rows.own,
        see_to: rules.see_to.as_str().to_owned(),
        clear_to: rules.clear_to.as_str().to_owned(),
        open_to: rules.open_to.map(|level| level.as_str().to_owned()),
        fields,
        masks,
        weekdays: hours.weekdays.iter().flatten().map(|day| day + 1).collect(),
        from_time: hours.minutes.map(|(from, _)| time(from)),
        to_time: hours.minutes.map(|(_, to)| time(to)),
        first_day: hours.from.map(|day| day.to_string()),
        last_day: hours.to.map(|day| day.to_string()),
    }
}

/// Names to rules; each that is not known is told with the member it stands in.
pub(crate) fn rules_of(cx: &Context<'_>, form: &RoleForm) -> Result<RoleRules, Fault> {
    let (kinds, snapshot) = (cx.engine.kinds, &cx.snapshot);
    let mut inherits = Vec::new();
    for name in &form.inherits {
        let unknown = || Fault::new("role_unknown").field("inherits");
        let role = snapshot.role(name).ok_or_else(unknown)?;
        if !inherits.contains(&role) {
            inherits.push(role);
        }
    }
    let actions =
        form.actions.iter().map(|name| Action::parse(name).ok_or_else(|| none("actions", Action::NAMES)));
    let team =
        |name: &String| snapshot.team_no(name).ok_or_else(|| Fault::new("team_unknown").field("named_teams"));
    match (form.teams.as_str(), form.named_teams.is_empty()) {
        ("named", true) => return Err(Fault::new("required").field("named_teams")),
        ("named", false) | (_, true) => {}
        (_, false) => return Err(none("teams", &["named"])),
    }
    let teams = match form.teams.as_str() {
        "all" => TeamRule::All,
        "own" => TeamRule::Own,
        "own_and_below" => TeamRule::OwnAndBelow,
        "named" => TeamRule::These(form.named_teams.iter().map(team).collect::<Result<_, _>>()?),
        _ => return Err(none("teams", &["all", "own", "own_and_below", "named"])),
    };
    let bands: Vec<&str> = band_field(kinds)
        .into_iter()
        .flat_map(|field| &field.options)
        .map(|band| band.code.as_str())
        .collect();
    let band = |code: &String| {
        let at = bands.iter().position(|band| band == code);
        at.and_then(|at| u32::try_from(at + 1).ok())
    };
    let level =
        |text: &str, member: &str| text.parse::<Level>().map_err(|_| none(member, &["L1", "L2", "L3", "L4"]));
    let mut fields: BTreeMap<u16, BTreeMap<u16, FieldRule>> = BTreeMap::new();
    for (path, word) in &form.fields {
        let (kind, field) = field_of(kinds, path, "fields")?;
        let rule = FIELD_RULES.into_iter().find(|rule| rule.name() == word);
        let rule = rule.ok_or_else(|| none(&format!("fields.{path}"), &FIELD_RULES.map(FieldRule::name)))?;
        fields.entry(kind.id.0).or_default().insert(field.number, rule);
    }
    Ok(RoleRules {
        inherits,
        actions: actions.collect::<Result<Actions, Fault>>()?,
        rows: RowRule {
            teams,
            regions: numbers(&form.regions, |name| province_no(name), || none("regions", &provinces()))?,
            industries: numbers(
                &form.industries,
                |text| crate::place::industry_no(text),
                || none("industries", &["00–99"]),
            )?,
            bands: numbers(&form.bands, band, || none("bands", &bands))?,
            own: form.own,
            dossiers: None,
        },
        see_to: level(&form.see_to, "see_to")?,
        clear_to: level(&form.clear_to, "clear_to")?,
        open_to: form.open_to.as_deref().map(|text| level(text, "open_to")).transpose()?,
        fields,
        masks: masks_of(kinds, form)?,
        hours: hours_of(form)?,
    })
}

/// The field that a path `kind.field` names. What is no field of ours is not repeated.
fn field_of<'k>(kinds: &'k Kinds, path: &str, member: &str) -> Result<(&'k Kind, &'k Field), Fault> {
    let field = path.split_once('.').and_then(|(kind, field)| {
        let kind = kinds.by_name(kind)?;
        Some((kind, kind.by_name(field)?))
    });
    field.ok_or_else(|| Fault::new("unknown_field").field(member))
}

/// Masks of fields that the role shows, each one that suits its field and hides something.
fn masks_of(kinds: &Kinds, form: &RoleForm) -> Result<BTreeMap<u16, BTreeMap<u16, Mask>>, Fault> {
    let mut masks: BTreeMap<u16, BTreeMap<u16, Mask>> = BTreeMap::new();
    for (path, mask) in &form.masks {
        let (kind, field) = field_of(kinds, path, "masks")?;
        let key = match form.fields.contains_key(path) {
            false => "mask_of_hidden",
            true if *mask == Mask::None || !mask.suits(field.ty) => "mask_unsuited",
            true => {
                masks.entry(kind.id.0).or_default().insert(field.number, mask.clone());
                continue;
            }
        };
        return Err(Fault::new(key).field(format!("masks.{path}")));
    }
    Ok(masks)
}

/// What stands in a member is none of these.
fn none(member: &str, options: &[&str]) -> Fault {
    Fault::new("choice_unknown").field(member).with("options", options.join("、"))
}

/// The full names of all provinces.
fn provinces() -> Vec<&'static str> {
    (11..=82).map(province_name).filter(|name| !name.is_empty()).collect()
}

/// A list that narrows; none where nothing is said.
fn numbers(
    list: &[String],
    number: impl Fn(&String) -> Option<u32>,
    unknown: impl Fn() -> Fault,
) -> Result<Option<Vec<u32>>, Fault> {
    if list.is_empty() {
        return Ok(None);
    }
    list.iter().map(|text| number(text).ok_or_else(&unknown)).collect::<Result<_, _>>().map(Some)
}

fn hours_of(form: &RoleForm) -> Result<Option<Hours>, Fault> {
    let time = |text: &Option<String>, member| {
        let minute = |text: &String| {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            // 24:00 is the end of the day.
            (hour <= 24 && minute < 60 && hour * 60 + minute <= 24 * 60).then(|| hour * 60 + minute)
        };
        text.as_ref().map(|text| minute(text).ok_or_else(|| none(member, &["00:00–24:00"]))).transpose()
    };
    let day = |text: &Option<String>, member| {
        text.as_ref().map(|text| Day::parse(text).ok_or_else(|| none(member, &["YYYY-MM-DD"]))).transpose()
    };
    let minutes = match (time(&form.from_time, "from_time")?, time(&form.to_time, "to_time")?) {
        (Some(from), Some(to)) if from == to => {
            let begin = form.from_time.as_deref().unwrap_or_default();
            return Err(none("to_time", &[&format!("≠ {begin}")]));
        }
        (Some(from), Some(to)) => Some((from, to)),
        (None, None) => None,
        (None, Some(_)) => return Err(Fault::new("required").field("from_time")),
        (Some(_), None) => return Err(Fault::new("required").field("to_time")),
    };
    if form.weekdays.iter().any(|day| !(1..=7).contains(day)) {
        return Err(none("weekdays", &["1–7"]));
    }
    let (from, to) = (day(&form.first_day, "first_day")?, day(&form.last_day, "last_day")?);
    if let Some((first, _)) = from.zip(to).filter(|(from, to)| to < from) {
        return Err(none("last_day", &[&format!("≥ {first}")]));
    }
    let weekdays: Vec<u8> = form.weekdays.iter().map(|day| day - 1).collect();
    let hours = Hours { weekdays: (!weekdays.is_empty()).then_some(weekdays), minutes, from, to };
    Ok((hours != Hours::default()).then_some(hours))
}
