//! Made-up contacts.

use super::random::{Random, permute};
use super::words::TITLES;
use super::{numbers, person};
use crate::time::Day;

/// The columns of a contact. 所属客户 is the document number of its customer.
pub const CONTACT_COLUMNS: [&str; 9] =
    ["所属客户", "姓名", "职务", "决策角色", "手机", "电子邮箱", "微信", "生日", "沟通偏好"];

const ROLES: &[(u32, &str)] = &[(30, "决策者"), (30, "影响者"), (30, "使用者"), (10, "其他")];
const PREFERENCES: &[(u32, &str)] = &[(40, "电话"), (20, "邮件"), (40, "微信")];

/// The cells of a contact of customer `i`, in the order of [`CONTACT_COLUMNS`].
pub(super) fn cells(seed: u64, today: Day, i: u64) -> Vec<String> {
    let mut random = Random::new(seed, 2, i);
    let random = &mut random;
    let unique = permute(seed, i.wrapping_mul(2).wrapping_add(1));
    let customer = super::customer::document(seed, today, i);
    let (name, latin) = person::name(random);
    let wechat = if random.percent(50) { numbers::wechat(latin, unique) } else { String::new() };
    let birthday = if random.percent(40) { birthday(random, today).to_string() } else { String::new() };
    vec![
        customer,
        name,
        random.pick(TITLES).to_owned(),
        random.weighted(ROLES).to_owned(),
        numbers::phone(random, unique),
        numbers::email(latin, unique, random.percent(50)),
        wechat,
        birthday,
        random.weighted(PREFERENCES).to_owned(),
    ]
}

fn birthday(random: &mut Random, today: Day) -> Day {
    today.plus(-22 * 366 - i32::try_from(random.below(40 * 365)).unwrap_or(0))
}
