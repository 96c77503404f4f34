//! As much of JSON Schema (2020-12) as the document uses. A keyword that is not known here fails the test.

use regex::Regex;
use serde_json::Value as Json;

/// Everything that is wrong with a value.
pub fn faults(document: &Json, schema: &Json, value: &Json) -> Vec<String> {
    let mut out = Vec::new();
    Walk { document, out: &mut out }.value(schema, value, "$");
    out
}

struct Walk<'a> {
    document: &'a Json,
    out: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn value(&mut self, schema: &Json, value: &Json, at: &str) {
        let Json::Object(keywords) = schema else { panic!("{at}: {schema} is no schema") };
        for (keyword, rule) in keywords {
            let holds = match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    let target =
                        self.document.pointer(target).unwrap_or_else(|| panic!("{rule} leads nowhere"));
                    self.value(target, value, at);
                    true
                }
                "anyOf" | "oneOf" => self.one_of(keyword, rule, value),
                "type" => rule
                    .as_array()
                    .map_or_else(|| is(rule, value), |types| types.iter().any(|rule| is(rule, value))),
                "enum" => rule.as_array().unwrap().contains(value),
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
                "format" => format_holds(rule.as_str().unwrap(), value),
                "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
                "minLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap())
                }
                "maxLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap())
                }
                "minItems" => {
                    value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap())
                }
                "maxItems" => {
                    value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap())
                }
                "items" => {
                    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{at}[{number}]"));
                    }
                    true
                }
                "required" => value.as_object().is_none_or(|object| {
                    rule.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
                }),
                "properties" | "additionalProperties" => self.members(schema, keyword, value, at),
                "propertyNames" => true,
                "description" | "examples" | "title" | "default" => true,
                other => panic!("{at}: the keyword `{other}` is not known to the tests"),
            };
            if !holds {
                self.out.push(format!("{at}: {value} breaks {keyword}: {rule}"));
            }
        }
    }

    fn one_of(&mut self, keyword: &str, rules: &Json, value: &Json) -> bool {
        let fits = |rule: &&Json| faults(self.document, rule, value).is_empty();
        let count = rules.as_array().unwrap().iter().filter(fits).count();
        if keyword == "oneOf" { count == 1 } else { count > 0 }
    }

    fn members(&mut self, schema: &Json, keyword: &str, value: &Json, at: &str) -> bool {
        let Json::Object(object) = value else { return true };
        let mut holds = true;
        for (name, member) in object {
            let at = format!("{at}.{name}");
            match (schema["properties"].get(name), &schema[keyword]) {
                (Some(rule), _) if keyword == "properties" => self.value(rule, member, &at),
                (None, Json::Bool(allowed)) => holds &= allowed,
                (None, rule) if keyword == "additionalProperties" => self.value(rule, member, &at),
                _ => {}
            }
        }
        holds
    }
}

fn is(rule: &Json, value: &Json) -> bool {
    match rule.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        other => panic!("the type `{other}` is not known to the tests"),
    }
}

fn format_holds(format: &str, value: &Json) -> bool {
    let pattern = match format {
        "date-time" => r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
        "date" => r"^\d{4}-\d\d-\d\d$",
        "int32" | "int64" => return value.is_i64() || value.is_u64() || value.is_null(),
        other => panic!("the format `{other}` is not known to the tests"),
    };
    let pattern = pattern.replace(r"\d", "[0-9]");
    value.as_str().is_none_or(|text| Regex::new(&pattern).unwrap().is_match(text))
}
