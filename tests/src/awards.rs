//! The steps of the stories of federal awards: how they are imported, matched and argued about.
#![expect(clippy::missing_panics_doc, reason = "a step that fails fails its story")]

use std::fs;
use std::path::{Path, PathBuf};

use candor::command::import::{AwardCount, import_federal_awards};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixtures::Firm;
use crate::test_app::TestApp;
use crate::run;
use crate::steps::text;

pub const AWARD_MATCHES: &str = "query($filter: AwardMatchFilter, $first: Int, $after: String) {
    awardMatches(filter: $filter, first: $first, after: $after) { totalCount
        pageInfo { endCursor hasNextPage }
        nodes { id status relation band score reasons { reason words weight }
            organization { id legalName } notice respondBy appealBy answer dismissal dismissedBy
            award { id awardId component recipient { name uei } obligated { amount } source }
            coverage { by agreement disclosure { id } }
            appeals { id outcome statement explanation } } } }";
pub const CONFIRM_MATCH: &str = "mutation($input: ConfirmMatchInput!) { confirmMatch(input: $input) {
    match { id status confirmedBy notice respondBy appealBy } userErrors { path code message } } }";
pub const DISMISS_MATCH: &str = "mutation($input: DismissMatchInput!) { dismissMatch(input: $input) {
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

/// A row of an award summary, as stories vary it.
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
}

impl Default for AwardSummary<'_> {
    /// An order of ICE's that runs.
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
        }
    }
}

/// The columns of [`summaries`].
const COLUMNS: &str = "contract_award_unique_key,award_id_piid,parent_award_id_piid,\
    total_obligated_amount,current_total_value_of_award,potential_total_value_of_award,\
    award_base_action_date,award_latest_action_date,period_of_performance_start_date,\
    period_of_performance_current_end_date,awarding_agency_code,awarding_sub_agency_code,\
    funding_agency_code,funding_sub_agency_code,recipient_uei,recipient_name,award_or_idv_flag,\
    award_type";

/// A file of contract award summaries.
#[must_use]
pub fn write_award_summaries(rows: &[AwardSummary<'_>]) -> PathBuf {
    let mut text = COLUMNS.to_owned();
    for row in rows {
        let AwardSummary { number, recipient, uei, awarding, funding, .. } = row;
        let AwardSummary { obligated, signed_on, ends_on, .. } = row;
        let (agency, sub) = awarding;
        let row = [
            &*format!("CONT_AWD_{number}_{sub}_-NONE-_-NONE-"),
            number,
            "",
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
            "AWARD",
            "DEFINITIVE CONTRACT",
        ];
        text.push('\n');
        text.push_str(&row.join(","));
    }
    write_award_file(&text)
}

/// A file of the story's own.
#[must_use]
pub fn write_award_file(text: &str) -> PathBuf {
    let path = run::directory().join(format!("awards-{}.csv", Uuid::now_v7().simple()));
    fs::write(&path, text).expect("a file to write");
    path
}

impl TestApp {
    /// Imports a file: how many rows came to what, and what was told of those that are not in.
    pub async fn import_award_file(&self, path: &Path) -> (AwardCount, Vec<String>) {
        let mut told = Vec::new();
        let files = [path.to_owned()];
        let count = import_federal_awards(&self.database, &files, false, self.now(), &mut told);
        let count = count.await.expect("an import");
        let told = String::from_utf8(told).expect("text");
        // Without the file's name, which is the run's.
        let told = told.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
        (count, told.collect())
    }

    /// Imports award summaries that are all taken up, and does what the service does once a minute
    /// afterwards.
    pub async fn import_award_rows(&self, rows: &[AwardSummary<'_>]) -> AwardCount {
        let (count, told) = self.import_award_file(&write_award_summaries(rows)).await;
        assert_eq!(told, Vec::<String>::new());
        self.sweep().await;
        count
    }

    /// A firm that bears a UEI and has attested that there is none of either.
    pub async fn register_firm_attesting_none(&self, name: &str, uei: &str) -> Firm {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": uei }], "identifiersChecked": true,
        });
        let firm = self.register_organization(&name.to_lowercase().replace(' ', "-"), input).await;
        self.file_and_load_disclosure(&firm, crate::fixtures::no_dealings()).await;
        firm
    }

    /// The matches of an organization, as somebody sees them.
    pub async fn list_matches(&self, token: &str, firm: &Firm) -> Vec<Value> {
        let filter = json!({ "filter": { "organizationId": firm.id } });
        let mut seen = self.query(token, AWARD_MATCHES, filter).await;
        serde_json::from_value(seen["awardMatches"]["nodes"].take()).expect("rows")
    }

    /// The one match of an organization, as a reviewer sees it.
    pub async fn load_only_match(&self, firm: &Firm) -> Value {
        let matches = self.list_matches(&self.reviewer_token(), firm).await;
        let [one] = &matches[..] else { panic!("one match: {matches:#?}") };
        one.clone()
    }

    /// Has a reviewer confirm a match: it, as it is then.
    pub async fn confirm_match(&self, token: &str, found: &Value) -> Value {
        let input = json!({ "matchId": found["id"], "notice": "Public data name your UEI." });
        let mut confirmed = self.mutate_ok(token, CONFIRM_MATCH, json!({ "input": input })).await;
        confirmed["match"].take()
    }

    /// Has a firm appeal against a confirmed match: the appeal's identifier.
    pub async fn appeal_match(&self, firm: &Firm, found: &Value) -> String {
        let input = json!({ "matchId": found["id"], "statement": "It is another firm's." });
        let appealed = self.mutate_ok(&firm.token, APPEAL_MATCH, json!({ "input": input })).await;
        let appeals = appealed["match"]["appeals"].as_array().expect("appeals");
        text(&appeals.last().expect("an appeal")["id"])
    }
}
