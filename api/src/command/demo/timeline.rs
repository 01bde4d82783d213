//! What happens in the demonstration city once everybody is there, in the order of its time.
use anyhow::{Result, bail};
use candor_schema::bidding::model::{BidId, BidInput};
use candor_schema::bidding::service as bidding;
use candor_schema::decision::model::SubcontractorInput;
use candor_schema::disclosure::service as disclosure;
use chrono::{DateTime, TimeDelta, Utc};

use super::city::{BIDS, FIRMS, SOLICITATIONS, State, WITHDRAWN_BID};
use super::desk::DESK;
use super::seeding::{Seeding, There, amount, signature};
use super::statements;
use crate::command::fault_message;

/// What happens, with the place of whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A firm files, or begins a draft.
    Files(usize),
    /// It amends, certifies or withdraws what it filed.
    ThinksAgain(usize),
    Bids(usize),
    /// What is done at the reviewers' desk, and answered.
    Desk(usize),
    /// A day ends in the city, and with it times to cure.
    Midnight,
}

impl Seeding<'_> {
    /// All that happens, in the order of its time.
    pub(super) fn events(&self) -> Vec<(DateTime<Utc>, Event)> {
        let mut events = Vec::new();
        for (place, (.., state)) in FIRMS.iter().enumerate() {
            if !matches!(state, State::Never | State::Paper) {
                events.push((self.at(Self::filed(place, *state)), Event::Files(place)));
            }
            let again = match state {
                State::Amended => -30 * 24,
                State::Certificate => -15 * 24,
                State::Withdrawn => -40 * 24,
                // After its bid, and before bids are due.
                State::Changed => -30,
                _ => continue,
            };
            events.push((self.now + TimeDelta::hours(again), Event::ThinksAgain(place)));
        }
        for (place, (on, ..)) in BIDS.iter().enumerate() {
            let (.., published, due) = SOLICITATIONS[*on];
            // Before the due time, or lately where that lies ahead; never two at one time.
            let at = self.at(due.min(0))
                - TimeDelta::hours(2 + i64::try_from(place).unwrap_or_default());
            let at = at.max(self.at(published) + TimeDelta::hours(1));
            events.push((at, Event::Bids(place)));
        }
        for (place, (hours, ..)) in DESK.iter().enumerate() {
            events.push((self.now - TimeDelta::hours(*hours), Event::Desk(place)));
        }
        let days = SOLICITATIONS.iter().map(|(.., due)| *due).min().unwrap_or_default();
        for day in days..=0 {
            // Midnight in the city is at one of these hours, in summer and in winter.
            for hour in [7, 8] {
                let midnight = self.at(day).date_naive().and_hms_opt(hour, 0, 0);
                events.extend(midnight.map(|at| (at.and_utc(), Event::Midnight)));
            }
        }
        events.retain(|(at, _)| *at <= self.now);
        events.sort_by_key(|(at, _)| *at);
        events
    }

    pub(super) async fn happens(
        &self,
        there: &mut There,
        at: DateTime<Utc>,
        event: Event,
    ) -> Result<()> {
        match event {
            Event::Files(place) => self.files(there, at, place).await,
            Event::ThinksAgain(place) => self.thinks_again(there, at, place).await,
            Event::Bids(place) => self.bids(there, at, place).await,
            Event::Desk(place) => self.desk(there, at, place).await,
            Event::Midnight => Ok(()),
        }
    }

    /// When a firm filed, in days from now.
    fn filed(place: usize, state: State) -> i64 {
        let due = SOLICITATIONS[0].6;
        match state {
            State::Stale => due - 366,
            State::Fresh => due - 365,
            _ => -95 - i64::try_from(place).unwrap_or_default(),
        }
    }

    async fn files(&self, there: &mut There, at: DateTime<Utc>, place: usize) -> Result<()> {
        let (state, firm) = (FIRMS[place].2, there.firms[place]);
        let first = matches!(state, State::Amended | State::Changed);
        let states = if first { Some(statements::first(state)?) } else { statements::of(state)? };
        let Some(statement) = states else { return Ok(()) };
        let viewer = self.signs_for(place, at).await?;
        if state == State::Draft {
            self.draft(&viewer, firm, statement).await?;
        } else {
            there.filed[place] = Some(self.file(&viewer, firm, statement).await?);
        }
        Ok(())
    }

    async fn thinks_again(&self, there: &mut There, at: DateTime<Utc>, place: usize) -> Result<()> {
        let (state, firm) = (FIRMS[place].2, there.firms[place]);
        let viewer = self.signs_for(place, at).await?;
        match (state, there.filed[place]) {
            (State::Certificate, _) => {
                let signature = signature(place);
                let filed = disclosure::reaffirm(self.database, &viewer, firm, &signature).await;
                there.filed[place] = Some(filed.map_err(fault_message)?.row.id);
            }
            (State::Withdrawn, Some(id)) => {
                let reason = "Filed for the wrong firm.";
                let gone = disclosure::withdraw(self.database, &viewer, id, reason).await;
                gone.map_err(fault_message)?;
            }
            _ => {
                let Some(statement) = statements::of(state)? else { return Ok(()) };
                there.filed[place] = Some(self.file(&viewer, firm, statement).await?);
            }
        }
        Ok(())
    }

    async fn bids(&self, there: &There, at: DateTime<Utc>, place: usize) -> Result<()> {
        let (on, firm, dollars, named) = BIDS[place];
        let viewer = self.signs_for(firm, at).await?;
        let subcontractors = named.iter().map(|(subcontractor, dollars)| SubcontractorInput {
            organization_id: Some(there.firms[*subcontractor]),
            name: FIRMS[*subcontractor].0.to_owned(),
            identifier: None,
            amount: amount(*dollars),
        });
        let input = BidInput {
            solicitation_id: there.solicitations[on],
            organization_id: there.firms[firm],
            amount: amount(dollars),
            subcontractors: subcontractors.collect(),
        };
        let include = bidding::BidInclude::default();
        let attempt = bidding::submit_bid(self.database, &viewer, &input, include).await;
        let attempt = attempt.map_err(fault_message)?;
        if place == WITHDRAWN_BID {
            let Some(bid) = attempt.bid else { bail!("the bid to withdraw was refused") };
            let id: BidId = bid.record.id;
            let gone = bidding::withdraw_bid(self.database, &viewer, id, include).await;
            gone.map_err(fault_message)?;
        }
        Ok(())
    }
}
