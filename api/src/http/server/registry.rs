//! The registry of open connections. It limits their number and evicts the one that has waited
//! longest for its client.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The most connections that may be closing while new ones are admitted. Each still holds a file.
const MAX_CLOSING: usize = 64;

/// Counts connections, and evicts those that have waited longest when there are too many.
#[derive(Debug)]
pub(super) struct Registry {
    max_connections: usize,
    max_per_address: Option<NonZeroUsize>,
    state: Mutex<State>,
    /// Notified when a connection ends or starts to wait for its client.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The number of connections that are neither closed nor evicted.
    open: usize,
    /// The number of evicted connections that still hold their file.
    closing: usize,
    /// The next ticket.
    next: u64,
    /// The connections that wait for their client, by ticket, the longest waiting first.
    waiting: BTreeMap<u64, Waiting>,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug)]
struct Waiting {
    address: IpAddr,
    evicted: Arc<Notify>,
}

/// The open connections of one address.
#[derive(Debug, Default)]
struct Address {
    open: usize,
    /// The tickets of its waiting connections, the longest waiting first.
    waiting: BTreeSet<u64>,
}

/// Why a connection cannot be admitted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AdmitError {
    /// Every connection of its address is being answered.
    AddressFull,
    /// Every connection is being answered, or too many are still closing.
    Full,
}

/// The slot of an admitted connection. Dropping it frees the slot.
#[derive(Debug)]
pub(super) struct Slot {
    registry: Arc<Registry>,
    address: IpAddr,
    evicted: Arc<Notify>,
    /// Its ticket among the waiting connections; `None` while its request is answered.
    ticket: Option<u64>,
    is_evicted: bool,
}

impl Registry {
    pub(super) fn new(max_connections: usize, max_per_address: Option<NonZeroUsize>) -> Self {
        Self { max_connections, max_per_address, state: Mutex::default(), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection, which starts to wait for its client. At the limit, it evicts the
    /// connection that has waited longest; at the limit of the address, the one of that address.
    ///
    /// # Errors
    /// If the limit is reached and no connection can be evicted.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Slot, AdmitError> {
        let address = network(address);
        let mut state = self.state();
        if state.closing >= MAX_CLOSING {
            return Err(AdmitError::Full);
        }
        let connections = state.addresses.get(&address);
        let open = connections.map_or(0, |it| it.open);
        if self.max_per_address.is_some_and(|max| open >= max.get()) {
            let longest = connections.and_then(|it| it.waiting.first().copied());
            state.evict(longest.ok_or(AdmitError::AddressFull)?);
        }
        if state.open >= self.max_connections {
            let longest = state.waiting.keys().next().copied();
            state.evict(longest.ok_or(AdmitError::Full)?);
        }
        state.open += 1;
        state.addresses.entry(address).or_default().open += 1;
        let evicted = Arc::new(Notify::new());
        let ticket = Some(state.wait(address, &evicted));
        drop(state);
        Ok(Slot { registry: Arc::clone(self), address, evicted, ticket, is_evicted: false })
    }

    /// Evicts the connection that has waited longest; returns whether there was one.
    pub(super) fn evict_longest_waiting(&self) -> bool {
        let mut state = self.state();
        let longest = state.waiting.keys().next().copied();
        longest.inspect(|ticket| state.evict(*ticket)).is_some()
    }

    /// Waits until a connection ends or starts to wait for its client.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.state().open
    }
}

impl State {
    fn wait(&mut self, address: IpAddr, evicted: &Arc<Notify>) -> u64 {
        let ticket = self.next;
        self.next += 1;
        self.waiting.insert(ticket, Waiting { address, evicted: Arc::clone(evicted) });
        self.addresses.entry(address).or_default().waiting.insert(ticket);
        ticket
    }

    /// Removes a ticket; returns its connection unless it was evicted.
    fn remove(&mut self, ticket: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&ticket)?;
        if let Some(address) = self.addresses.get_mut(&waiting.address) {
            address.waiting.remove(&ticket);
        }
        Some(waiting)
    }

    fn evict(&mut self, ticket: u64) {
        if let Some(waiting) = self.remove(ticket) {
            self.close(waiting.address);
            self.closing += 1;
            waiting.evicted.notify_one();
        }
    }

    /// Removes a connection from the counts of open ones.
    fn close(&mut self, address: IpAddr) {
        self.open -= 1;
        if let Some(connections) = self.addresses.get_mut(&address) {
            connections.open -= 1;
            if connections.open == 0 {
                self.addresses.remove(&address);
            }
        }
    }
}

impl Slot {
    /// Notified when the connection is evicted and must close.
    pub(super) fn evicted(&self) -> Arc<Notify> {
        Arc::clone(&self.evicted)
    }

    /// Marks the connection as waiting for its client, so that it can be evicted. A connection that
    /// already waits keeps its position.
    pub(super) fn wait(&mut self) {
        if self.ticket.is_none() && !self.is_evicted {
            let ticket = self.registry.state().wait(self.address, &self.evicted);
            self.ticket = Some(ticket);
            self.registry.changed.notify_one();
        }
    }

    /// Marks the connection as not waiting for its client. Returns false if the connection was
    /// evicted before: it must not answer then.
    pub(super) fn stop_waiting(&mut self) -> bool {
        if let Some(ticket) = self.ticket.take() {
            self.is_evicted |= self.registry.state().remove(ticket).is_none();
        }
        !self.is_evicted
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let is_open = self.stop_waiting();
        let mut state = self.registry.state();
        if is_open {
            state.close(self.address);
        } else {
            state.closing -= 1;
        }
        drop(state);
        self.registry.changed.notify_one();
    }
}

/// Returns what counts as one address: the IPv4 address, or the IPv6 /64 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(max: usize, per_address: usize) -> Arc<Registry> {
        Arc::new(Registry::new(max, NonZeroUsize::new(per_address)))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    fn admitted(registry: &Arc<Registry>, from: &str) -> Slot {
        registry.admit(address(from)).expect(from)
    }

    #[test]
    fn the_longest_waiting_connection_is_evicted() {
        let registry = registry(3, 0);
        let [mut a, mut b, mut c] =
            ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|from| admitted(&registry, from));
        // The first is answered and waits again: it is now the last in line.
        assert!(a.stop_waiting());
        a.wait();
        let mut d = admitted(&registry, "10.0.0.4");
        assert!(!b.stop_waiting(), "the second has waited longest");
        assert!(c.stop_waiting() && a.stop_waiting() && d.stop_waiting());
        // All open connections are being answered, so none can be evicted.
        assert_eq!(registry.admit(address("10.0.0.5")).err(), Some(AdmitError::Full));
        assert!(!registry.evict_longest_waiting());
        c.wait();
        assert!(registry.evict_longest_waiting());
        assert!(!c.stop_waiting());
        c.wait();
        assert!(!c.stop_waiting(), "an evicted connection stays evicted");
        drop((a, b, c, d));
        assert_eq!(registry.open(), 0);
        assert!(registry.state().addresses.is_empty() && registry.state().waiting.is_empty());
    }

    #[test]
    fn a_full_address_evicts_its_own_connection() {
        let registry = registry(10, 2);
        let mut other = admitted(&registry, "10.0.0.9");
        let mut first = admitted(&registry, "2001:db8::1");
        let mut second = admitted(&registry, "2001:db8::ffff:2");
        let mut elsewhere = admitted(&registry, "2001:db8:0:1::1");
        let mut third = admitted(&registry, "2001:db8::3");
        assert!(!first.stop_waiting(), "the same /64");
        assert!(second.stop_waiting() && third.stop_waiting());
        assert!(other.stop_waiting() && elsewhere.stop_waiting());
        let full = registry.admit(address("2001:db8::4")).err();
        assert_eq!(full, Some(AdmitError::AddressFull));
        let _mapped = admitted(&registry, "::ffff:10.0.0.9");
        let full = registry.admit(address("10.0.0.9"));
        assert!(full.is_ok(), "the mapped one waits and is evicted");
    }

    #[test]
    fn closing_connections_count_until_dropped() {
        let registry = registry(1, 0);
        let mut slots = Vec::new();
        for _ in 0..=MAX_CLOSING {
            slots.push(admitted(&registry, "10.0.0.1"));
        }
        assert_eq!(registry.admit(address("10.0.0.1")).err(), Some(AdmitError::Full));
        slots.remove(0);
        slots.push(admitted(&registry, "10.0.0.1"));
        assert_eq!(registry.open(), 1);
    }
}
