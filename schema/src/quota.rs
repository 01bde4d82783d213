//! Quotas: how much one person may do in an hour, and how many parties one organization may name in
//! a day.
//!
//! They bound the load that one person can cause. The counters are in memory, one set per process,
//! and a restart clears them.
mod parties;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::principal::Principal;

pub use parties::LocalDay;
use parties::NamedParties;

/// The number of counted activities after which subjects with an unused quota are dropped.
const CLEANUP_INTERVAL: u32 = 1_024;

/// An activity that is counted per subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Registering an organization.
    Organization,
    /// Inviting a person to an organization or a department.
    Invitation,
    /// Filing or reaffirming a disclosure.
    Filing,
    /// Submitting a bid.
    Bid,
    /// Looking parties up.
    PartySearch,
}

/// The maximum of each activity per subject and hour (as a burst, then refilled evenly over the
/// hour), and the maximum of different parties that one organization may name per local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    pub organizations: NonZeroU32,
    pub invitations: NonZeroU32,
    pub filings: NonZeroU32,
    pub bids: NonZeroU32,
    pub party_searches: NonZeroU32,
    /// Per organization and local day, counted over everybody who acts for it.
    pub named_parties: NonZeroU32,
}

const fn bound(bound: u32) -> NonZeroU32 {
    NonZeroU32::new(bound).expect("a quota is more than none")
}

impl Quotas {
    /// The quotas of a running service.
    pub const SERVICE: Self = Self {
        organizations: bound(20),
        invitations: bound(100),
        filings: bound(60),
        bids: bound(200),
        party_searches: bound(60),
        named_parties: bound(600),
    };

    const fn of(&self, activity: Activity) -> NonZeroU32 {
        match activity {
            Activity::Organization => self.organizations,
            Activity::Invitation => self.invitations,
            Activity::Filing => self.filings,
            Activity::Bid => self.bids,
            Activity::PartySearch => self.party_searches,
        }
    }
}

impl Activity {
    /// Describes the activity and its bound, to follow the word "may".
    fn described(self, bound: NonZeroU32) -> String {
        match self {
            Self::Organization => format!("create {bound} organizations"),
            Self::Invitation => format!("invite {bound} people"),
            Self::Filing => format!("file {bound} disclosures"),
            Self::Bid => format!("submit {bound} bids"),
            Self::PartySearch => format!("look parties up {bound} times"),
        }
    }
}

type Limiter<C> =
    RateLimiter<Principal, HashMapStateStore<Principal>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Counts the activities of each subject, on a monotonic clock.
struct Counters<C: Clock> {
    quotas: Quotas,
    clock: C,
    organizations: Limiter<C>,
    invitations: Limiter<C>,
    filings: Limiter<C>,
    bids: Limiter<C>,
    party_searches: Limiter<C>,
    parties: NamedParties,
    counted: AtomicU32,
}

impl<C: Clock + Clone> Counters<C> {
    fn new(quotas: Quotas, clock: C) -> Self {
        let limiter = |activity: Activity| {
            Limiter::hashmap_with_clock(Quota::per_hour(quotas.of(activity)), clock.clone())
        };
        Self {
            organizations: limiter(Activity::Organization),
            invitations: limiter(Activity::Invitation),
            filings: limiter(Activity::Filing),
            bids: limiter(Activity::Bid),
            party_searches: limiter(Activity::PartySearch),
            parties: NamedParties::new(quotas.named_parties),
            counted: AtomicU32::new(0),
            quotas,
            clock,
        }
    }

    fn limiter(&self, activity: Activity) -> &Limiter<C> {
        match activity {
            Activity::Organization => &self.organizations,
            Activity::Invitation => &self.invitations,
            Activity::Filing => &self.filings,
            Activity::Bid => &self.bids,
            Activity::PartySearch => &self.party_searches,
        }
    }

    fn take(&self, subject: &Principal, activity: Activity) -> Result<()> {
        if self.counted.fetch_add(1, Relaxed) % CLEANUP_INTERVAL == CLEANUP_INTERVAL - 1 {
            self.forget_idle_subjects();
        }
        let taken = self.limiter(activity).check_key(subject);
        taken.map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            let bound = self.quotas.of(activity);
            let message = format!(
                "One person may {} an hour, and you have reached that limit. Try again in {}.",
                activity.described(bound),
                in_words(wait)
            );
            Fault::RateLimited { message: message.into(), retry_after: wait }
        })
    }

    /// Drops the subjects whose quota is unused.
    fn forget_idle_subjects(&self) {
        let Self { organizations, invitations, filings, bids, party_searches, .. } = self;
        for limiter in [organizations, invitations, filings, bids, party_searches] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// The quotas that a running service enforces. Before [`Self::enforce`] there are none: the command
/// line, imports and the demonstration are not limited.
#[derive(Default)]
pub struct RateLimits(RwLock<Option<Arc<Counters<DefaultClock>>>>);

impl RateLimits {
    /// Enforces these quotas from now on, with empty counters.
    pub fn enforce(&self, quotas: Quotas) {
        let counters = Arc::new(Counters::new(quotas, DefaultClock::default()));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(counters);
    }

    /// Counts one activity of a subject.
    ///
    /// # Errors
    /// `RateLimited` if the subject has used up its quota; the refused activity is not counted.
    pub fn take(&self, subject: &Principal, activity: Activity) -> Result<()> {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        counters.map_or(Ok(()), |counters| counters.take(subject, activity))
    }

    /// Counts the parties that an organization names. A party counts once per local day.
    ///
    /// # Errors
    /// `RateLimited` if they exceed the daily bound; none of them is counted.
    pub fn name_parties(
        &self,
        organization: &SubjectId,
        today: LocalDay,
        parties: impl Iterator<Item = String>,
    ) -> Result<()> {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        counters.map_or(Ok(()), |counters| counters.parties.name(organization, today, parties))
    }
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let quotas = counters.as_ref().map(|counters| counters.quotas);
        f.debug_struct("RateLimits").field("quotas", &quotas).finish_non_exhaustive()
    }
}

/// Formats a waiting time, rounded up: in seconds below two minutes, in hours from two hours on, else
/// in minutes.
fn in_words(wait: Duration) -> String {
    match whole_seconds(wait) {
        0 | 1 => "1 second".to_owned(),
        seconds @ ..120 => format!("{seconds} seconds"),
        seconds @ ..7_200 => format!("{} minutes", seconds.div_ceil(60)),
        seconds => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

/// Rounds a waiting time up to whole seconds.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::{Activity, CLEANUP_INTERVAL, Counters, Quotas};
    use crate::fault::Fault;
    use crate::principal::Principal;

    fn person(subject: &str) -> Principal {
        Principal::person("https://issuer.example", subject).expect("a subject")
    }

    fn counters() -> (Counters<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Counters::new(Quotas::SERVICE, clock.clone()), clock)
    }

    /// The message and the waiting time.
    fn refusal(counters: &Counters<FakeRelativeClock>, activity: Activity) -> (String, Duration) {
        match counters.take(&person("somebody"), activity) {
            Err(Fault::RateLimited { message, retry_after }) => (message.into_owned(), retry_after),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn refuses_an_activity_above_the_quota() {
        let (counters, clock) = counters();
        for (activity, bound, minutes, words) in [
            (Activity::Organization, 20, 3, "create 20 organizations"),
            (Activity::Filing, 60, 1, "file 60 disclosures"),
        ] {
            for _ in 0..bound {
                counters.take(&person("somebody"), activity).expect("within the quota");
            }
            let (message, wait) = refusal(&counters, activity);
            assert!(message.contains(words), "{message}");
            assert_eq!(wait, Duration::from_mins(minutes));
            counters.take(&person("somebody else"), activity).expect("a quota of its own");
        }
        clock.advance(Duration::from_mins(1));
        let (message, wait) = refusal(&counters, Activity::Organization);
        assert_eq!(wait, Duration::from_mins(2));
        assert!(message.ends_with("Try again in 2 minutes."), "{message}");
        clock.advance(Duration::from_secs(119));
        let (message, _) = refusal(&counters, Activity::Organization);
        assert!(message.ends_with("Try again in 1 second."), "{message}");
        clock.advance(Duration::from_secs(1));
        counters.take(&person("somebody"), Activity::Organization).expect("one more");
        refusal(&counters, Activity::Organization);
    }

    #[test]
    fn drops_subjects_with_an_unused_quota() {
        let (counters, clock) = counters();
        for subject in 0..10 * CLEANUP_INTERVAL {
            counters.take(&person(&subject.to_string()), Activity::Bid).expect("within the quota");
            // A bid of 200 an hour is given back after 18 seconds.
            clock.advance(Duration::from_secs(18));
        }
        let kept = u32::try_from(counters.bids.len()).expect("a small number");
        assert!(kept <= CLEANUP_INTERVAL + 1, "{kept}");
    }
}
