//! How much is answered: a token bucket over all callers, and a cap on what is in work.

use std::num::NonZeroU32;
use std::sync::Arc;

use dossier_engine::model::Fault;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;

/// The limits of one server.
pub(crate) struct Limits {
    bucket: Option<(DefaultDirectRateLimiter, DefaultClock)>,
    places: Option<Arc<Semaphore>>,
}

impl Limits {
    pub(crate) fn new(settings: &config::Limits) -> Limits {
        let bucket = NonZeroU32::new(settings.requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(settings.burst).unwrap_or(rate);
            let clock = DefaultClock::default();
            (RateLimiter::direct_with_clock(Quota::per_second(rate).allow_burst(burst), clock.clone()), clock)
        });
        let places = usize::try_from(settings.in_flight).ok().filter(|places| *places > 0);
        Limits { bucket, places: places.map(|places| Arc::new(Semaphore::new(places))) }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds until there is one again.
    pub(crate) fn take(&self) -> Result<(), Fault> {
        let Some((bucket, clock)) = &self.bucket else { return Ok(()) };
        bucket.check().map_err(|until| {
            let wait = until.wait_time_from(clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Fault::new("rate_limited").with("seconds", seconds.max(1).to_string())
        })
    }

    /// Takes a place among the requests in work; none where there is no limit.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) fn enter(&self) -> Result<Option<Arc<OwnedSemaphorePermit>>, Fault> {
        let Some(places) = &self.places else { return Ok(None) };
        let place = Arc::clone(places).try_acquire_owned().map_err(|_| Fault::new("overloaded"))?;
        Ok(Some(Arc::new(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(change: impl FnOnce(&mut config::Limits)) -> Limits {
        let mut settings = config::Settings::default().limits;
        change(&mut settings);
        Limits::new(&settings)
    }

    #[test]
    fn the_bucket_holds_what_it_may_and_then_says_when_to_come_again() {
        let limits = limits(|limits| (limits.requests_per_second, limits.burst) = (1, 3));
        assert!((0..3).all(|_| limits.take().is_ok()));
        let fault = limits.take().unwrap_err();
        assert_eq!((fault.key, fault.status()), ("rate_limited", 429));
        assert_eq!(fault.params, [("seconds", "1".to_owned())]);
    }

    #[test]
    fn the_bucket_is_as_large_as_the_rate_when_nothing_else_is_said() {
        let limits = limits(|limits| limits.requests_per_second = 50);
        let taken = (0..200).take_while(|_| limits.take().is_ok()).count();
        assert!((50..60).contains(&taken), "{taken}");
    }

    #[test]
    fn nought_is_no_limit() {
        let limits = limits(|limits| (limits.requests_per_second, limits.in_flight) = (0, 0));
        assert!((0..10_000).all(|_| limits.take().is_ok()));
        assert!(limits.enter().unwrap().is_none());
    }

    #[test]
    fn a_place_is_free_again_once_all_who_hold_it_let_go() {
        let limits = limits(|limits| limits.in_flight = 1);
        let place = limits.enter().unwrap();
        let held_by_the_engine = place.clone();
        drop(place);
        assert_eq!(limits.enter().unwrap_err().key, "overloaded");
        drop(held_by_the_engine);
        assert!(limits.enter().is_ok());
    }
}
