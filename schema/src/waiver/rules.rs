//! Pure rules: validates waiver requests and exemption claims against the policy.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::model::{ExemptionClaim, WaiverRequest};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode, Severity, SubjectKind, WaiverGround, policy::max_severity};
use crate::money::{self, Money};
use crate::text::{
    MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_date, validate_optional, validate_required,
};
use crate::user_message::{Kinds, UserMessage};

/// A waiver request whose input is valid.
#[derive(Clone, Debug)]
pub struct ValidRequest {
    pub rule: RuleCode,
    pub purpose: String,
    pub alternatives: String,
    pub cost: String,
    pub cost_amount: Option<Money>,
    pub authority: String,
    pub expires_on: NaiveDate,
    /// The local midnight that ends `expires_on`, in UTC.
    pub expires_at: DateTime<Utc>,
}

/// Validates a waiver request against the grounds and the maximum days that the policy requires.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_request(
    input: &WaiverRequest,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<ValidRequest> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let requirements = &policy.parameters().waivers.value;
    let rule = input.rule.parse::<RuleCode>();
    match &rule {
        Err(_) => {
            let message = UserMessage::RuleUnknown { code: input.rule.clone() };
            errors.add(&path.at("rule"), message);
        }
        Ok(code) if max_severity(*code, SubjectKind::ContractRenewal) == Severity::Note => {
            errors.add(&path.at("rule"), UserMessage::WaiverRuleIsNote);
        }
        Ok(_) => {}
    }
    let mut ground = |ground: WaiverGround, text: &str, name: &str| {
        if requirements.grounds.contains(&ground) {
            validate_required(text, MAX_PROSE_CHARS, &path.at(name), &mut errors)
        } else {
            validate_optional(text, MAX_PROSE_CHARS, &path.at(name), &mut errors)
        }
    };
    let purpose = ground(WaiverGround::Purpose, &input.purpose, "purpose");
    let alternatives =
        ground(WaiverGround::AlternativesLookedFor, &input.alternatives, "alternatives");
    let cost = ground(WaiverGround::QuantifiedCost, &input.cost, "cost");
    let cost_amount = input.cost_amount.as_ref();
    if cost_amount.is_none() && requirements.grounds.contains(&WaiverGround::QuantifiedCost) {
        errors.add(&path.at("costAmount"), UserMessage::WaiverCostRequired);
    }
    let cost_amount = cost_amount
        .and_then(|amount| money::validate_money(amount, &path.at("costAmount"), &mut errors));
    let authority_path = path.at("authority");
    let authority = if requirements.authority_required {
        validate_required(&input.authority, MAX_LINE_CHARS, &authority_path, &mut errors)
    } else {
        validate_optional(&input.authority, MAX_LINE_CHARS, &authority_path, &mut errors)
    };
    let expires_on = validate_expiry(input, policy, now, &path.at("expiresOn"), &mut errors);
    errors.finish()?;
    let (Ok(rule), Some(expires_on)) = (rule, expires_on) else {
        return Err(Fault::Internal("a valid waiver request lacks its rule or expiry".into()));
    };
    let end = expires_on.checked_add_days(Days::new(1)).unwrap_or(expires_on);
    let expires_at = policy.calendar().midnight(end);
    Ok(ValidRequest {
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

/// Validates the last day of a waiver: not in the past and within the policy's maximum days.
fn validate_expiry(
    input: &WaiverRequest,
    policy: &Policy,
    now: DateTime<Utc>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Option<NaiveDate> {
    let expires_on = validate_date(&input.expires_on, path, errors)?;
    let today = policy.calendar().local_date(now);
    let maximum_days = policy.parameters().waivers.value.maximum_days;
    let days = (expires_on - today).num_days();
    if days < 0 {
        errors.add(path, UserMessage::DayPassed);
    } else if days > i64::from(maximum_days) {
        let last = today.checked_add_days(Days::new(u64::from(maximum_days))).unwrap_or(today);
        errors.add(path, UserMessage::WaiverTooLong { maximum_days, last });
    }
    Some(expires_on)
}

/// An exemption claim whose input is valid.
#[derive(Clone, Debug)]
pub struct ValidClaim {
    pub reason: String,
    /// The claimant's authority, or else the one that the policy gives for the kind.
    pub authority: String,
    /// Whether a second person must approve the claim.
    pub needs_approval: bool,
}

/// Validates the kind, the reason and the authority of an exemption claim.
///
/// # Errors
/// `Invalid` for a kind that the policy does not allow, for a missing reason, and without an authority if
/// the policy gives none.
pub fn validate_claim(input: &ExemptionClaim, policy: &Policy) -> Result<ValidClaim> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let available = policy
        .parameters()
        .exemptions
        .value
        .iter()
        .find(|it| it.kind == input.kind && it.available);
    if available.is_none() {
        let kinds = policy.parameters().exemptions.value.iter().filter(|it| it.available);
        let kinds = Kinds::list(kinds.map(|it| it.kind.as_str()));
        let version = policy.version_label();
        let message = UserMessage::ExemptionKindUnavailable { version, kinds };
        errors.add(&path.at("kind"), message);
    }
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    let at = path.at("authority");
    let given = input.authority.as_deref();
    let given = given.map(|it| validate_optional(it, MAX_LINE_CHARS, &at, &mut errors));
    let authority = given.filter(|it| !it.is_empty());
    let authority = authority.or_else(|| available.and_then(|it| it.authority.clone()));
    if available.is_some() && authority.is_none() {
        errors
            .add(&at, UserMessage::ExemptionAuthorityRequired { version: policy.version_label() });
    }
    errors.finish()?;
    Ok(ValidClaim {
        reason,
        authority: authority.unwrap_or_default(),
        needs_approval: available.is_some_and(|it| it.approval),
    })
}
