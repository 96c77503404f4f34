//! Which flows a command meets. All that fit have to be satisfied, each on its own: a flow can ask for more than
//! another, never for less.

use crate::condition::Condition;
use crate::facts::Facts;
use crate::flow::{Flow, FlowId};
use crate::organisation::{Asker, Organisation};
use dossier_model::fault::Fault;
use std::cmp::Reverse;

/// A flow that a command meets, and the version it is at.
#[derive(Clone, Copy, Debug)]
pub struct Met<'f> {
    /// The flow's id.
    pub id: FlowId,
    /// The flow's version.
    pub version: u32,
    /// The flow.
    pub flow: &'f Flow,
}

/// All flows of an installation, ready to be asked.
#[derive(Default, Debug)]
pub struct Flows(Vec<Compiled>);

#[derive(Debug)]
struct Compiled {
    id: FlowId,
    version: u32,
    flow: Flow,
    /// None where there is none, or where it cannot be read any more: then it counts as met.
    condition: Option<Condition>,
}

impl Flows {
    /// These flows, each with its version. They were checked when they were written.
    pub fn compile(all: impl IntoIterator<Item = (FlowId, u32, Flow)>) -> Flows {
        let enabled = all.into_iter().filter(|(_, _, flow)| flow.enabled);
        let compiled = enabled.map(|(id, version, flow)| {
            let condition = flow.when.condition.as_deref().and_then(|source| Condition::parse(source).ok());
            Compiled { id, version, flow, condition }
        });
        let mut all: Vec<Compiled> = compiled.collect();
        all.sort_by_key(|one| (Reverse(one.flow.when.says()), one.id));
        Flows(all)
    }

    /// The flows that a command meets, the most specific first. None means that it does not wait.
    ///
    /// # Errors
    /// `approval_flow_missing` where the command is never done without one.
    pub fn met(
        &self,
        facts: &Facts<'_>,
        asker: &Asker,
        organisation: &Organisation,
    ) -> Result<Vec<Met<'_>>, Fault> {
        let fits = |one: &&Compiled| {
            let is_met = |condition: &Condition| condition.is_met(facts, asker, organisation);
            one.flow.when.fits(facts) && one.condition.as_ref().is_none_or(is_met)
        };
        let met: Vec<Met<'_>> = self
            .0
            .iter()
            .filter(fits)
            .map(|one| Met { id: one.id, version: one.version, flow: &one.flow })
            .collect();
        if met.is_empty() && facts.command.is_grave() {
            return Err(Fault::new("approval_flow_missing").with("command", facts.command.name()));
        }
        Ok(met)
    }

    /// Whether there is a flow of this id that applies: a request of one that is gone is dropped.
    pub fn has(&self, id: FlowId) -> bool {
        self.0.iter().any(|one| one.id == id)
    }
}
