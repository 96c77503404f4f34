//! What one field tells about another.

use super::Kind;
use super::document::{self, CREDIT_CODE};
use super::field::{Check, Field};
use super::record::text;
use crate::address::{self, Address, Hint};
use crate::value::{Fields, Value};

impl Kind {
    /// Fills what follows from other fields and is still empty. Nothing that stands there is replaced, except that
    /// numbers and addresses are brought to their normal form.
    ///
    /// Running it twice changes nothing more.
    pub fn derive(&self, fields: &mut Fields) {
        self.derive_from_document(fields);
        self.derive_from_address(fields);
    }

    /// The same after a change: what follows from a value that is another one now follows from that, unless somebody had
    /// said otherwise, before or with the change.
    pub fn derive_change(&self, before: &Fields, after: &mut Fields) {
        let following = [
            (self.by_check(Check::Address), [self.by_check(Check::Province), self.by_name("city")]),
            (self.by_check(Check::DocumentNumber), [self.by_check(Check::TaxNumber), None]),
        ];
        // With what is known of the region, so that a street alone still stands in its city.
        self.derive(after);
        for (source, followers) in following {
            let Some(source) = source.map(|field| field.number) else { continue };
            if before.get(&source) == after.get(&source) {
                continue;
            }
            let followers: Vec<u16> = followers.into_iter().flatten().map(|field| field.number).collect();
            let (was, is) = (self.derived_alone(before, &followers), self.derived_alone(after, &followers));
            let tells = followers.iter().any(|number| is.contains_key(number));
            for number in followers {
                let kept = before.get(&number);
                let derived = kept == after.get(&number) && kept == was.get(&number);
                match is.get(&number) {
                    Some(value) if derived => drop(after.insert(number, value.clone())),
                    None if derived && (tells || !after.contains_key(&source)) => drop(after.remove(&number)),
                    _ => {}
                }
            }
        }
    }

    /// What would follow if these fields were empty.
    fn derived_alone(&self, fields: &Fields, empty: &[u16]) -> Fields {
        let mut fields = fields.clone();
        fields.retain(|number, _| !empty.contains(number));
        self.derive(&mut fields);
        fields
    }

    /// Splits addresses that are not split yet. The kind's first address is where the customer is registered: its
    /// province and city help to split it, and are filled by it.
    fn derive_from_address(&self, fields: &mut Fields) {
        let region = [self.by_check(Check::Province), self.by_name("city").filter(|field| field.enabled)];
        let home = self.by_check(Check::Address);
        for field in self.fields.iter().filter(|field| field.enabled && field.check == Check::Address) {
            let said = |of: Option<&Field>| of.and_then(|of| text(fields, of)).unwrap_or_default();
            let [province, city] = if Some(field) == home { region.map(said) } else { [""; 2] };
            let split =
                text(fields, field).and_then(|kept| address::split_kept(kept, Hint { province, city }));
            if let Some(split) = split.filter(|split| field.length_of(split) <= field.max_len as usize) {
                fields.insert(field.number, Value::Text(split));
            }
        }
        let Some(kept) = home.and_then(|home| text(fields, home)).map(str::to_owned) else { return };
        let Ok(address) = Address::parse(&kept) else { return };
        for (field, part) in region.into_iter().zip([address.short_province(), address.short_city()]) {
            if let Some(field) = field.filter(|_| !part.is_empty()) {
                fields.entry(field.number).or_insert_with(|| Value::Text(part.to_owned()));
            }
        }
    }

    /// The document's type by its shape, the subject, and the tax number of a credit code.
    fn derive_from_document(&self, fields: &mut Fields) {
        let Some(number_field) = self.by_check(Check::DocumentNumber) else { return };
        let type_field = number_field.unique_with.as_deref().and_then(|name| self.by_name(name));
        let (Some(number), Some(type_field)) = (text(fields, number_field).map(str::to_owned), type_field)
        else {
            return;
        };
        let document_type = match text(fields, type_field) {
            Some(known) => known.to_owned(),
            None => match document::guess_type(&number, self.subject(fields)) {
                Some(guessed) => guessed.to_owned(),
                None => return,
            },
        };
        fields.insert(type_field.number, Value::Choice(document_type.clone()));

        if let Some(subject_field) = self.by_name("subject").filter(|field| field.enabled)
            && let Some(subject) = document::subject_of(&document_type, &number)
        {
            fields.entry(subject_field.number).or_insert_with(|| Value::Choice(subject.to_string()));
        }
        // A number that fails its check stays as it was given; check_record then says what is wrong.
        let Ok(number) = document::number_of(&document_type, &number) else { return };
        fields.insert(number_field.number, Value::Text(number.clone()));
        if document_type == CREDIT_CODE
            && let Some(tax_field) = self.by_check(Check::TaxNumber)
        {
            fields.entry(tax_field.number).or_insert(Value::Text(number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kinds;

    const CODE: &str = "91350100M000100Y43";

    fn derived(given: &[(u16, Value)]) -> Fields {
        let mut fields: Fields = given.iter().cloned().collect();
        Kinds::customer().derive(&mut fields);
        let mut again = fields.clone();
        Kinds::customer().derive(&mut again);
        assert_eq!(again, fields, "deriving twice changes more");
        fields
    }

    fn shown(fields: &Fields) -> Vec<(u16, &str)> {
        fields.iter().map(|(number, value)| (*number, value.as_text().unwrap())).collect()
    }

    #[test]
    fn a_credit_code_tells_type_subject_and_tax_number() {
        let fields = derived(&[(4, Value::Text(CODE.into()))]);
        assert_eq!(shown(&fields), [(2, "A"), (3, "credit_code"), (4, CODE), (5, CODE)]);
    }

    /// Registered address, province, city; nothing for what is not there.
    fn located(given: &[(&str, &str)]) -> [String; 3] {
        let kind = Kinds::customer();
        let number = |name: &str| kind.by_name(name).unwrap().number;
        let of = |(name, value): &(&str, &str)| (number(name), Value::Text((*value).into()));
        let fields = derived(&given.iter().map(of).collect::<Vec<_>>());
        ["registered_address", "province", "city"]
            .map(|name| fields.get(&number(name)).map(Value::to_text).unwrap_or_default())
    }

    #[test]
    fn an_address_is_split_with_the_help_of_the_record_and_fills_its_region() {
        let said = [("registered_address", "||||朝阳区示例路1号"), ("province", "吉林"), ("city", "长春")];
        assert_eq!(located(&said), ["吉林省|长春市|朝阳区|示例路|1号", "吉林", "长春"]);
        assert_eq!(located(&said[..1]), ["||||朝阳区示例路1号", "", ""]);
        let alone = [("registered_address", "||||仙桃市示例路1号")];
        assert_eq!(located(&alone), ["湖北省||仙桃市|示例路|1号", "湖北", "仙桃"]);
        let other = [("registered_address", "||||浙江省杭州市西湖区示例路1号"), ("city", "宁波")];
        assert_eq!(located(&other), ["浙江省|杭州市|西湖区|示例路|1号", "浙江", "宁波"]);
    }

    #[test]
    fn where_goods_go_to_need_not_be_where_the_customer_is_registered() {
        let fields = derived(&[
            (21, Value::Text("||||示例路1号".into())),
            (7, Value::Text("||||宁波市示例路1号".into())),
            (17, Value::Text("浙江".into())),
        ]);
        assert_eq!(shown(&fields), [(7, "浙江省|宁波市||示例路|1号"), (17, "浙江"), (21, "||||示例路1号")]);
    }

    /// Registered address, province, city after a change of some of them.
    fn moved(before: &[(&str, &str)], change: &[(&str, &str)]) -> [String; 3] {
        let kind = Kinds::customer();
        let number = |name: &str| kind.by_name(name).unwrap().number;
        let put = |fields: &mut Fields, given: &[(&str, &str)]| {
            for (name, value) in given {
                match *value {
                    "" => drop(fields.remove(&number(name))),
                    value => drop(fields.insert(number(name), Value::Text(value.into()))),
                }
            }
        };
        let mut fields = Fields::new();
        put(&mut fields, before);
        kind.derive(&mut fields);
        let mut after = fields.clone();
        put(&mut after, change);
        kind.derive_change(&fields, &mut after);
        ["registered_address", "province", "city"]
            .map(|name| after.get(&number(name)).map(Value::to_text).unwrap_or_default())
    }

    #[test]
    fn the_region_follows_an_address_that_moves_unless_somebody_said_otherwise() {
        let home = [("registered_address", "||||浙江省杭州市西湖区示例路1号")];
        let away = ("registered_address", "||||广东省深圳市南山区示例路2号");
        assert_eq!(moved(&home, &[away]), ["广东省|深圳市|南山区|示例路|2号", "广东", "深圳"]);
        let street = [("registered_address", "||||余杭区示例路3号")];
        assert_eq!(moved(&home, &street), ["浙江省|杭州市|余杭区|示例路|3号", "浙江", "杭州"]);
        let province = [("registered_address", "||||江苏省示例路4号")];
        assert_eq!(moved(&home, &province), ["江苏省|||示例路|4号", "江苏", ""]);
        assert_eq!(moved(&home, &[("registered_address", "")]), ["", "", ""]);
        assert_eq!(moved(&home, &[away, ("city", "东莞")])[1..], ["广东", "东莞"]);
        let said = [home[0], ("city", "宁波")];
        assert_eq!(moved(&said, &[away])[1..], ["广东", "宁波"]);
    }

    #[test]
    fn the_tax_number_follows_the_credit_code_it_came_from() {
        let other = "91350100M000200A33";
        let kind = Kinds::customer();
        for (given, expected) in [(None, other), (Some("320503722177294"), "320503722177294")] {
            let mut before = derived(&[(4, Value::Text(CODE.into()))]);
            given.into_iter().for_each(|given| drop(before.insert(5, Value::Text(given.into()))));
            let mut after = before.clone();
            after.insert(4, Value::Text(other.into()));
            kind.derive_change(&before, &mut after);
            assert_eq!(after.get(&5).unwrap().to_text(), expected);
        }
    }

    #[test]
    fn what_was_given_stays() {
        let given = [
            (2, Value::Choice("C".into())),
            (3, Value::Choice("other".into())),
            (4, Value::Text(CODE.into())),
            (5, Value::Text("320503722177294".into())),
        ];
        assert_eq!(shown(&derived(&given)), [(2, "C"), (3, "other"), (4, CODE), (5, "320503722177294")]);
    }

    #[test]
    fn an_identity_number_tells_a_person_and_no_tax_number() {
        let fields = derived(&[(4, Value::Text("11010519491231002X".into()))]);
        assert_eq!(shown(&fields), [(2, "B"), (3, "identity_number"), (4, "11010519491231002X")]);
    }

    #[test]
    fn a_number_that_fails_its_check_fills_no_tax_number() {
        let fields = derived(&[(4, Value::Text("91350100M000100Y44".into()))]);
        assert_eq!(shown(&fields), [(2, "A"), (3, "credit_code"), (4, "91350100M000100Y44")]);
        assert!(derived(&[]).is_empty());
    }
}
