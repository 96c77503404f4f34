//! Who asks, and from where.

use crate::approval::Approved;
use crate::people::Sitting;
use dossier_model::id::Uid;
use dossier_model::time::Micros;

/// Where a request comes from.
#[derive(Clone, Default, Debug)]
pub struct Origin {
    /// Address of the peer, as text.
    pub address: Option<String>,
    /// Id of the request, for finding it again.
    pub request: Option<String>,
}

/// A person, a program, or the account of the operating system that works on the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Principal {
    User(Uid),
    Client(Uid),
    /// `os:uid`, on behalf of a user where `--as` names one.
    Os(u32, Option<Uid>),
    /// The server itself: checkpoints, finishing what a crash left.
    System,
}

impl Principal {
    /// The number of the principal's type in the ledger (`docs/formats.md`).
    pub(crate) fn type_code(&self) -> u8 {
        match self {
            Principal::User(_) => 1,
            Principal::Client(_) => 2,
            Principal::Os(..) => 3,
            Principal::System => 4,
        }
    }

    /// Sixteen bytes that stand for the principal in provenance, quotas and idempotency keys.
    pub(crate) fn id16(&self) -> [u8; 16] {
        match self {
            Principal::User(id) | Principal::Client(id) | Principal::Os(_, Some(id)) => id.0,
            Principal::Os(uid, None) => {
                let mut out = [0; 16];
                out[12..].copy_from_slice(&uid.to_be_bytes());
                out
            }
            Principal::System => [0; 16],
        }
    }
}

/// An authenticated caller. Only the engine makes one.
#[derive(Clone)]
pub struct Caller {
    pub(crate) principal: Principal,
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) session: Option<[u8; 16]>,
    pub(crate) channel: Channel,
    /// When the right to act ends; checked again at each decision.
    pub(crate) until: Option<Micros>,
    /// When it was last shown who that is; none for the account of the operating system, which shows it all along.
    pub(crate) since: Option<Micros>,
    /// The session of a person who asks just now.
    pub(crate) sitting: Option<Sitting>,
    /// The program by which a person asks.
    pub(crate) through: Option<Through>,
    /// The request that was approved, where it is carried out in the name of whoever asked for it.
    pub(crate) approved: Option<Approved>,
}

impl Caller {
    /// The caller's name, as it was given when it was added.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The program by whose token a person asks: each decision needs both of them.
#[derive(Clone)]
pub(crate) struct Through {
    pub client: Uid,
    /// Where the grant lies among the sign-ins; none where what was asked for is carried out later.
    pub grant: Option<[u8; 32]>,
}

/// How a value came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Channel {
    Api = 1,
    Import = 2,
    Web = 3,
    CommandLine = 4,
}

impl Channel {
    pub(crate) fn of_code(code: u8) -> Option<Channel> {
        [Channel::Api, Channel::Import, Channel::Web, Channel::CommandLine]
            .into_iter()
            .find(|one| *one as u8 == code)
    }

    pub(crate) fn name_of(code: u8) -> &'static str {
        match code {
            1 => "api",
            2 => "import",
            3 => "web",
            4 => "command_line",
            _ => "unknown",
        }
    }
}

/// The sources that the policy names, in the order of their numbers; 0 is "not named".
const SOURCES: [&str; 12] = [
    "website",
    "annual_report",
    "prospectus",
    "government_register",
    "dnb",
    "qichacha",
    "tianyancha",
    "qixinbao",
    "linkedin",
    "visit",
    "business_card",
    "tender_file",
];

/// The number of a source's name, from 1.
pub(crate) fn source_code(name: &str) -> Option<u8> {
    SOURCES.iter().position(|source| *source == name).and_then(|at| u8::try_from(at + 1).ok())
}

/// The name of a source's number.
pub(crate) fn source_name(code: u8) -> Option<&'static str> {
    SOURCES.get(usize::from(code).checked_sub(1)?).copied()
}
