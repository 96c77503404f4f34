//! Clustering keys: tenant and number as one integer.
//!
//! Rows are clustered by it, so that what was written together lies together, and a row costs no second lookup. The
//! tenant of an embedded store (1) has the numbers themselves as keys, which SQLite stores in as few bytes as they need.

use dossier_model::id::{Rid, Tenant};

use crate::error::StoreError;

/// Bits of a number; the tenant takes the ones above.
const NUMBER_BITS: u32 = 40;
/// Tenants above this would not fit beside the number.
const MAX_TENANT: u32 = 1 << 22;

/// The key of number `number` of a tenant.
pub(super) fn place(tenant: Tenant, number: i64) -> Result<i64, StoreError> {
    if tenant.0 > MAX_TENANT || !(0..1 << NUMBER_BITS).contains(&number) {
        return Err(StoreError::Invalid("a tenant above 4,194,304 or a number of more than 40 bits"));
    }
    Ok(base(tenant) + number)
}

/// The key of a record; numbers of records start at 1.
pub(super) fn row_place(tenant: Tenant, rid: Rid) -> Result<i64, StoreError> {
    if rid.0 < 1 {
        return Err(StoreError::Invalid("a record number below 1"));
    }
    place(tenant, rid.0)
}

/// The key of a log entry.
pub(super) fn log_place(tenant: Tenant, index: u64) -> Result<i64, StoreError> {
    place(tenant, i64::try_from(index).unwrap_or(i64::MAX))
}

/// The number that a key of the tenant stands for.
pub(super) fn number_of(tenant: Tenant, place: i64) -> i64 {
    place - base(tenant)
}

/// The tenant that a key is of.
pub(super) fn tenant_of(place: i64) -> Result<u32, StoreError> {
    let tenant = (place >> NUMBER_BITS) + 1;
    u32::try_from(tenant).map_err(|_| StoreError::Corrupt("a row of no tenant".into()))
}

/// First and last key of a tenant.
pub(super) fn bounds(tenant: Tenant) -> (i64, i64) {
    (base(tenant), base(tenant) + (1 << NUMBER_BITS) - 1)
}

fn base(tenant: Tenant) -> i64 {
    (i64::from(tenant.0) - 1) << NUMBER_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_tenant_of_an_embedded_store_has_small_keys() {
        assert_eq!(place(Tenant(1), 7), Ok(7));
    }

    #[test]
    fn tenants_do_not_overlap_and_numbers_come_back() {
        for tenant in [0, 1, 2, MAX_TENANT] {
            let (first, last) = bounds(Tenant(tenant));
            let key = place(Tenant(tenant), 123).unwrap();
            assert!(first <= key && key <= last);
            assert_eq!((number_of(Tenant(tenant), key), tenant_of(key)), (123, Ok(tenant)));
            assert_eq!(bounds(Tenant(tenant + 1)).0, last + 1);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(place(Tenant(MAX_TENANT + 1), 1).is_err());
        assert!(place(Tenant(1), 1 << 40).is_err());
        assert!(row_place(Tenant(1), Rid(0)).is_err());
    }
}
