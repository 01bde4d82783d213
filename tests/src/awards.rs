//! Steps for federal awards: import, matching and appeals.
#![expect(clippy::missing_panics_doc, reason = "a failed step fails its story")]

use std::path::{Path, PathBuf};

use candor::command::import::import_federal_awards;
use candor::import::AwardImportSummary;
use serde_json::{Value, json};

use crate::fixtures::Firm;
use crate::run::write_csv;
use crate::steps::text;
use crate::test_app::TestApp;

pub const AWARD_MATCHES: &str = "query($filter: AwardMatchFilter, $first: Int, $after: String) {
    awardMatches(filter: $filter, first: $first, after: $after) { totalCount
        pageInfo { endCursor hasNextPage }
        nodes { id status relation band score reasons { reason words weight }
            organization { id legalName } notice respondBy appealBy answer dismissal dismissedBy
            award { id awardId component recipient { name uei } obligated { amount } source }
            coverage { by agreement disclosure { id } }
            appeals { id outcome statement explanation } } } }";
pub const CONFIRM_MATCH: &str =
    "mutation($input: ConfirmMatchInput!) { confirmMatch(input: $input) {
    match { id status confirmedBy notice respondBy appealBy } userErrors { path code message } } }";
pub const DISMISS_MATCH: &str =
    "mutation($input: DismissMatchInput!) { dismissMatch(input: $input) {
    match { id status dismissedBy dismissal } userErrors { path code message } } }";
pub const LINK_MATCH: &str = "mutation($input: LinkMatchInput!) { linkMatch(input: $input) {
    match { id status linkedBy band coverage { by agreement disclosure { id } } }
    userErrors { path code message } } }";
pub const ANSWER_MATCH: &str = "mutation($input: AnswerMatchInput!) { answerMatch(input: $input) {
    match { id status answer answeredAt } userErrors { path code message } } }";
pub const APPEAL_MATCH: &str = "mutation($input: AppealMatchInput!) { appealMatch(input: $input) {
    match { id status appeals { id outcome } } userErrors { path code message } } }";
pub const DECIDE_MATCH_APPEAL: &str = "mutation($input: AppealDecisionInput!) {
    decideAppeal(input: $input) { disclosure { id }
        match { id status dismissal appeals { id outcome explanation decidedBy } }
        userErrors { path code message } } }";
pub const SCREEN_NAME: &str = "query($name: String!, $uei: String, $limit: Int! = 10,
    $minScore: Float! = 0.5) {
    screenName(name: $name, uei: $uei, limit: $limit, minScore: $minScore) {
        name names uei score band relation reasons { reason words weight } components awards
        totalAmount { amount } firstDate lastDate
        federalAwards { id awardId component obligated { amount } } } }";

/// A row of an award summary file, as stories vary it.
#[derive(Clone, Debug)]
pub struct AwardSummary<'a> {
    pub number: &'a str,
    pub recipient: &'a str,
    pub uei: &'a str,
    pub awarding: (&'a str, &'a str),
    pub funding: (&'a str, &'a str),
    pub obligated: &'a str,
    pub signed_on: &'a str,
    pub ends_on: &'a str,
    /// The vehicle of which it is an order; empty for a definitive contract.
    pub vehicle: &'a str,
    /// Whether it is a vehicle itself.
    pub is_vehicle: bool,
}

impl Default for AwardSummary<'_> {
    /// A current order placed by ICE.
    fn default() -> Self {
        Self {
            number: "70CDCR25FR0000011",
            recipient: "QUILLWORT PAVING INC",
            uei: "QW3JX8L5T9R2",
            awarding: ("070", "7012"),
            funding: ("070", "7012"),
            obligated: "250000.00",
            signed_on: "2025-04-01",
            ends_on: "2027-03-31",
            vehicle: "",
            is_vehicle: false,
        }
    }
}

/// Columns of the files that [`write_award_summaries`] writes.
const COLUMNS: &str = "contract_award_unique_key,award_id_piid,parent_award_id_piid,\
    total_obligated_amount,current_total_value_of_award,potential_total_value_of_award,\
    award_base_action_date,award_latest_action_date,period_of_performance_start_date,\
    period_of_performance_current_end_date,awarding_agency_code,awarding_sub_agency_code,\
    funding_agency_code,funding_sub_agency_code,recipient_uei,recipient_name,award_or_idv_flag,\
    award_type";

/// Writes a file of contract award summaries; returns its path.
#[must_use]
pub fn write_award_summaries(rows: &[AwardSummary<'_>]) -> PathBuf {
    let mut text = COLUMNS.to_owned();
    for row in rows {
        let AwardSummary { number, recipient, uei, awarding, funding, .. } = row;
        let AwardSummary { obligated, signed_on, ends_on, vehicle, is_vehicle, .. } = row;
        let (agency, sub) = awarding;
        let (key, flag, kind) = if *is_vehicle {
            (format!("CONT_IDV_{number}_{sub}"), "IDV", "INDEFINITE DELIVERY CONTRACT")
        } else if vehicle.is_empty() {
            (format!("CONT_AWD_{number}_{sub}_-NONE-_-NONE-"), "AWARD", "DEFINITIVE CONTRACT")
        } else {
            (format!("CONT_AWD_{number}_{sub}_{vehicle}_{sub}"), "AWARD", "DELIVERY ORDER")
        };
        let row = [
            &*key,
            number,
            vehicle,
            obligated,
            obligated,
            obligated,
            signed_on,
            signed_on,
            signed_on,
            ends_on,
            agency,
            sub,
            funding.0,
            funding.1,
            uei,
            &format!("\"{recipient}\""),
            flag,
            kind,
        ];
        text.push('\n');
        text.push_str(&row.join(","));
    }
    write_csv(&text)
}

impl TestApp {
    /// Imports a file; returns the row counts and the messages about refused rows.
    pub async fn import_award_file(&self, path: &Path) -> (AwardImportSummary, Vec<String>) {
        let mut messages = Vec::new();
        let files = [path.to_owned()];
        let count = import_federal_awards(&self.database, &files, false, self.now(), &mut messages);
        // Boxed, because this large future would otherwise be part of every story's.
        let count = Box::pin(count).await.expect("an import");
        let messages = String::from_utf8(messages).expect("text");
        // Omit the file name, which differs between runs.
        let messages =
            messages.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
        (count, messages.collect())
    }

    /// Imports award summaries, none of which may be refused, and then runs a sweep.
    pub async fn import_award_rows(&self, rows: &[AwardSummary<'_>]) -> AwardImportSummary {
        let (count, messages) = self.import_award_file(&write_award_summaries(rows)).await;
        assert_eq!(messages, Vec::<String>::new());
        self.sweep().await;
        count
    }

    /// Registers a firm with a UEI that files a disclosure of no dealings.
    pub async fn register_firm_attesting_none(&self, name: &str, uei: &str) -> Firm {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": uei }], "identifiersChecked": true,
        });
        let firm = self.register_organization(&name.to_lowercase().replace(' ', "-"), input).await;
        self.file_and_load_disclosure(&firm, crate::fixtures::no_dealings()).await;
        firm
    }

    /// Lists an organization's matches, as the token's bearer sees them.
    pub async fn list_matches(&self, token: &str, firm: &Firm) -> Vec<Value> {
        let filter = json!({ "filter": { "organizationId": firm.id } });
        let mut data = self.query(token, AWARD_MATCHES, filter).await;
        serde_json::from_value(data["awardMatches"]["nodes"].take()).expect("rows")
    }

    /// Returns the only match of an organization, as a reviewer sees it.
    pub async fn load_only_match(&self, firm: &Firm) -> Value {
        let matches = self.list_matches(&self.reviewer_token(), firm).await;
        let [one] = &matches[..] else { panic!("one match: {matches:#?}") };
        one.clone()
    }

    /// Has a reviewer confirm a match; returns the confirmed match.
    pub async fn confirm_match(&self, token: &str, award_match: &Value) -> Value {
        let input = json!({ "matchId": award_match["id"], "notice": "Public data name your UEI." });
        let mut confirmed = self.mutate_ok(token, CONFIRM_MATCH, json!({ "input": input })).await;
        confirmed["match"].take()
    }

    /// Has a firm appeal a confirmed match; returns the appeal's identifier.
    pub async fn appeal_match(&self, firm: &Firm, award_match: &Value) -> String {
        let input = json!({ "matchId": award_match["id"], "statement": "It is another firm's." });
        let appealed = self.mutate_ok(&firm.token, APPEAL_MATCH, json!({ "input": input })).await;
        let appeals = appealed["match"]["appeals"].as_array().expect("appeals");
        text(&appeals.last().expect("an appeal")["id"])
    }
}
