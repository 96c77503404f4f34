//! Filters (RFC 7644 §3.4.2.2), read and decided on the resource as it is shown.

use dossier_engine::model::Fault;
use serde_json::Value as Json;

use super::Object;
use super::resource::member;

/// Longest filter in bytes, and how deep it may be.
const LONGEST: usize = 2_048;
const DEEPEST: usize = 16;
/// Attributes whose values differ by case.
const EXACT: &[&str] = &["id", "externalId", "value"];

/// A filter.
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// One of the values of an attribute fits.
    Of(String, Box<Filter>),
    Compare(Vec<String>, Op, Json),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Pr,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    fn parse(text: &str) -> Option<Op> {
        Some(match text.to_ascii_lowercase().as_str() {
            "eq" => Op::Eq,
            "ne" => Op::Ne,
            "co" => Op::Co,
            "sw" => Op::Sw,
            "ew" => Op::Ew,
            "pr" => Op::Pr,
            "gt" => Op::Gt,
            "ge" => Op::Ge,
            "lt" => Op::Lt,
            "le" => Op::Le,
            _ => return None,
        })
    }
}

fn wrong() -> Fault {
    Fault::new("scim_filter")
}

#[derive(Clone, PartialEq)]
enum Token {
    Word(String),
    Value(Json),
    Sign(char),
}

impl Filter {
    /// # Errors
    /// `scim_filter`.
    pub(super) fn parse(text: &str) -> Result<Filter, Fault> {
        if text.len() > LONGEST {
            return Err(wrong());
        }
        let mut reader = Reader { tokens: tokens(text)?, at: 0, depth: 0 };
        let filter = reader.either()?;
        if reader.at == reader.tokens.len() { Ok(filter) } else { Err(wrong()) }
    }

    /// Whether a resource fits.
    pub(super) fn fits(&self, resource: &Object) -> bool {
        match self {
            Filter::And(one, other) => one.fits(resource) && other.fits(resource),
            Filter::Or(one, other) => one.fits(resource) || other.fits(resource),
            Filter::Not(one) => !one.fits(resource),
            Filter::Of(name, filter) => {
                let all = member(resource, name).and_then(Json::as_array);
                all.is_some_and(|all| all.iter().filter_map(Json::as_object).any(|one| filter.fits(one)))
            }
            Filter::Compare(path, op, value) => {
                let found = values(resource, path);
                let exact =
                    path.last().is_some_and(|name| EXACT.iter().any(|one| one.eq_ignore_ascii_case(name)));
                match op {
                    Op::Pr => found.iter().any(|one| !one.is_null()),
                    Op::Ne => !found.iter().any(|one| compares(one, Op::Eq, value, exact)),
                    _ => found.iter().any(|one| compares(one, *op, value, exact)),
                }
            }
        }
    }
}

/// The values at a path; of an attribute with several, each of them, by their `value` where nothing else is said.
fn values<'o>(resource: &'o Object, path: &[String]) -> Vec<&'o Json> {
    let Some((name, rest)) = path.split_first() else { return Vec::new() };
    let Some(found) = member(resource, name) else { return Vec::new() };
    let value = ["value".to_owned()];
    match (found, rest) {
        (Json::Array(all), _) => {
            let rest = if rest.is_empty() { &value } else { rest };
            all.iter()
                .flat_map(|one| one.as_object().map_or_else(|| vec![one], |one| values(one, rest)))
                .collect()
        }
        (found, []) => vec![found],
        (Json::Object(inner), rest) => values(inner, rest),
        _ => Vec::new(),
    }
}

fn compares(found: &Json, op: Op, value: &Json, exact: bool) -> bool {
    let (Json::String(found), Json::String(value)) = (found, value) else {
        return op == Op::Eq && found == value;
    };
    let fold = |text: &String| if exact { text.clone() } else { text.to_lowercase() };
    let (found, value) = (fold(found), fold(value));
    match op {
        Op::Eq => found == value,
        Op::Co => found.contains(&value),
        Op::Sw => found.starts_with(&value),
        Op::Ew => found.ends_with(&value),
        Op::Gt => found > value,
        Op::Ge => found >= value,
        Op::Lt => found < value,
        Op::Le => found <= value,
        Op::Ne | Op::Pr => false,
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '(' | ')' | '[' | ']' => {
                tokens.push(Token::Sign(first));
                rest.get(1..).unwrap_or_default()
            }
            '"' => {
                let mut read = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
                let value = read.next().and_then(Result::ok).ok_or_else(wrong)?;
                tokens.push(Token::Value(value));
                rest.get(read.byte_offset()..).ok_or_else(wrong)?
            }
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                tokens.push(Token::Word(word.to_owned()));
                after
            }
        }
        .trim_start();
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, word: &str) -> bool {
        let there =
            matches!(self.tokens.get(self.at), Some(Token::Word(one)) if one.eq_ignore_ascii_case(word));
        self.at += usize::from(there);
        there
    }

    fn either(&mut self) -> Result<Filter, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(wrong());
        }
        let mut filter = self.both()?;
        while self.takes("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, Fault> {
        let mut filter = self.single()?;
        while self.takes("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.single()?));
        }
        Ok(filter)
    }

    fn single(&mut self) -> Result<Filter, Fault> {
        if self.takes("not") {
            let Some(Token::Sign('(')) = self.next() else { return Err(wrong()) };
            return Ok(Filter::Not(Box::new(self.closed(')')?)));
        }
        match self.next() {
            Some(Token::Sign('(')) => self.closed(')'),
            Some(Token::Word(name)) => self.attribute(&name),
            _ => Err(wrong()),
        }
    }

    fn closed(&mut self, end: char) -> Result<Filter, Fault> {
        let filter = self.either()?;
        if self.next() == Some(Token::Sign(end)) { Ok(filter) } else { Err(wrong()) }
    }

    fn attribute(&mut self, name: &str) -> Result<Filter, Fault> {
        let is_urn = name.to_ascii_lowercase().starts_with("urn:");
        let name = if is_urn { name.rsplit(':').next().unwrap_or_default() } else { name };
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(wrong());
        }
        match self.next() {
            Some(Token::Sign('[')) => Ok(Filter::Of(name.to_owned(), Box::new(self.closed(']')?))),
            Some(Token::Word(op)) => {
                let op = Op::parse(&op).ok_or_else(wrong)?;
                let value = if op == Op::Pr { Json::Null } else { self.value()? };
                Ok(Filter::Compare(path, op, value))
            }
            _ => Err(wrong()),
        }
    }

    fn value(&mut self) -> Result<Json, Fault> {
        match self.next() {
            Some(Token::Value(value)) => Ok(value),
            Some(Token::Word(word)) => {
                let value: Json = serde_json::from_str(&word.to_ascii_lowercase()).map_err(|_| wrong())?;
                if value.is_object() || value.is_array() { Err(wrong()) } else { Ok(value) }
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(filter: &str) -> bool {
        let resource = json!({
            "id": "usr_a", "userName": "Example.Han", "externalId": "E1", "active": true,
            "meta": { "resourceType": "User" }, "groups": [{ "value": "g1", "display": "一" }, { "value": "g2" }],
        });
        Filter::parse(filter).unwrap().fits(resource.as_object().unwrap())
    }

    #[test]
    fn a_filter_is_read_as_the_standard_has_it() {
        for filter in [
            "userName eq \"example.han\"",
            "USERNAME Sw \"EX\"",
            "externalId eq \"E1\" and active eq true",
            "active eq False or userName co \"le.h\"",
            "not (userName ew \"x\") and id pr",
            "groups[value eq \"g2\"]",
            "groups eq \"g1\"",
            "groups.display eq \"一\"",
            "meta.resourceType eq \"User\"",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"Example.Han\"",
            "(userName gt \"a\" and userName lt \"f\") or title pr",
            "nickName ne \"x\"",
        ] {
            assert!(fits(filter), "{filter}");
        }
        for filter in ["externalId eq \"e1\"", "title pr", "active eq \"true\"", "groups[value eq \"g3\"]"] {
            assert!(!fits(filter), "{filter}");
        }
        // `and` binds before `or`.
        assert!(fits("userName pr or userName pr and title pr"));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}id pr{}", "(".repeat(20), ")".repeat(20));
        let long = format!("userName eq \"{}\"", "a".repeat(3_000));
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName is \"a\"",
            "eq \"a\"",
            "userName eq \"a",
            "(id pr",
            "id pr)",
            "id pr and",
            "not id pr",
            "groups[value eq \"a\"",
            "userName eq [1]",
            "a..b pr",
            "id pr id pr",
            &deep,
            &long,
        ] {
            assert_eq!(Filter::parse(filter).err().map(|fault| fault.key), Some("scim_filter"), "{filter}");
        }
    }
}
