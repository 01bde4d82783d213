//! What a request for a waiver and a claim of an exemption must be like. Pure.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::model::{ExemptionClaim, WaiverRequest};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode, Severity, SubjectKind, WaiverGround, policy::max_severity};
use crate::money::{self, Money};
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_date, validate_required};

/// A request, read.
#[derive(Clone, Debug)]
pub struct Request {
    pub rule: RuleCode,
    pub purpose: String,
    pub alternatives: String,
    pub cost: String,
    pub cost_amount: Option<Money>,
    pub authority: String,
    pub expires_on: NaiveDate,
    /// UTC: the local midnight that ends that day.
    pub expires_at: DateTime<Utc>,
}

/// Reads a request by what the policy asks of one.
///
/// # Errors
/// `Invalid` with all that is wrong or missing.
pub fn request(input: &WaiverRequest, policy: &Policy, now: DateTime<Utc>) -> Result<Request> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let asked = &policy.parameters().waivers.value;
    let rule = input.rule.parse::<RuleCode>();
    match &rule {
        Err(unknown) => {
            let told = format!("{unknown}; the policy lists its rules by their codes.");
            problems.add(&path.at("rule"), "invalid", told);
        }
        Ok(code) if max_severity(*code, SubjectKind::ContractRenewal) == Severity::Note => {
            let told = "This rule only notes: there is nothing that a waiver could lower.";
            problems.add(&path.at("rule"), "invalid", told);
        }
        Ok(_) => {}
    }
    let mut ground = |ground: WaiverGround, text: &str, name: &str| {
        if asked.grounds.contains(&ground) {
            validate_required(text, MAX_PROSE_CHARS, &path.at(name), &mut problems)
        } else {
            validate_optional(text, MAX_PROSE_CHARS, &path.at(name), &mut problems)
        }
    };
    let purpose = ground(WaiverGround::Purpose, &input.purpose, "purpose");
    let alternatives =
        ground(WaiverGround::AlternativesLookedFor, &input.alternatives, "alternatives");
    let cost = ground(WaiverGround::QuantifiedCost, &input.cost, "cost");
    let cost_amount = input.cost_amount.as_ref();
    if cost_amount.is_none() && asked.grounds.contains(&WaiverGround::QuantifiedCost) {
        let told = "Give the cost as an amount too: the policy asks for it in figures.";
        problems.add(&path.at("costAmount"), "required", told);
    }
    let cost_amount =
        cost_amount.and_then(|written| money::validate_money(written, &path.at("costAmount"), &mut problems));
    let at = path.at("authority");
    let authority = if asked.authority_required {
        validate_required(&input.authority, MAX_LINE_CHARS, &at, &mut problems)
    } else {
        validate_optional(&input.authority, MAX_LINE_CHARS, &at, &mut problems)
    };
    let expires_on = expiry(input, policy, now, &path.at("expiresOn"), &mut problems);
    problems.finish()?;
    let (Ok(rule), Some(expires_on)) = (rule, expires_on) else {
        return Err(Fault::Internal("a request that was read lacks a part".into()));
    };
    let ends = expires_on.checked_add_days(Days::new(1)).unwrap_or(expires_on);
    let expires_at = policy.calendar().midnight(ends);
    Ok(Request {
        rule,
        purpose,
        alternatives,
        cost,
        cost_amount,
        authority,
        expires_on,
        expires_at,
    })
}

/// The last day of a waiver: not past, and not after the most days that the policy gives one.
fn expiry(
    input: &WaiverRequest,
    policy: &Policy,
    now: DateTime<Utc>,
    path: &FieldPath,
    problems: &mut InputErrors,
) -> Option<NaiveDate> {
    let on = validate_date(&input.expires_on, path, problems)?;
    let today = policy.calendar().local_date(now);
    let most = policy.parameters().waivers.value.maximum_days;
    let days = (on - today).num_days();
    if days < 0 {
        problems.add(path, "invalid", "This day is over; a waiver ends on a day that lies ahead.");
    } else if days > i64::from(most) {
        let last = today.checked_add_days(Days::new(u64::from(most))).unwrap_or(today);
        let told = format!("A waiver runs {most} days at the most: to {last} at the latest.");
        problems.add(path, "invalid", told);
    }
    Some(on)
}

/// The reason and the authority of a claim.
///
/// # Errors
/// `Invalid` for a kind that the policy does not make available, and without a reason.
pub fn claim(input: &ExemptionClaim, policy: &Policy) -> Result<(String, String)> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let offered = policy.parameters().exemptions.value.iter();
    let offered = offered.clone().find(|it| it.kind == input.kind && it.available);
    if offered.is_none() {
        let open = policy.parameters().exemptions.value.iter().filter(|it| it.available);
        let open: Vec<String> = open.map(|it| it.kind.word()).collect();
        let told = format!(
            "Version {} of the policy does not make this exemption available; it has {}.",
            policy.version(),
            if open.is_empty() { "none".to_owned() } else { open.join(", ") }
        );
        problems.add(&path.at("kind"), "unavailable", told);
    }
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut problems);
    let given = input.authority.as_deref();
    let authority = given.map(|it| validate_required(it, MAX_LINE_CHARS, &path.at("authority"), &mut problems));
    problems.finish()?;
    let authority = authority.or_else(|| offered.map(|it| it.authority.clone()));
    Ok((reason, authority.unwrap_or_default()))
}
