//! Where a dossier belongs, and sets of such places: what row rules are made of.

/// Where a dossier belongs, as it stands on its row: numbers of this installation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Place {
    /// The team that owns it.
    pub team: u32,
    /// Province (GB/T 2260, two digits); 0 when not known.
    pub region: u32,
    /// Industry; 0 when not known.
    pub industry: u32,
    /// Band of value; 0 when not known.
    pub band: u32,
    /// The person who answers for it; 0 when nobody does.
    pub owner: u32,
    /// The dossier itself, by its internal number; 0 for one that is not stored yet.
    pub dossier: i64,
}

/// Dossiers that have all of this. `None` asks for nothing; an empty list is met by no dossier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Scope {
    /// Owned by one of these teams.
    pub teams: Option<Vec<u32>>,
    /// In one of these regions.
    pub regions: Option<Vec<u32>>,
    /// Of one of these industries.
    pub industries: Option<Vec<u32>>,
    /// In one of these bands of value.
    pub bands: Option<Vec<u32>>,
    /// Answered for by this person.
    pub owner: Option<u32>,
    /// One of these, by internal number.
    pub dossiers: Option<Vec<i64>>,
}

impl Scope {
    /// Every dossier.
    pub const ALL: Scope =
        Scope { teams: None, regions: None, industries: None, bands: None, owner: None, dossiers: None };

    /// Dossiers of these teams.
    #[must_use]
    pub fn teams(teams: Vec<u32>) -> Scope {
        Scope { teams: Some(teams), ..Scope::ALL }
    }

    /// The dossiers that are in both; none where there can be none.
    #[must_use]
    pub fn both(&self, other: &Scope) -> Option<Scope> {
        let owner = match (self.owner, other.owner) {
            (Some(mine), Some(theirs)) if mine != theirs => return None,
            (mine, theirs) => mine.or(theirs),
        };
        Some(Scope {
            teams: in_both(self.teams.as_deref(), other.teams.as_deref())?,
            regions: in_both(self.regions.as_deref(), other.regions.as_deref())?,
            industries: in_both(self.industries.as_deref(), other.industries.as_deref())?,
            bands: in_both(self.bands.as_deref(), other.bands.as_deref())?,
            owner,
            dossiers: in_both(self.dossiers.as_deref(), other.dossiers.as_deref())?,
        })
    }

    /// Whether a dossier is inside.
    #[must_use]
    pub fn contains(&self, place: &Place) -> bool {
        self.misses(place).is_none()
    }

    /// The first condition that a dossier does not meet; none where it is inside.
    #[must_use]
    pub fn misses(&self, place: &Place) -> Option<Condition> {
        let among =
            |wanted: &Option<Vec<u32>>, one: u32| wanted.as_ref().is_none_or(|all| all.contains(&one));
        if !among(&self.teams, place.team) {
            Some(Condition::Team)
        } else if !among(&self.regions, place.region) {
            Some(Condition::Region)
        } else if !among(&self.industries, place.industry) {
            Some(Condition::Industry)
        } else if !among(&self.bands, place.band) {
            Some(Condition::Band)
        } else if self.owner.is_some_and(|owner| owner != place.owner) {
            Some(Condition::Owner)
        } else if self.dossiers.as_ref().is_some_and(|all| !all.contains(&place.dossier)) {
            Some(Condition::Dossier)
        } else {
            None
        }
    }
}

/// One of the conditions of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Condition {
    /// Which team owns it.
    Team,
    /// In which region it is.
    Region,
    /// Of which industry it is.
    Industry,
    /// In which band of value it is.
    Band,
    /// Who answers for it.
    Owner,
    /// Which one it is.
    Dossier,
}

impl Condition {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Condition::Team => "team",
            Condition::Region => "region",
            Condition::Industry => "industry",
            Condition::Band => "band",
            Condition::Owner => "owner",
            Condition::Dossier => "dossier",
        }
    }
}

/// The numbers that are in both lists, `None` being all of them; outside, none where that list is empty.
#[allow(
    clippy::option_option,
    reason = "the outer one is whether anything is left, the inner one a list as it is kept"
)]
fn in_both<T: Copy + PartialEq>(mine: Option<&[T]>, theirs: Option<&[T]>) -> Option<Option<Vec<T>>> {
    let list: Vec<T> = match (mine, theirs) {
        (None, None) => return Some(None),
        (Some(all), None) | (None, Some(all)) => all.to_vec(),
        (Some(mine), Some(theirs)) => mine.iter().copied().filter(|one| theirs.contains(one)).collect(),
    };
    (!list.is_empty()).then_some(Some(list))
}
