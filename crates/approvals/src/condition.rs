//! Conditions in CEL (the Common Expression Language), over a fixed set of variables. Only this file knows the crate.
//!
//! What is accepted is so small that evaluating it ends soon and always gives an answer: no loops, no arithmetic, no
//! functions but those below. Types are worked out beforehand, which the crate does not do. Should an evaluation fail
//! all the same, the condition counts as met, so that the command waits.

use crate::facts::{Facts, Turn};
use crate::organisation::{Asker, Organisation};
use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use cel::{Context, Env, Value};
use dossier_model::fault::Fault;
use std::sync::{Arc, LazyLock};

/// The longest condition, in characters.
pub const MOST_LONG: usize = 500;
const MOST_DEEP: u16 = 16;

/// The type of a value in a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// A list of whole numbers.
    Ints,
    /// A list of texts.
    Texts,
}

/// What a condition may name.
pub const VARIABLES: &[(&str, Type)] = &[
    // The command, by its name, and the kind of the records; "" where it is about none.
    ("command", Type::Text),
    ("kind", Type::Text),
    // The names of the fields that are written or taken out.
    ("fields", Type::Texts),
    // Of the dossier, as it is and as it is to be; "" where the command is about none. Levels are "L1" to "L4".
    ("stage_from", Type::Text),
    ("stage_to", Type::Text),
    ("level_from", Type::Text),
    ("level_to", Type::Text),
    // Teams by their ids.
    ("team_from", Type::Text),
    ("team_to", Type::Text),
    // The highest level among the dossiers and values that are concerned.
    ("highest", Type::Text),
    // How many records are concerned.
    ("count", Type::Int),
    // The dossier's band of value; 0 where it has none.
    ("band", Type::Int),
    // The team and the roles of the asker, or of the person responsible for the program that asks.
    ("asker_team", Type::Text),
    ("asker_roles", Type::Texts),
    // Whether a program asks.
    ("program", Type::Bool),
];

/// The functions and operators of the language, without macros: there are no loops.
static ENV: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::default().with_optional_support(false).with_stdlib()));

/// A condition that was read and checked.
#[derive(Clone, Debug)]
pub struct Condition(IdedExpr);

impl Condition {
    /// Reads and checks a condition.
    ///
    /// # Errors
    /// `condition_too_long`, `condition_syntax`, `condition_too_deep`, `condition_name` for something that is no
    /// variable, `condition_unsupported`, `condition_types` where an operator or function is given what it does not
    /// take, `condition_not_boolean`.
    pub fn parse(source: &str) -> Result<Condition, Fault> {
        if source.chars().count() > MOST_LONG {
            return Err(Fault::new("condition_too_long").with("most", MOST_LONG.to_string()));
        }
        let parser = ENV.parser().max_recursion_depth(MOST_DEEP);
        let expression = parser.parse(source).map_err(|errors| {
            let first = errors.errors.first().map_or((1, 1), |error| error.pos);
            let (line, column) = (first.0.max(1), first.1.max(1));
            Fault::new("condition_syntax").with("line", line.to_string()).with("column", column.to_string())
        })?;
        match type_of(&expression, MOST_DEEP)? {
            Type::Bool => Ok(Condition(expression)),
            _ => Err(Fault::new("condition_not_boolean")),
        }
    }

    /// Whether it is met. An evaluation that fails counts as met.
    pub(crate) fn is_met(&self, facts: &Facts<'_>, asker: &Asker, organisation: &Organisation) -> bool {
        self.evaluate(facts, asker, organisation).unwrap_or(true)
    }

    pub(crate) fn evaluate(
        &self,
        facts: &Facts<'_>,
        asker: &Asker,
        organisation: &Organisation,
    ) -> Option<bool> {
        let mut context = Context::with_env(ENV.clone());
        for (name, _) in VARIABLES {
            context.add_variable_from_value(*name, value_of(name, facts, asker, organisation));
        }
        match context.resolve(&self.0) {
            Ok(Value::Bool(met)) => Some(met),
            _ => None,
        }
    }
}

fn value_of(name: &str, facts: &Facts<'_>, asker: &Asker, organisation: &Organisation) -> Value {
    let text = |text: &str| Value::from(text);
    let texts = |all: Vec<String>| Value::from(all);
    let team = |number: u32| organisation.teams.get(&number).map_or("", |team| &team.id);
    let asking = organisation.people.get(&asker.person());
    match name {
        "command" => text(facts.command.name()),
        "kind" => text(facts.kind.map_or("", |kind| &kind.name)),
        "fields" => {
            let named = |number: &u16| Some(facts.kind?.field(*number)?.name.clone());
            texts(facts.fields.iter().filter_map(named).collect())
        }
        "stage_from" => text(part(facts.stage, |turn| turn.from.as_str())),
        "stage_to" => text(part(facts.stage, |turn| turn.to.as_str())),
        "level_from" => text(part(facts.level, |turn| turn.from.as_str())),
        "level_to" => text(part(facts.level, |turn| turn.to.as_str())),
        "team_from" => text(part(facts.team, |turn| team(turn.from))),
        "team_to" => text(part(facts.team, |turn| team(turn.to))),
        "highest" => text(facts.highest.as_str()),
        "count" => Value::Int(i64::try_from(facts.count).unwrap_or(i64::MAX)),
        "band" => Value::Int(i64::from(facts.band)),
        "asker_team" => text(asking.map_or("", |person| team(person.team))),
        "asker_roles" => {
            texts(asking.map_or(Vec::new(), |person| person.roles.iter().map(ToString::to_string).collect()))
        }
        "program" => Value::Bool(matches!(asker, Asker::Program { .. })),
        // Not a variable of the table, so that a condition with it fails and is met.
        _ => Value::Null,
    }
}

fn part<'a, T>(turn: Option<Turn<T>>, of: impl FnOnce(Turn<T>) -> &'a str) -> &'a str {
    turn.map_or("", of)
}

/// The type of an expression, all of whose parts are looked at.
fn type_of(expression: &IdedExpr, deep: u16) -> Result<Type, Fault> {
    let deep = deep
        .checked_sub(1)
        .ok_or_else(|| Fault::new("condition_too_deep").with("most", MOST_DEEP.to_string()))?;
    match &expression.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => Ok(Type::Bool),
        Expr::Literal(LiteralValue::Int(_)) => Ok(Type::Int),
        Expr::Literal(LiteralValue::String(_)) => Ok(Type::Text),
        Expr::Literal(LiteralValue::Null) => Err(unsupported("null")),
        Expr::Literal(LiteralValue::Double(_)) => Err(unsupported("1.5")),
        Expr::Literal(LiteralValue::UInt(_)) => Err(unsupported("1u")),
        Expr::Literal(LiteralValue::Bytes(_)) => Err(unsupported("b''")),
        Expr::Ident(name) => {
            let known = VARIABLES.iter().find(|(known, _)| known == name);
            known
                .map(|(_, kind)| *kind)
                .ok_or_else(|| Fault::new("condition_name").with("name", name.clone()))
        }
        Expr::List(list) => {
            let of = list.elements.iter().map(|element| type_of(element, deep));
            match of.collect::<Result<Vec<Type>, Fault>>()?.as_slice() {
                [Type::Int, rest @ ..] if rest.iter().all(|one| *one == Type::Int) => Ok(Type::Ints),
                [Type::Text, rest @ ..] if rest.iter().all(|one| *one == Type::Text) => Ok(Type::Texts),
                _ => Err(types("[ ]")),
            }
        }
        Expr::Call(call) => {
            let name = as_written(&call.func_name).ok_or_else(|| {
                // All others are named as they are written: `_+_` is `+`.
                unsupported(call.func_name.trim_matches('_'))
            })?;
            let given = call.target.iter().map(AsRef::as_ref).chain(&call.args);
            let given = given.map(|one| type_of(one, deep)).collect::<Result<Vec<Type>, Fault>>()?;
            type_of_call(name, call.target.is_some(), &given)
        }
        Expr::Select(_) => Err(unsupported("a.b")),
        Expr::Map(_) => Err(unsupported("{ }")),
        Expr::Struct(_) => Err(unsupported("T{ }")),
        Expr::Comprehension(_) | Expr::Unspecified => Err(unsupported("exists all map filter")),
    }
}

/// An operator or function that may be used, as people write it.
fn as_written(name: &str) -> Option<&'static str> {
    Some(match name {
        "_&&_" => "&&",
        "_||_" => "||",
        "!_" => "!",
        "_?_:_" => "? :",
        "_==_" => "==",
        "_!=_" => "!=",
        "_<_" => "<",
        "_<=_" => "<=",
        "_>_" => ">",
        "_>=_" => ">=",
        "@in" => "in",
        "size" => "size",
        "contains" => "contains",
        "startsWith" => "startsWith",
        "endsWith" => "endsWith",
        _ => return None,
    })
}

fn type_of_call(name: &'static str, member: bool, given: &[Type]) -> Result<Type, Fault> {
    use Type::*;
    match (name, given) {
        ("&&" | "||", [Bool, Bool]) | ("!", [Bool]) => Ok(Bool),
        ("? :", [Bool, one, other]) if one == other => Ok(*one),
        ("==" | "!=", [one, other]) if one == other => Ok(Bool),
        ("<" | "<=" | ">" | ">=", [Int, Int] | [Text, Text]) => Ok(Bool),
        ("in", [Text, Texts] | [Int, Ints]) => Ok(Bool),
        ("size", [Text | Texts | Ints]) => Ok(Int),
        ("contains" | "startsWith" | "endsWith", [Text, Text]) if member => Ok(Bool),
        _ => Err(types(name)),
    }
}

fn unsupported(what: &str) -> Fault {
    Fault::new("condition_unsupported").with("what", what)
}

fn types(what: &str) -> Fault {
    Fault::new("condition_types").with("what", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use dossier_model::id::Uid;

    #[test]
    fn a_condition_whose_evaluation_fails_counts_as_met() {
        let facts = Facts::of(Command::Merge, None);
        for source in ["1 / 0 == 1", "no_such_variable == 1", "kind"] {
            let condition = Condition(ENV.parser().parse(source).unwrap());
            assert!(condition.is_met(&facts, &Asker::Person(Uid([1; 16])), &Organisation::default()));
        }
    }
}
