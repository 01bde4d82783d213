//! Receipts: what the City received from a firm, and when. They say nothing of what the City decided.
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::wording::{format_time, format_two_times};
use super::{Money, Policy};

/// A filed disclosure, as its receipt describes it.
#[derive(Clone, Copy, Debug)]
pub struct FilingReceipt<'a> {
    /// Its identifier, `disc_…`.
    pub id: &'a str,
    /// The name of the firm's business when it was signed.
    pub firm: &'a str,
    pub received_at: DateTime<Utc>,
    /// The version, from 1 for each organization.
    pub version: i64,
    /// Whether it repeats the last filing's statement.
    pub is_reaffirmed: bool,
    /// Whether City staff entered it from a signed paper form.
    pub is_paper: bool,
    /// The number of agreements; none if the firm states that it has none.
    pub agreements: Option<usize>,
    /// The number of arrangements to share data; none if the firm states that it has none.
    pub arrangements: Option<usize>,
    /// The SHA-256 of the statement.
    pub sha256: &'a str,
}

/// A bid as it was submitted, as its receipt describes it.
#[derive(Clone, Copy, Debug)]
pub struct BidReceipt<'a> {
    /// Its identifier, `bid_…`.
    pub id: &'a str,
    /// The name of the firm's business.
    pub firm: &'a str,
    pub department: &'a str,
    /// The solicitation's number and title.
    pub number: &'a str,
    pub title: &'a str,
    pub due_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// None if the bid has no amount.
    pub amount: Option<&'a Money>,
    /// The number of entries of subcontractors.
    pub subcontractors: usize,
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The SHA-256 of what was submitted.
    pub sha256: &'a str,
}

/// Renders the receipt of a disclosure under the policy whose questions it answers.
#[must_use]
pub fn render_filing_receipt(policy: &Policy, it: FilingReceipt<'_>) -> String {
    let FilingReceipt { id, firm, version, sha256, .. } = it;
    let mut text = heading(policy, "Receipt of a disclosure");
    line(&mut text, "From", firm);
    line(&mut text, "Received", &format_time(it.received_at, policy.calendar()));
    let how = match (it.is_paper, it.is_reaffirmed) {
        (true, _) => ", entered by City staff from a signed paper form",
        (false, true) => ", which states that nothing has changed since the one before",
        (false, false) => "",
    };
    line(&mut text, "Disclosure", &format!("version {version} ({id}){how}"));
    line(&mut text, "Agreements with Homeland Security", &count_or_none(it.agreements));
    line(&mut text, "Data sharing with third parties", &count_or_none(it.arrangements));
    line(&mut text, "SHA-256 of the statement", sha256);
    line(&mut text, "Policy", &format!("{}, {}", policy.version_name(), policy.title()));
    text.push_str(
        "\nThis receipt shows what was received and when. It does not say that the disclosure is complete.\n",
    );
    text
}

/// Renders the receipt of a bid under the policy of its solicitation.
#[must_use]
pub fn render_bid_receipt(policy: &Policy, it: BidReceipt<'_>) -> String {
    let calendar = policy.calendar();
    let [due, received] = format_two_times(it.due_at, it.received_at, calendar);
    let mut text = heading(policy, "Receipt of a bid");
    line(&mut text, "Department", it.department);
    line(&mut text, "Solicitation", &format!("{}, {}", it.number, it.title));
    line(&mut text, "Bids due", &due);
    line(&mut text, "From", it.firm);
    line(&mut text, "Received", &received);
    line(&mut text, "Bid", it.id);
    let amount = it.amount.map_or_else(|| "none".to_owned(), ToString::to_string);
    line(&mut text, "Amount", &amount);
    line(&mut text, "Subcontractors named", &it.subcontractors.to_string());
    if let Some(at) = it.withdrawn_at {
        line(&mut text, "Withdrawn", &format_time(at, calendar));
    }
    line(&mut text, "SHA-256 of the bid", it.sha256);
    line(&mut text, "Policy", &format!("{}, {}", policy.version_name(), policy.title()));
    text.push_str(
        "\nThis receipt shows what was received and when. Whether the bid is accepted is in its decision.\n",
    );
    text
}

fn heading(policy: &Policy, title: &str) -> String {
    format!("{}\n{title}\n\n", policy.city())
}

fn line(text: &mut String, label: &str, value: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{label}: {value}");
}

fn count_or_none(count: Option<usize>) -> String {
    count.map_or_else(|| "stated to be none".to_owned(), |count| format!("{count} listed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, policy, usd};

    fn bid(amount: Option<&Money>) -> BidReceipt<'_> {
        BidReceipt {
            id: "bid_01kb0000000000000000000000",
            firm: "Prime Paving",
            department: "Bureau of Street Services",
            number: "RFB-26-017",
            title: "Street sweeping, Harbor district",
            due_at: at("2026-11-23T22:00:00Z"),
            received_at: at("2026-11-23T21:59:09.5Z"),
            amount,
            subcontractors: 2,
            withdrawn_at: None,
            sha256: "ab12",
        }
    }

    #[test]
    fn the_receipt_of_a_bid_says_what_was_received_and_when() {
        let amount = usd(12_500_000);
        assert_eq!(
            render_bid_receipt(&policy(), bid(Some(&amount))),
            "City of Los Angeles\nReceipt of a bid\n\nDepartment: Bureau of Street Services\n\
            Solicitation: RFB-26-017, Street sweeping, Harbor district\n\
            Bids due: Monday, November 23, 2026, 2:00 p.m. PST\nFrom: Prime Paving\n\
            Received: Monday, November 23, 2026, 1:59:09 p.m. PST\n\
            Bid: bid_01kb0000000000000000000000\nAmount: USD 125,000.00\nSubcontractors named: 2\n\
            SHA-256 of the bid: ab12\n\
            Policy: version 1 (draft), Disclosure of Homeland Security agreements and data sharing\n\n\
            This receipt shows what was received and when. Whether the bid is accepted is in its \
            decision.\n"
        );
    }

    #[test]
    fn a_receipt_shows_fractions_of_a_second_only_where_two_times_would_look_equal() {
        let received_at = at("2026-11-23T21:59:59.999999Z");
        let due_at = at("2026-11-23T21:59:59Z");
        let text = render_bid_receipt(&policy(), BidReceipt { due_at, received_at, ..bid(None) });
        assert!(
            text.contains("Bids due: Monday, November 23, 2026, 1:59:59.000000 p.m. PST"),
            "{text}"
        );
        assert!(
            text.contains("Received: Monday, November 23, 2026, 1:59:59.999999 p.m. PST"),
            "{text}"
        );
        assert!(text.contains("Amount: none\n"), "{text}");
        let withdrawn_at = Some(at("2026-11-23T20:00:00Z"));
        let text = render_bid_receipt(&policy(), BidReceipt { withdrawn_at, ..bid(None) });
        assert!(text.contains("Withdrawn: Monday, November 23, 2026, 12:00 p.m. PST"), "{text}");
    }

    #[test]
    fn the_receipt_of_a_disclosure_names_version_digest_and_policy() {
        let filing = FilingReceipt {
            id: "disc_1",
            firm: "Prime Paving",
            received_at: at("2026-07-01T07:00:00Z"),
            version: 2,
            is_reaffirmed: true,
            is_paper: false,
            agreements: Some(1),
            arrangements: None,
            sha256: "ab12",
        };
        assert_eq!(
            render_filing_receipt(&policy(), filing),
            "City of Los Angeles\nReceipt of a disclosure\n\nFrom: Prime Paving\n\
            Received: Wednesday, July 1, 2026, 12:00 a.m. PDT\n\
            Disclosure: version 2 (disc_1), which states that nothing has changed since the one before\n\
            Agreements with Homeland Security: 1 listed\n\
            Data sharing with third parties: stated to be none\n\
            SHA-256 of the statement: ab12\n\
            Policy: version 1 (draft), Disclosure of Homeland Security agreements and data sharing\n\n\
            This receipt shows what was received and when. It does not say that the disclosure is \
            complete.\n"
        );
        let paper = FilingReceipt { is_paper: true, ..filing };
        assert!(render_filing_receipt(&policy(), paper).contains("from a signed paper form"));
    }
}
