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
}

impl Scope {
    /// Every dossier.
    pub const ALL: Scope = Scope { teams: None, regions: None, industries: None, bands: None, owner: None };

    /// Dossiers of these teams.
    #[must_use]
    pub fn teams(teams: Vec<u32>) -> Scope {
        Scope { teams: Some(teams), ..Scope::ALL }
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
        }
    }
}
