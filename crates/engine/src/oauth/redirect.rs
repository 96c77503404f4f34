//! Where a program has people sent back to (RFC 6749 §3.1.2, RFC 8252 §7.3, RFC 9700 §4.1), and the flows it uses.

use dossier_model::fault::Fault;
use webauthn_rs::prelude::Url;

/// Redirect URIs of one program, and bytes of one of them.
const MOST: usize = 10;
const LONGEST: usize = 512;

/// How a program is to get its tokens.
#[derive(Clone, Default)]
pub struct Registration {
    /// Where people are sent back to; none for a program that acts for nobody.
    pub redirect_uris: Vec<String>,
    /// Whether it has no secret: it runs where it could keep none.
    pub public: bool,
    /// `client_credentials`, `authorization_code`; when not given, the one that the rest asks for.
    pub flows: Vec<String>,
}

impl Registration {
    /// Whether it may have tokens of its own, once what was said has been found to fit together.
    ///
    /// # Errors
    /// `oauth_redirect_invalid`, `oauth_flows_invalid`.
    pub(crate) fn check(&self) -> Result<bool, Fault> {
        check_redirects(&self.redirect_uris)?;
        let known = ["client_credentials", "authorization_code"];
        let invalid = || Fault::new("oauth_flows_invalid").field("flows");
        if self.flows.iter().any(|flow| !known.contains(&flow.as_str())) {
            return Err(invalid());
        }
        let named = |flow: &str| self.flows.iter().any(|one| one == flow);
        let sends_back = !self.redirect_uris.is_empty();
        let (own, for_people) = match self.flows.is_empty() {
            true => (!sends_back, sends_back),
            false => (named("client_credentials"), named("authorization_code")),
        };
        if for_people != sends_back || own && self.public { Err(invalid()) } else { Ok(own) }
    }
}

/// Refuses redirect URIs that are not what they have to be.
///
/// # Errors
/// `oauth_redirect_invalid`.
fn check_redirects(uris: &[String]) -> Result<(), Fault> {
    if uris.len() <= MOST && uris.iter().all(|uri| parsed(uri).is_some()) {
        return Ok(());
    }
    Err(Fault::new("oauth_redirect_invalid").field("redirect_uris").with("most", MOST.to_string()))
}

/// A redirect URI in its one form: `https`, or `http` to the machine itself by its address.
fn parsed(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| text.len() <= LONGEST && url.as_str() == text)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let safe = match url.scheme() {
        // A name that could stand for many is none.
        "https" => url.host_str().is_some_and(|host| !host.is_empty() && !host.contains('*')),
        "http" => is_loopback(&url),
        _ => false,
    };
    (plain && safe).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
}

/// Where people are sent back to, if it is one of these: letter by letter, but for the port on the machine itself, which a
/// program there takes as it finds it (RFC 8252 §7.3).
pub(super) fn known(registered: &[String], asked: &str) -> Option<Url> {
    let url = parsed(asked)?;
    let portless = |url: &Url| {
        let mut url = url.clone();
        url.set_port(None).ok().map(|()| url)
    };
    let same = |one: &String| {
        let here = url.scheme() == "http" && one.starts_with("http:");
        one == asked || here && parsed(one).is_some_and(|one| portless(&one) == portless(&url))
    };
    registered.iter().any(same).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    #[test]
    fn what_may_be_registered_is_exact_and_safe() {
        for good in [
            "https://crm.example.com/back",
            "https://crm.example.com:8443/back?from=dossier",
            "http://127.0.0.1/back",
            "http://127.0.0.1:9000/back",
            "http://[::1]/back",
        ] {
            assert!(check_redirects(&texts(&[good])).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/back",
            "http://crm.example.com/back",
            "http://localhost/back",
            "http://127.0.0.1.example.com/back",
            "http://127.1/back",
            "https://*.example.com/back",
            "https://crm.example.com/back#there",
            "https://crm.example.com/back#",
            "https://name@crm.example.com/back",
            "https://name:word@crm.example.com/back",
            "https://CRM.example.com/back",
            "https://crm.example.com",
            "https://crm.example.com:443/back",
            "https://crm.example.com/a/../back",
            " https://crm.example.com/back",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:/back",
        ] {
            assert!(check_redirects(&texts(&[bad])).is_err(), "{bad}");
        }
        assert!(check_redirects(&vec!["https://crm.example.com/".to_owned(); MOST + 1]).is_err());
        assert!(check_redirects(&[format!("https://crm.example.com/{}", "a".repeat(LONGEST))]).is_err());
    }

    #[test]
    fn people_are_sent_back_to_what_was_registered_and_nowhere_else() {
        let registered =
            texts(&["https://crm.example.com/back", "http://127.0.0.1/back", "http://[::1]:7/back"]);
        for good in [
            "https://crm.example.com/back",
            "http://127.0.0.1/back",
            "http://127.0.0.1:51004/back",
            "http://[::1]/back",
            "http://[::1]:51004/back",
        ] {
            assert!(known(&registered, good).is_some(), "{good}");
        }
        for bad in [
            "https://crm.example.com/back/",
            "https://crm.example.com/back/more",
            "https://crm.example.com/backup",
            "https://crm.example.com/back?x=1",
            "https://crm.example.com/back#x",
            "https://crm.example.com:8443/back",
            "https://crm.example.com.evil.example/back",
            "https://crm.example.com@evil.example/back",
            "https://CRM.example.com/back",
            "https://crm.example.com/%62ack",
            "https://crm.example.com/x/../back",
            "http://crm.example.com/back",
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:51004/back?x=1",
            "http://127.0.0.2/back",
            "http://localhost/back",
            "https://127.0.0.1/back",
        ] {
            assert!(known(&registered, bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn flows_fit_what_they_need() {
        let fits = |uris: &[&str], public, flows: &[&str]| {
            let ask = Registration { redirect_uris: texts(uris), public, flows: texts(flows) };
            ask.check().map_err(|fault| fault.key)
        };
        let back = ["https://crm.example.com/back"];
        assert_eq!(fits(&[], false, &[]), Ok(true));
        assert_eq!(fits(&back, false, &[]), Ok(false));
        assert_eq!(fits(&back, true, &[]), Ok(false));
        assert_eq!(fits(&back, false, &["authorization_code", "client_credentials"]), Ok(true));
        for (uris, public, flows) in [
            (&back[..], true, &["authorization_code", "client_credentials"][..]),
            (&[], true, &[]),
            (&[], false, &["authorization_code"]),
            (&back, false, &["client_credentials"]),
            (&back, false, &["implicit"]),
            (&[], false, &["password"]),
        ] {
            assert_eq!(fits(uris, public, flows), Err("oauth_flows_invalid"), "{uris:?} {public} {flows:?}");
        }
    }
}
