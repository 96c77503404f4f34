//! Everything that the engine shows of records, as facts: a fact that nobody ever wrote is a lie.

use super::place::Place;
use dossier_engine::{Caller, Engine, Hits, ListQuery, Origin, Record, Reveal, Search};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// `id|what|value`, over all ways in which a value can be looked at.
pub type Facts = BTreeSet<String>;

/// One way of looking.
enum Look<'p> {
    Lists,
    Searches,
    Work,
    Policy,
    Record(&'p (&'static str, String)),
}

/// Looks at everything, as each of the place's programs. What is refused shows nothing.
pub fn look(place: &Place, engine: &Engine) -> Facts {
    let callers: Vec<Caller> =
        place.tokens.iter().filter_map(|token| engine.caller(&Origin::default(), token).ok()).collect();
    let (records, searched) = (&place.records, &place.searched);
    // All at once: a key that is missing is waited for.
    std::thread::scope(|scope| {
        let mut looking = Vec::new();
        for caller in &callers {
            let of_records = records.iter().map(Look::Record);
            for look in [Look::Lists, Look::Searches, Look::Work, Look::Policy].into_iter().chain(of_records)
            {
                looking.push(scope.spawn(move || {
                    let mut facts = Facts::new();
                    let mut eye = Eye(&mut facts);
                    match look {
                        Look::Lists => eye.lists(engine, caller),
                        Look::Searches => eye.searches(engine, caller, searched),
                        Look::Work => eye.work(engine, caller),
                        Look::Policy => eye.policy(engine, caller),
                        Look::Record((kind, id)) => eye.record_by_id(engine, caller, kind, id),
                    }
                    facts
                }));
            }
        }
        looking.into_iter().flat_map(|looks| looks.join().unwrap()).collect()
    })
}

struct Eye<'a>(&'a mut Facts);

impl Eye<'_> {
    fn say(&mut self, of: &str, what: &str, value: impl Serialize) {
        let value = serde_json::to_string(&value).unwrap();
        self.0.insert(format!("{of}|{what}|{value}"));
    }

    fn record(&mut self, record: &Record) {
        let json = serde_json::to_value(record).unwrap();
        let id = &record.id;
        for (field, value) in json["fields"].as_object().unwrap() {
            self.say(id, field, value);
        }
        for what in ["code", "dossier", "stage", "level", "team", "state"] {
            if let Some(value) = json.get(what) {
                self.say(id, what, value);
            }
        }
        self.say(id, "at", &record.created_at);
        self.say(id, "at", &record.changed_at);
        for (field, origin) in record.provenance.iter().flatten() {
            self.say(id, field, &origin.by);
            self.say(id, "at", &origin.at);
        }
    }

    fn lists(&mut self, engine: &Engine, caller: &Caller) {
        for kind in ["customer", "contact"] {
            let all = ListQuery { kind: kind.into(), limit: Some(100), ..ListQuery::default() };
            let team = ListQuery { team: vec!["华东".into()], ..all.clone() };
            let stage = ListQuery { stage: vec![0], ..all.clone() };
            for query in [all, team, stage] {
                for record in engine.list(caller, &query).map(|page| page.items).unwrap_or_default() {
                    self.record(&record);
                }
            }
        }
        let _ = (engine.quality(caller, true), engine.kept_quality(caller));
    }

    fn searches(&mut self, engine: &Engine, caller: &Caller, searched: &[&str]) {
        // The index of this process may be behind, damaged or gone: then it is made again.
        let _ = engine.catch_up_names();
        for text in searched {
            let hits = engine.search(caller, &Search::of(text)).map(|hits: Hits| hits.items);
            for record in hits.unwrap_or_default() {
                self.record(&record);
            }
        }
    }

    fn record_by_id(&mut self, engine: &Engine, caller: &Caller, kind: &str, id: &str) {
        for provenance in [true, false] {
            if let Ok(record) = engine.read(caller, kind, id, provenance) {
                self.record(&record);
            }
        }
        let inside = ListQuery { kind: "contact".into(), dossier: Some(id.into()), ..ListQuery::default() };
        for record in engine.list(caller, &inside).map(|page| page.items).unwrap_or_default() {
            self.record(&record);
        }
        for version in engine.history(caller, kind, id, None, None).map(|h| h.versions).unwrap_or_default() {
            let json = serde_json::to_value(&version).unwrap();
            for what in ["at", "stage", "level", "team"] {
                self.say(id, what, &json[what]);
            }
            for change in json["changes"].as_array().unwrap() {
                let field = change["field"].as_str().unwrap();
                for value in [&change["before"], &change["after"]] {
                    if *value != Json::Null {
                        self.say(id, field, value);
                    }
                }
            }
        }
        for field in ["phone", "mobile"] {
            let ask = Reveal {
                kind: kind.into(),
                id: id.into(),
                field: field.into(),
                purpose: "核对资料".into(),
                how: dossier_engine::Opening::Look,
            };
            if let Ok(shown) = engine.reveal(caller, &ask) {
                self.say(id, field, &shown.value);
            }
        }
        let _ = engine.looks(caller, id);
    }

    fn work(&mut self, engine: &Engine, caller: &Caller) {
        for import in engine.imports(caller, None, None).map(|page| page.items).unwrap_or_default() {
            self.say(&import.id, "name", &import.name);
            self.say(&import.id, "counts", [import.rows, import.imported, import.rejected]);
            let rows = engine.import_problems(caller, &import.id, None, None).map(|page| page.items);
            for row in rows.unwrap_or_default() {
                self.say(&import.id, "row", &row.cells);
            }
            if let Ok(preview) = engine.preview_import(caller, &import.id, 5) {
                for cell in preview.rows.iter().flat_map(|row| &row.cells) {
                    self.say(&import.id, "preview", &cell.raw);
                }
            }
        }
        for view in engine.views(caller).unwrap_or_default() {
            self.say(&view.id, "view", (&view.name, &view.body));
        }
    }

    fn policy(&mut self, engine: &Engine, caller: &Caller) {
        for user in engine.users(caller).unwrap_or_default() {
            self.say(&user.id, "user", (&user.name, &user.roles.join(" "), &user.team));
        }
        for client in engine.clients(caller).unwrap_or_default() {
            self.say(&client.client_id, "client", (&client.name, &client.roles.join(" "), &client.team));
        }
        for team in engine.teams(caller).unwrap_or_default() {
            self.say(&team.name, "team", &team.name);
        }
    }
}
