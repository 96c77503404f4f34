//! Patches (RFC 7644 §3.5.2), worked out on the resource as it is: what comes of it is checked and done like a replacement.

use dossier_engine::model::Fault;
use serde_json::Value as Json;

use super::Object;
use super::filter::Filter;
use super::resource::member;

/// Most operations of one patch.
const MOST: usize = 1_000;
/// What the system gives.
const FIXED: &[&str] = &["id", "groups", "meta"];

/// The resource after a patch.
///
/// # Errors
/// `scim_path`, `scim_filter`, `scim_fixed`, `scim_value`.
pub(super) fn apply(body: &Object, mut now: Object, known: &[&str]) -> Result<Object, Fault> {
    let wrong = || Fault::new("scim_path");
    let operations = member(body, "Operations").and_then(Json::as_array).ok_or_else(wrong)?;
    if operations.is_empty() || operations.len() > MOST {
        return Err(wrong());
    }
    for operation in operations {
        let operation = operation.as_object().ok_or_else(wrong)?;
        let op = member(operation, "op").and_then(Json::as_str).ok_or_else(wrong)?.to_ascii_lowercase();
        if !["add", "replace", "remove"].contains(&op.as_str()) {
            return Err(wrong());
        }
        let value = member(operation, "value");
        match member(operation, "path").filter(|path| !path.is_null()) {
            Some(path) => one(&mut now, &op, path.as_str().ok_or_else(wrong)?, value, known)?,
            // Without a path the value says which attributes it is about.
            None if op == "remove" => return Err(wrong()),
            None => {
                for (name, value) in value.and_then(Json::as_object).ok_or_else(wrong)? {
                    one(&mut now, &op, name, Some(value), known)?;
                }
            }
        }
    }
    Ok(now)
}

fn one(now: &mut Object, op: &str, path: &str, value: Option<&Json>, known: &[&str]) -> Result<(), Fault> {
    let (name, filter) = split(path)?;
    if FIXED.iter().any(|fixed| name.eq_ignore_ascii_case(fixed)) {
        return Err(Fault::new("scim_fixed"));
    }
    // What is not kept here can be asked for and changes nothing.
    let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(&name)) else { return Ok(()) };
    if *name != "members" {
        return match (op, value, filter) {
            (_, _, Some(_)) => Err(Fault::new("scim_path")),
            ("remove", ..) => {
                now.remove(*name);
                Ok(())
            }
            (_, Some(value), None) => {
                now.insert((*name).to_owned(), value.clone());
                Ok(())
            }
            _ => Err(Fault::new("scim_value").field(*name)),
        };
    }
    let mut members = now.get("members").and_then(Json::as_array).cloned().unwrap_or_default();
    let given = match value {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(all)) => all.clone(),
        Some(single @ Json::Object(_)) => vec![single.clone()],
        Some(_) => return Err(Fault::new("scim_value").field("members")),
    };
    let ids = given.iter().map(super::resource::value_of).collect::<Result<Vec<_>, Fault>>()?;
    let is = |member: &Json| ids.iter().any(|id| member["value"] == id.as_str());
    match (op, filter) {
        ("remove", Some(filter)) => {
            members.retain(|member| !member.as_object().is_some_and(|member| filter.fits(member)))
        }
        ("remove", None) if given.is_empty() => members.clear(),
        ("remove", None) => members.retain(|member| !is(member)),
        (_, Some(_)) => return Err(Fault::new("scim_path")),
        ("replace", None) => members = given,
        (_, None) => {
            members.retain(|member| !is(member));
            members.extend(given);
        }
    }
    now.insert("members".to_owned(), Json::Array(members));
    Ok(())
}

/// The attribute of a path and the filter over its values: `members[value eq "…"]`.
fn split(path: &str) -> Result<(String, Option<Filter>), Fault> {
    let (name, filter) = match path.split_once('[') {
        None => (path, None),
        Some((name, rest)) => {
            let inner = rest.strip_suffix(']').ok_or_else(|| Fault::new("scim_path"))?;
            (name, Some(Filter::parse(inner)?))
        }
    };
    // An attribute may stand with its schema in front.
    let name =
        if name.to_ascii_lowercase().starts_with("urn:") { name.rsplit(':').next() } else { Some(name) };
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| Fault::new("scim_path"))?;
    Ok((name.to_owned(), filter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(json: Json) -> Object {
        json.as_object().unwrap().clone()
    }

    fn patched(operations: Json) -> Result<Object, &'static str> {
        let now = object(json!({ "displayName": "组", "members": [{ "value": "a" }, { "value": "b" }] }));
        let body = object(json!({ "schemas": [], "Operations": operations }));
        apply(&body, now, &["displayName", "externalId", "members"]).map_err(|fault| fault.key)
    }

    fn members(operations: Json) -> Vec<String> {
        let all = patched(operations).unwrap();
        let members = all["members"].as_array().unwrap();
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn members_come_and_go_in_each_way_that_directories_write_it() {
        let c = json!([{ "value": "c" }]);
        assert_eq!(members(json!([{ "op": "Add", "path": "members", "value": c }])), ["a", "b", "c"]);
        assert_eq!(members(json!([{ "op": "add", "value": { "members": [{ "value": "a" }] } }])), ["b", "a"]);
        assert_eq!(members(json!([{ "op": "replace", "path": "members", "value": c }])), ["c"]);
        assert_eq!(members(json!([{ "op": "remove", "path": "members[value eq \"a\"]" }])), ["b"]);
        assert_eq!(
            members(json!([{ "op": "remove", "path": "members", "value": [{ "value": "b" }] }])),
            ["a"]
        );
        assert_eq!(members(json!([{ "op": "remove", "path": "members" }])), Vec::<String>::new());
        let named = "urn:ietf:params:scim:schemas:core:2.0:Group:displayName";
        assert_eq!(
            patched(json!([{ "op": "replace", "path": named, "value": "乙" }])).unwrap()["displayName"],
            "乙"
        );
    }

    #[test]
    fn what_is_no_patch_is_refused_and_what_is_not_kept_changes_nothing() {
        for (operations, key) in [
            (json!([]), "scim_path"),
            (json!([{ "op": "move", "path": "members" }]), "scim_path"),
            (json!([{ "op": "remove" }]), "scim_path"),
            (json!([{ "op": "replace", "path": "id", "value": "x" }]), "scim_fixed"),
            (json!([{ "op": "add", "path": "members", "value": "a" }]), "scim_value"),
            (json!([{ "op": "add", "path": "members[value eq \"a\"", "value": [] }]), "scim_path"),
            (json!([{ "op": "remove", "path": "members[value zz \"a\"]" }]), "scim_filter"),
        ] {
            assert_eq!(patched(operations.clone()).err(), Some(key), "{operations}");
        }
        let same = patched(json!([{ "op": "add", "path": "roles", "value": ["CDO"] }])).unwrap();
        assert!(!same.contains_key("roles"));
    }
}
