//! How often somebody may try: failures are counted by name and by address, in the store, so that neither a restart nor
//! another server forgets them. A name that nobody has is counted like any other.

use super::name_typed;
use crate::context::again;
use crate::{Engine, Origin, TENANT};
use dossier_crypto::mac;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, Op, WriteSet};
use std::net::IpAddr;

/// How long a failure counts, in seconds.
const WINDOW: i64 = 900;
const BY_NAME: &str = "sign_in/name";
const BY_ADDRESS: &str = "sign_in/address";
const LINK_BY_ADDRESS: &str = "set_up/address";
const BY_SELF: &str = "sign_in/self";

/// What is tried.
pub(crate) enum Tried<'a> {
    /// To sign in by this name.
    Name(&'a str),
    /// To sign in by a passkey that nobody has.
    Nobody,
    /// To use a link.
    Link,
    /// To show who one is, by somebody who is signed in: nobody else can use these attempts up.
    Own(Uid),
}

/// An attempt that is counted as a failure until it turns out to be none.
pub(crate) struct Attempt(Vec<(Uid, &'static str)>);

impl Attempt {
    /// It was none.
    pub(crate) fn given_back(&self) -> impl Iterator<Item = Op> + '_ {
        self.0.iter().map(|(subject, name)| Op::GiveQuota { subject: *subject, name: (*name).to_owned() })
    }
}

impl Engine {
    /// Counts an attempt beforehand: many at once cannot all be the last one that is allowed.
    ///
    /// # Errors
    /// `sign_in_throttled`.
    pub(crate) fn attempt(&self, origin: &Origin, tried: Tried<'_>) -> Result<Attempt, Fault> {
        let settings = &self.settings.sign_in;
        let by_address =
            |name: &'static str| (self.place(name, &network(origin)), name, settings.attempts_per_address);
        let counts = match tried {
            Tried::Name(name) => vec![
                (self.place(BY_NAME, &name_typed(name)), BY_NAME, settings.attempts_per_name),
                by_address(BY_ADDRESS),
            ],
            Tried::Nobody => vec![by_address(BY_ADDRESS)],
            Tried::Link => vec![by_address(LINK_BY_ADDRESS)],
            Tried::Own(id) => vec![(id, BY_SELF, settings.attempts_per_name)],
        };
        let now = self.clock.now();
        let (mut set, mut taken) = (WriteSet::new(TENANT), Vec::new());
        for (subject, name, limit) in counts {
            set = set.op(Op::TakeQuota {
                subject,
                name: name.to_owned(),
                at: now,
                window_start: Micros(now.0 - WINDOW * Micros::SECOND),
                limit,
            });
            taken.push((subject, name));
        }
        match self.store.commit(set).wait() {
            Ok(_) => Ok(Attempt(taken)),
            Err(error) => Err(match again(error) {
                Ok(Conflict::Quota { .. }) => {
                    Fault::new("sign_in_throttled").with("seconds", WINDOW.to_string())
                }
                Ok(other) => crate::context::unexpected(&other).into_fault(),
                Err(stop) => stop.into_fault(),
            }),
        }
    }

    /// The attempt was none, and nothing else is to be written.
    pub(crate) fn give_back_attempt(&self, attempt: &Attempt) {
        let mut set = WriteSet::new(TENANT);
        set.ops.extend(attempt.given_back());
        if let Err(error) = self.store.commit(set).wait() {
            tracing::debug!(%error, "an attempt is not given back");
        }
    }

    /// What stands for a name or an address among the quotas: neither is there in clear.
    fn place(&self, kind: &str, text: &str) -> Uid {
        Uid(mac(self.keyring.keys().mechanics(), format!("attempts/1\0{kind}\0{text}").as_bytes()))
    }
}

/// The address as it is counted: of version 6 the network that one subscriber has (RFC 6177).
fn network(origin: &Origin) -> String {
    let text = origin.address.as_deref().unwrap_or_default();
    match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network_of(address: &str) -> String {
        network(&Origin { address: Some(address.to_owned()), request: None })
    }

    #[test]
    fn addresses_of_version_6_are_counted_by_network() {
        assert_eq!(network_of("2001:db8:1:2:3::4"), network_of("2001:db8:1:2:ffff::1"));
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of("::ffff:192.0.2.7"), network_of("192.0.2.7"));
        assert_ne!(network_of("192.0.2.7"), network_of("192.0.2.8"));
    }
}
