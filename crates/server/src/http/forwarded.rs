//! Whose address counts behind a proxy: what the one header of `server.proxy_header` says, `X-Forwarded-For` or `Forwarded`
//! (RFC 7239), is believed as far as it was written by a proxy of `server.trusted_proxies`, and not a step further.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;

/// The header that proxies of ours add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    XForwardedFor,
    Forwarded,
}

impl Said {
    /// Names of the headers, as the setting has them.
    pub(crate) const NAMES: [&str; 2] = ["X-Forwarded-For", "Forwarded"];

    /// Reads the name of a header, in letters of any size.
    pub(crate) fn parse(name: &str) -> Option<Said> {
        let named = [Said::XForwardedFor, Said::Forwarded].into_iter().zip(Said::NAMES);
        named.into_iter().find(|(_, of)| of.eq_ignore_ascii_case(name)).map(|(said, _)| said)
    }
}

/// A network: an address, and how many of its first bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network(u128, u32);

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; bits behind the network's must be none.
    pub(crate) fn parse(text: &str) -> Option<Network> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most: u32 = if address.is_ipv4() { 32 } else { 128 };
        let plain = |bits: &&str| !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = match bits {
            Some(bits) => Some(bits).filter(plain)?.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        let network = Network(number(address), 128 - most + bits);
        (network.0 & !network.mask() == 0).then_some(network)
    }

    fn mask(self) -> u128 {
        u128::MAX.checked_shl(128 - self.1).unwrap_or(0)
    }

    fn holds(self, address: IpAddr) -> bool {
        number(address) & self.mask() == self.0
    }
}

/// An address of version 4 is counted as the one of version 6 that stands for it (RFC 4291 §2.5.5.2).
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The networks of a setting, with commas between; none where one of them is none.
pub(crate) fn networks(text: &str) -> Option<Vec<Network>> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(Network::parse).collect()
}

/// Where a request comes from: the peer, or, where that is a proxy of ours, whoever it says it came from. A caller can
/// send such headers too: the one that the proxies do not add to is never looked at.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network], said: Said) -> IpAddr {
    let ours = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    if !ours(peer) {
        return peer;
    }
    match said {
        Said::XForwardedFor => last_stranger(peer, headers, "x-forwarded-for", address, &ours),
        Said::Forwarded => last_stranger(peer, headers, FORWARDED.as_str(), forwarded, &ours),
    }
}

/// From the right: each step was written by the one before it, and is believed as long as that is a proxy of ours. What
/// cannot be read ends the way at the proxy that wrote it.
fn last_stranger(
    peer: IpAddr,
    headers: &HeaderMap,
    name: &str,
    read: fn(&str) -> Option<IpAddr>,
    ours: &impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let mut nearest = peer;
    for line in headers.get_all(name).iter().rev() {
        // A text in quotes may hold a comma, but no address does: its parts are read as none.
        for step in line.to_str().unwrap_or_default().rsplit(',') {
            match read(step.trim()) {
                Some(address) if ours(address) => nearest = address,
                Some(address) => return address,
                None => return nearest,
            }
        }
    }
    nearest
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let plain = bracketed.unwrap_or(text).parse().ok();
    plain
        .or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
        .map(|ip: IpAddr| ip.to_canonical())
}

/// The `for` of one element of `Forwarded`; it stands once.
fn forwarded(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut given = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for")).map(|(_, value)| value);
    let (value, None) = (given.next()?, given.next()) else { return None };
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    address(quoted.unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PROXY: &str = "10.0.0.5";

    /// By the header that is there first.
    fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let said = lines.first().and_then(|(name, _)| Said::parse(name)).unwrap_or(Said::XForwardedFor);
        seen_by(said, peer, lines)
    }

    fn seen_by(said: Said, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let trusted = networks("10.0.0.0/8, 2001:db8:1::/48, 192.0.2.1").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted, said).to_string()
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        let holds =
            |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/31", "192.0.2.1", "192.0.2.2"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"),
        ] {
            assert!(holds(network, inside) && !holds(network, outside), "{network}");
        }
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in [
            "10.0.0.0/33",
            "10.0.0.1/8",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0",
            "proxy.example.com",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(networks(wrong), None, "{wrong}");
        }
        assert_eq!(networks(" , ").map(|all| all.len()), Some(0));
    }

    #[test]
    fn who_is_no_proxy_of_ours_says_what_it_likes() {
        for lines in [&[("x-forwarded-for", "203.0.113.9")][..], &[("forwarded", "for=203.0.113.9")]] {
            assert_eq!(seen("198.51.100.4", lines), "198.51.100.4");
        }
        assert_eq!(seen(PROXY, &[]), PROXY);
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_counts_whatever_was_put_before_it() {
        for (said, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("198.51.100.1,203.0.113.9 , 10.9.9.9", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("2001:db8::9, 2001:db8:1::2", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ] {
            assert_eq!(seen(PROXY, &[("x-forwarded-for", said)]), expected, "{said}");
        }
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.4, 10.3.3.3")];
        assert_eq!(seen(PROXY, &lines), "198.51.100.4");
    }

    #[test]
    fn the_standard_header_is_read_the_same_way() {
        for (said, expected) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("For=\"[2001:db8::9]:4711\";proto=https;by=10.0.0.5", "2001:db8::9"),
            ("for=198.51.100.1, proto=https;for=203.0.113.9, for=10.2.2.2", "203.0.113.9"),
        ] {
            assert_eq!(seen(PROXY, &[("forwarded", said)]), expected, "{said}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_believed_nor_what_stands_before_it() {
        for said in [
            "",
            ",",
            "unknown",
            "203.0.113.9, ",
            "203.0.113.9, x",
            "203.0.113.9, 127.1",
            "203.0.113.9, _hidden",
            "203.0.113.9, ü",
            "203.0.113.9, 1.2.3.4:99999",
            "203.0.113.9, [::1",
        ] {
            assert_eq!(seen(PROXY, &[("x-forwarded-for", said)]), PROXY, "{said}");
        }
        assert_eq!(seen(PROXY, &[("x-forwarded-for", "203.0.113.9, x, 10.7.7.7")]), "10.7.7.7");
        for said in [
            "203.0.113.9",
            "for=unknown",
            "for=203.0.113.9;for=198.51.100.1",
            "for=\"203.0.113.9",
            "for=\"203.0.113.9, for=198.51.100.1\"",
            "by=203.0.113.9",
        ] {
            assert_eq!(seen(PROXY, &[("forwarded", said)]), PROXY, "{said}");
        }
    }

    #[test]
    fn the_header_that_the_proxies_do_not_add_to_is_not_looked_at() {
        let lines = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(seen_by(Said::XForwardedFor, PROXY, &lines), "203.0.113.9");
        assert_eq!(seen_by(Said::Forwarded, PROXY, &lines), "198.51.100.1");
        assert_eq!(seen_by(Said::XForwardedFor, PROXY, &lines[1..]), PROXY);
        assert_eq!(seen_by(Said::Forwarded, PROXY, &lines[..1]), PROXY);
    }
}
