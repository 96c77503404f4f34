//! People and groups in the form that SCIM has for them.

use dossier_engine::model::Fault;
use dossier_engine::{Caller, DirectoryGroup, DirectoryPerson, Engine, GroupAsk, PersonAsk};
use serde_json::{Value as Json, json};

use super::Object;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// The schemas of what is served and of what serves it (RFC 7643 §7), with the attributes that are known here.
const SCHEMAS: &str = include_str!("schemas.json");

/// A kind of resource.
pub(super) trait Resource: Sized + 'static {
    /// As it is to be.
    type Wish;

    /// The attributes that can be written. Others are passed over: what a directory sends besides is not kept.
    const KNOWN: &'static [&'static str];

    fn all(engine: &Engine, caller: &Caller) -> Result<Vec<Self>, Fault>;
    fn id(&self) -> &str;
    fn shown(&self) -> Object;
    /// What a patch is worked out on: as it is shown, and what waits besides.
    fn meant(&self) -> Object {
        self.shown()
    }
    /// Reads what it is to be.
    fn wish(body: &Object) -> Result<Self::Wish, Fault>;
    fn add(engine: &Engine, caller: &Caller, wish: Self::Wish) -> Result<String, Fault>;
    fn put(engine: &Engine, caller: &Caller, id: &str, wish: Self::Wish, now: &Self) -> Result<(), Fault>;
    fn delete(engine: &Engine, caller: &Caller, id: &str) -> Result<(), Fault>;
}

/// A person, with the groups that they are in.
pub(super) struct User {
    person: DirectoryPerson,
    groups: Vec<(String, String)>,
}

/// A group.
pub(super) struct Group(DirectoryGroup);

impl Resource for User {
    type Wish = PersonAsk;
    const KNOWN: &'static [&'static str] = &["userName", "externalId", "active"];

    fn all(engine: &Engine, caller: &Caller) -> Result<Vec<User>, Fault> {
        let directory = engine.directory(caller)?;
        let groups = |id: &String| {
            let of = directory.groups.iter().filter(|group| group.members.contains(id));
            of.map(|group| (group.id.clone(), group.name.clone())).collect()
        };
        Ok(directory
            .people
            .iter()
            .map(|person| User { groups: groups(&person.id), person: person.clone() })
            .collect())
    }

    fn id(&self) -> &str {
        &self.person.id
    }

    fn shown(&self) -> Object {
        let DirectoryPerson { id, name, external, active, created_at, version } = &self.person;
        let groups = self
            .groups
            .iter()
            .map(|(id, name)| json!({ "value": id, "display": name, "$ref": address("Groups", id) }));
        let mut shown = common(USER, "User", "Users", id, external.as_deref(), created_at, *version);
        shown.insert("userName".to_owned(), json!(name));
        shown.insert("active".to_owned(), json!(active));
        let groups: Vec<Json> = groups.collect();
        if !groups.is_empty() {
            shown.insert("groups".to_owned(), json!(groups));
        }
        shown
    }

    fn wish(body: &Object) -> Result<PersonAsk, Fault> {
        Ok(PersonAsk {
            name: text(body, "userName")?.ok_or_else(|| Fault::new("required").field("userName"))?,
            external: text(body, "externalId")?,
            active: flag(body, "active")?,
        })
    }

    fn add(engine: &Engine, caller: &Caller, wish: PersonAsk) -> Result<String, Fault> {
        engine.directory_add(caller, &wish)
    }

    fn put(engine: &Engine, caller: &Caller, id: &str, wish: PersonAsk, now: &User) -> Result<(), Fault> {
        engine.directory_put(caller, id, &wish, now.person.version)
    }

    fn delete(engine: &Engine, caller: &Caller, id: &str) -> Result<(), Fault> {
        engine.directory_delete(caller, id)
    }
}

impl Resource for Group {
    type Wish = GroupAsk;
    const KNOWN: &'static [&'static str] = &["displayName", "externalId", "members"];

    fn all(engine: &Engine, caller: &Caller) -> Result<Vec<Group>, Fault> {
        Ok(engine.directory(caller)?.groups.into_iter().map(Group).collect())
    }

    fn id(&self) -> &str {
        &self.0.id
    }

    fn shown(&self) -> Object {
        self.with_members(&self.0.members)
    }

    fn meant(&self) -> Object {
        self.with_members(&self.0.meant)
    }

    fn wish(body: &Object) -> Result<GroupAsk, Fault> {
        let members = match member(body, "members") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(all)) => all.iter().map(value_of).collect::<Result<_, Fault>>()?,
            Some(_) => return Err(Fault::new("scim_value").field("members")),
        };
        Ok(GroupAsk {
            name: text(body, "displayName")?.ok_or_else(|| Fault::new("required").field("displayName"))?,
            external: text(body, "externalId")?,
            members,
        })
    }

    fn add(engine: &Engine, caller: &Caller, wish: GroupAsk) -> Result<String, Fault> {
        engine.directory_add_group(caller, &wish)
    }

    fn put(engine: &Engine, caller: &Caller, id: &str, wish: GroupAsk, now: &Group) -> Result<(), Fault> {
        engine.directory_put_group(caller, id, &wish, now.0.version)
    }

    fn delete(engine: &Engine, caller: &Caller, id: &str) -> Result<(), Fault> {
        engine.directory_delete_group(caller, id)
    }
}

impl Group {
    fn with_members(&self, members: &[String]) -> Object {
        let DirectoryGroup { id, name, external, created_at, version, .. } = &self.0;
        let mut shown = common(GROUP, "Group", "Groups", id, external.as_deref(), created_at, *version);
        shown.insert("displayName".to_owned(), json!(name));
        let members = members.iter().map(|id| json!({ "value": id, "$ref": address("Users", id) }));
        let members: Vec<Json> = members.collect();
        if !members.is_empty() {
            shown.insert("members".to_owned(), json!(members));
        }
        shown
    }
}

fn common(
    schema: &str,
    kind: &str,
    place: &str,
    id: &str,
    external: Option<&str>,
    created: &str,
    version: u32,
) -> Object {
    let mut shown = Object::new();
    shown.insert("schemas".to_owned(), json!([schema]));
    shown.insert("id".to_owned(), json!(id));
    if let Some(external) = external {
        shown.insert("externalId".to_owned(), json!(external));
    }
    let meta = json!({
        "resourceType": kind, "created": created, "location": address(place, id), "version": format!("W/\"{version}\""),
    });
    shown.insert("meta".to_owned(), meta);
    shown
}

/// Where a resource is, relative to the server.
fn address(place: &str, id: &str) -> String {
    format!("/scim/v2/{place}/{id}")
}

/// The member of this name; names are the same in any case (RFC 7643 §2.1).
pub(super) fn member<'o>(body: &'o Object, name: &str) -> Option<&'o Json> {
    body.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(body: &Object, name: &'static str) -> Result<Option<String>, Fault> {
    match member(body, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::new("scim_value").field(name)),
    }
}

/// True or false, also as the text that some directories send.
fn flag(body: &Object, name: &'static str) -> Result<Option<bool>, Fault> {
    match member(body, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Bool(flag)) => Ok(Some(*flag)),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(Fault::new("scim_value").field(name)),
    }
}

/// The id of a member of a group.
pub(super) fn value_of(one: &Json) -> Result<String, Fault> {
    let value = one.as_object().and_then(|one| member(one, "value")).and_then(Json::as_str);
    value.map(str::to_owned).ok_or_else(|| Fault::new("scim_value").field("members"))
}

/// What is supported of the protocol (RFC 7643 §5).
pub(super) fn configuration() -> Json {
    let no = json!({ "supported": false });
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": super::MOST },
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "An access token of a program, by its credentials at /oauth/token",
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": "/scim/v2/ServiceProviderConfig" },
    })
}

/// What there is (RFC 7643 §6).
pub(super) fn types() -> Vec<Json> {
    let one = |name: &str, place: &str, schema: &str| {
        json!({
            "schemas": [TYPE], "id": name, "name": name, "endpoint": format!("/{place}"), "schema": schema,
            "meta": { "resourceType": "ResourceType", "location": format!("/scim/v2/ResourceTypes/{name}") },
        })
    };
    vec![one("User", "Users", USER), one("Group", "Groups", GROUP)]
}

/// What each of them holds (RFC 7643 §7).
pub(super) fn schemas() -> Result<Vec<Json>, Fault> {
    let mut all: Vec<Json> = serde_json::from_str(SCHEMAS).map_err(|_| Fault::new("internal"))?;
    for one in &mut all {
        let location = format!("/scim/v2/Schemas/{}", one["id"].as_str().unwrap_or_default());
        one["meta"] = json!({ "resourceType": "Schema", "location": location });
    }
    Ok(all)
}
