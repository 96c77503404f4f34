//! What comes of an event: the request as it is then, and who is to hear of it.

use crate::lane::Scene;
use crate::request::{Request, State};
use dossier_model::id::Uid;
use std::collections::BTreeSet;

/// Something that people are to hear of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// These may decide now, and could not before.
    Asked(BTreeSet<Uid>),
    /// These have not decided, and the time of their step is nearly over.
    Remind(BTreeSet<Uid>),
    /// The asker may have it executed.
    Agreed,
    /// It has ended: for the asker, and whoever decided.
    Ended,
    /// The asker approved alone, as the flow allows: an alarm.
    SingleKeeper(Uid),
}

/// What comes of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The request as it is then.
    pub request: Request,
    /// Who is to hear what.
    pub notices: Vec<Notice>,
}

impl Outcome {
    /// From one state to the next; none before it was asked.
    pub(crate) fn between(before: Option<&Request>, request: Request, scene: &Scene<'_>) -> Outcome {
        let mut notices = Vec::new();
        let earlier =
            before.map(|before| before.deciders(before.seen, scene.organisation)).unwrap_or_default();
        let asked: BTreeSet<Uid> =
            request.deciders(scene.at, scene.organisation).difference(&earlier).copied().collect();
        if !asked.is_empty() {
            notices.push(Notice::Asked(asked));
        }
        let turned = before.is_none_or(|before| before.state != request.state);
        match &request.state {
            State::Agreed(_) if turned => notices.push(Notice::Agreed),
            state if state.is_final() && turned => notices.push(Notice::Ended),
            _ => {}
        }
        Outcome { request, notices }
    }
}
