//! The events of the demonstration city after its organizations exist, in order of time.
use anyhow::{Result, bail};
use candor_schema::bidding::model::{BidId, BidInput};
use candor_schema::bidding::service as bidding;
use candor_schema::decision::model::SubcontractorInput;
use candor_schema::disclosure::service as disclosure;
use chrono::{DateTime, TimeDelta, Utc};

use super::city::{BIDS, FIRMS, SOLICITATIONS, State, WITHDRAWN_BID};
use super::desk::REVIEW_ACTIONS;
use super::seeding::{CityState, Seeding, amount, signature};
use super::statements;
use crate::command::fault_message;

/// An event, with the index of its firm, bid or review step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A firm files a disclosure, or saves a draft.
    Files(usize),
    /// A firm amends, reaffirms or withdraws its disclosure.
    Refiles(usize),
    Bids(usize),
    /// A step of a review.
    Desk(usize),
    /// A local day ends, and with it times to cure.
    Midnight,
}

impl Seeding<'_> {
    /// Lists the events up to now, in order of time.
    pub(super) fn events(&self) -> Vec<(DateTime<Utc>, Event)> {
        let mut events = Vec::new();
        for (index, (.., state)) in FIRMS.iter().enumerate() {
            if !matches!(state, State::Never | State::Paper) {
                events.push((self.at(Self::filed(index, *state)), Event::Files(index)));
            }
            let again = match state {
                State::Amended => -30 * 24,
                State::Certificate => -15 * 24,
                State::Withdrawn => -40 * 24,
                // After its bid, and before bids are due.
                State::Changed => -30,
                _ => continue,
            };
            events.push((self.now + TimeDelta::hours(again), Event::Refiles(index)));
        }
        for (index, (on, ..)) in BIDS.iter().enumerate() {
            let (.., published, due) = SOLICITATIONS[*on];
            // Before the due time, or before now if that is earlier; no two at one time.
            let at = self.at(due.min(0))
                - TimeDelta::hours(2 + i64::try_from(index).unwrap_or_default());
            let at = at.max(self.at(published) + TimeDelta::hours(1));
            events.push((at, Event::Bids(index)));
        }
        for (index, (hours, ..)) in REVIEW_ACTIONS.iter().enumerate() {
            events.push((self.now - TimeDelta::hours(*hours), Event::Desk(index)));
        }
        let days = SOLICITATIONS.iter().map(|(.., due)| *due).min().unwrap_or_default();
        for day in days..=0 {
            // Local midnight in UTC, in summer and in winter.
            for hour in [7, 8] {
                let midnight = self.at(day).date_naive().and_hms_opt(hour, 0, 0);
                events.extend(midnight.map(|at| (at.and_utc(), Event::Midnight)));
            }
        }
        events.retain(|(at, _)| *at <= self.now);
        events.sort_by_key(|(at, _)| *at);
        events
    }

    pub(super) async fn apply(
        &self,
        city: &mut CityState,
        at: DateTime<Utc>,
        event: Event,
    ) -> Result<()> {
        match event {
            Event::Files(index) => self.file_first(city, at, index).await,
            Event::Refiles(index) => self.refile(city, at, index).await,
            Event::Bids(index) => self.submit_bid(city, at, index).await,
            Event::Desk(index) => self.apply_review_action(city, at, index).await,
            Event::Midnight => Ok(()),
        }
    }

    /// Returns the day of a firm's filing, counted from now.
    fn filed(index: usize, state: State) -> i64 {
        let due = SOLICITATIONS[0].6;
        match state {
            State::Stale => due - 366,
            State::Fresh => due - 365,
            _ => -95 - i64::try_from(index).unwrap_or_default(),
        }
    }

    async fn file_first(
        &self,
        city: &mut CityState,
        at: DateTime<Utc>,
        index: usize,
    ) -> Result<()> {
        let (state, firm) = (FIRMS[index].2, city.firms[index]);
        let first = matches!(state, State::Amended | State::Changed);
        let states = if first { Some(statements::first(state)?) } else { statements::of(state)? };
        let Some(statement) = states else { return Ok(()) };
        let viewer = self.firm_viewer(index, at).await?;
        if state == State::Draft {
            self.draft(&viewer, firm, statement).await?;
        } else {
            city.filed[index] = Some(self.file(&viewer, firm, statement).await?);
        }
        Ok(())
    }

    async fn refile(&self, city: &mut CityState, at: DateTime<Utc>, index: usize) -> Result<()> {
        let (state, firm) = (FIRMS[index].2, city.firms[index]);
        let viewer = self.firm_viewer(index, at).await?;
        match (state, city.filed[index]) {
            (State::Certificate, _) => {
                let signature = signature(index);
                // What it reaffirms is its first filing.
                let filed = disclosure::reaffirm(self.database, &viewer, firm, 1, &signature).await;
                city.filed[index] = Some(filed.map_err(fault_message)?.record.id);
            }
            (State::Withdrawn, Some(id)) => {
                let reason = "Filed for the wrong firm.";
                let gone = disclosure::withdraw(self.database, &viewer, id, reason).await;
                gone.map_err(fault_message)?;
            }
            _ => {
                let Some(statement) = statements::of(state)? else { return Ok(()) };
                city.filed[index] = Some(self.file(&viewer, firm, statement).await?);
            }
        }
        Ok(())
    }

    async fn submit_bid(&self, city: &CityState, at: DateTime<Utc>, index: usize) -> Result<()> {
        let (on, firm, dollars, named) = BIDS[index];
        let viewer = self.firm_viewer(firm, at).await?;
        let subcontractors = named.iter().map(|(subcontractor, dollars)| SubcontractorInput {
            organization_id: Some(city.firms[*subcontractor]),
            name: FIRMS[*subcontractor].0.to_owned(),
            identifier: None,
            amount: amount(*dollars),
        });
        let input = BidInput {
            solicitation_id: city.solicitations[on],
            organization_id: city.firms[firm],
            amount: Some(amount(dollars)),
            replaces: None,
            subcontractors: subcontractors.collect(),
        };
        let include = bidding::BidInclude::default();
        let attempt = bidding::submit_bid(self.database, &viewer, &input, include).await;
        let attempt = attempt.map_err(fault_message)?;
        if index == WITHDRAWN_BID {
            let Some(bid) = attempt.bid else { bail!("the bid to withdraw was refused") };
            let id: BidId = bid.record.id;
            let gone = bidding::withdraw_bid(self.database, &viewer, id, include).await;
            gone.map_err(fault_message)?;
        }
        Ok(())
    }
}
