//! Values of findings for the golden texts of their wording.
use super::date;
use crate::samples::usd;
use crate::{
    AwardSummary, DhsComponent, EntityScope, ExemptionKind, FindingDetail, Money, NatureOfWork,
    OutOfScopeReason, PartyRole, RecipientKind, RejectionReason, RuleCode, WithheldGround,
};

/// A name for a sample, and its values.
pub(super) type Sample = (&'static str, FindingDetail);

fn award() -> AwardSummary {
    AwardSummary {
        number: "70CDCR24FR0000011".into(),
        parent_number: Some("HSCEDM17D00002".into()),
        component: DhsComponent::Ice,
        recipient: "BRIGHT SWEEPING LLC".into(),
        relation: EntityScope::Own,
        signed_on: Some(date("2024-04-01")),
        ends_on: Some(date("2027-03-31")),
        value: Some(usd(1_200_000)),
    }
}

fn award_of(relation: EntityScope) -> AwardSummary {
    AwardSummary { relation, recipient: "HARBOR LINES INC".into(), ..award() }
}

/// An award of which only number, component and recipient are known.
fn sparse_award() -> AwardSummary {
    AwardSummary { parent_number: None, signed_on: None, ends_on: None, value: None, ..award() }
}

/// Samples of a rule's findings that together need every variant of its wording.
#[expect(clippy::too_many_lines, reason = "one arm a rule, so that no rule is forgotten")]
pub(super) fn details_of(code: RuleCode) -> Vec<Sample> {
    let name = || "Harbor Paint".to_owned();
    let authority = || "LAAC 10.15(a)(2)".to_owned();
    let part = || ["dhs", "agreements", "0", "compensation"].map(Into::into).to_vec();
    match code {
        RuleCode::DisclosureMissing => {
            vec![("no filing", FindingDetail::DisclosureMissing { name: name() })]
        }
        RuleCode::DisclosureStale => {
            let (filed_on, counted_on) = (date("2025-11-20"), date("2026-11-23"));
            vec![("old", FindingDetail::DisclosureStale { filed_on, counted_on, days: 368 })]
        }
        RuleCode::DisclosureOutdatedTerms => {
            vec![("older policy", FindingDetail::DisclosureOutdatedTerms { policy_version: 0 })]
        }
        RuleCode::DisclosureRejected => {
            let rejected = |has_open_appeal, is_known: bool| FindingDetail::DisclosureRejected {
                version: 1,
                has_open_appeal,
                reasons: if is_known { RejectionReason::ALL.to_vec() } else { Vec::new() },
                explanation: is_known.then(|| "Have an officer of the firm sign.".to_owned()),
                appeal_until: is_known.then(|| date("2026-11-30")),
            };
            vec![
                ("appeal possible", rejected(false, true)),
                ("appeal open", rejected(true, true)),
                ("nothing but the rejection known", rejected(false, false)),
            ]
        }
        RuleCode::DisclosurePartlyWithheld => {
            let withheld = |grounds: &[WithheldGround]| FindingDetail::DisclosurePartlyWithheld {
                parts: grounds.len(),
                grounds: grounds.to_vec(),
                paths: vec![part()],
            };
            vec![
                ("one part", withheld(&[WithheldGround::TradeSecret])),
                ("every ground", withheld(WithheldGround::ALL)),
            ]
        }
        RuleCode::DisclosureCorrected => {
            vec![("amended", FindingDetail::DisclosureCorrected { award: award() })]
        }
        RuleCode::ClarificationOpen => {
            let open =
                |about| FindingDetail::ClarificationOpen { due_on: date("2026-11-25"), about };
            vec![("whole disclosure", open(Vec::new())), ("one part", open(part()))]
        }
        RuleCode::ClarificationOverdue => {
            let overdue =
                |about| FindingDetail::ClarificationOverdue { due_on: date("2026-11-18"), about };
            vec![("whole disclosure", overdue(Vec::new())), ("one part", overdue(part()))]
        }
        RuleCode::PartyUnidentified => PartyRole::ALL
            .iter()
            .map(|role| {
                (role.as_str(), FindingDetail::PartyUnidentified { name: name(), role: *role })
            })
            .collect(),
        RuleCode::MemberMissingDisclosure => {
            vec![("member", FindingDetail::MemberMissingDisclosure { name: name() })]
        }
        RuleCode::SubcontractorMissingDisclosure => {
            let amount = Some(usd(3_000_000));
            let detail = FindingDetail::SubcontractorMissingDisclosure { name: name(), amount };
            vec![("subcontractor", detail)]
        }
        RuleCode::ClauseMissing => vec![
            ("no clause", FindingDetail::ClauseMissing { clause_version: None }),
            ("older clause", FindingDetail::ClauseMissing { clause_version: Some(0) }),
        ],
        RuleCode::AwardProbablyUndisclosed => {
            let undisclosed = |award| FindingDetail::AwardProbablyUndisclosed { award };
            vec![
                ("the firm's own", undisclosed(award())),
                ("a member's", undisclosed(award_of(EntityScope::JointVentureMember))),
                ("a subsidiary's", undisclosed(award_of(EntityScope::Subsidiary))),
                ("a parent's", undisclosed(award_of(EntityScope::Parent))),
                ("an affiliate's", undisclosed(award_of(EntityScope::Affiliate))),
                ("a predecessor's", undisclosed(award_of(EntityScope::Predecessor))),
                ("few data", undisclosed(sparse_award())),
            ]
        }
        RuleCode::AwardResponseOpen => {
            let respond_until = date("2026-12-01");
            let detail = FindingDetail::AwardResponseOpen { award: award(), respond_until };
            vec![("notice sent", detail)]
        }
        RuleCode::AwardConfirmedUndisclosed => {
            let respond_until = date("2026-11-10");
            let detail = FindingDetail::AwardConfirmedUndisclosed { award: award(), respond_until };
            vec![("response time over", detail)]
        }
        RuleCode::AwardUnderAppeal => {
            vec![("appeal open", FindingDetail::AwardUnderAppeal { award: award() })]
        }
        RuleCode::AwardOutOfScope => {
            let out = |award, reason| FindingDetail::AwardOutOfScope { award, reason };
            let subaward = ("a subaward", out(award(), OutOfScopeReason::Entity));
            let reasons = OutOfScopeReason::ALL.iter().map(|reason| match reason {
                OutOfScopeReason::Entity => {
                    ("a parent's", out(award_of(EntityScope::Parent), *reason))
                }
                OutOfScopeReason::EndedBeforeWindow => ("ended", out(award(), *reason)),
                OutOfScopeReason::NoValue => ("no money", out(award(), *reason)),
                OutOfScopeReason::WithinUpdateDuty => ("signed lately", out(award(), *reason)),
            });
            [subaward].into_iter().chain(reasons).collect()
        }
        RuleCode::ExemptionApplied => {
            let applied = |kind, due_on| FindingDetail::ExemptionApplied {
                kind,
                authority: authority(),
                due_on,
            };
            let kinds = ExemptionKind::ALL.iter().map(|kind| match kind {
                ExemptionKind::GovernmentEntity => ("government", applied(*kind, None)),
                ExemptionKind::Emergency => ("emergency", applied(*kind, Some(date("2026-12-20")))),
                ExemptionKind::GrantOrLawConflict => ("grant or law", applied(*kind, None)),
                ExemptionKind::SoleSourceMonopoly => ("one supplier", applied(*kind, None)),
                ExemptionKind::CooperativePurchase => ("cooperative", applied(*kind, None)),
                ExemptionKind::PettyCashOrCard => ("petty cash", applied(*kind, None)),
            });
            kinds.collect()
        }
        RuleCode::ExemptionTermExceeded => {
            let exceeded = FindingDetail::ExemptionTermExceeded {
                kind: ExemptionKind::Emergency,
                due_on: date("2026-12-20"),
                lasts_until: date("2027-06-18"),
                ends_on: date("2027-11-30"),
            };
            vec![("a year", exceeded)]
        }
        RuleCode::ExemptionFollowUpOverdue => {
            let (kind, due_on) = (ExemptionKind::Emergency, date("2026-11-10"));
            vec![("overdue", FindingDetail::ExemptionFollowUpOverdue { kind, due_on })]
        }
        RuleCode::AgreementDisclosed => agreement_samples(),
        RuleCode::SharesCityData => {
            let shares = |arrangements, recipients: &[RecipientKind]| {
                let recipients = recipients.to_vec();
                FindingDetail::SharesCityData { arrangements, recipients }
            };
            vec![
                ("recipient withheld", shares(1, &[])),
                ("every kind of recipient", shares(8, RecipientKind::ALL)),
            ]
        }
        RuleCode::SharesWithDhs => {
            let shares = |components: &[DhsComponent], onward_known, onward_allowed| {
                let components = components.to_vec();
                let direct = components.len();
                FindingDetail::SharesWithDhs { direct, components, onward_known, onward_allowed }
            };
            vec![
                ("every component", shares(DhsComponent::ALL, 0, 0)),
                ("passed on", shares(&[], 1, 0)),
                ("may be passed on", shares(&[], 0, 2)),
                ("all three", shares(&[DhsComponent::Cbp], 2, 1)),
            ]
        }
        RuleCode::WaiverApplied => {
            let (rule, expires_on) = (RuleCode::DisclosureStale, date("2027-05-31"));
            let detail = FindingDetail::WaiverApplied { rule, authority: authority(), expires_on };
            vec![("waived", detail)]
        }
        RuleCode::PolicySuspended => {
            let suspended =
                |rules: &[RuleCode], lifted: &[RuleCode]| FindingDetail::PolicySuspended {
                    rules: rules.to_vec(),
                    lifted: lifted.to_vec(),
                    citation: "order of November 2, 2026, case 26STCP01234".into(),
                };
            vec![
                ("whole policy", suspended(&[], &[])),
                ("lifts two rules", suspended(&[], &RuleCode::ALL[..2])),
                ("one rule", suspended(&[RuleCode::DisclosureStale], &[RuleCode::DisclosureStale])),
                ("several rules", suspended(&RuleCode::ALL[..3], &[])),
            ]
        }
    }
}

fn agreement_samples() -> Vec<Sample> {
    let euro = Money { cents: 100, currency: "EUR".into() };
    let disclosed = |agreements, component, totals: Vec<Money>, unknown, not_asked| {
        let is_other = component == Some(DhsComponent::Other);
        FindingDetail::AgreementDisclosed {
            agreements,
            component,
            component_name: is_other.then(|| "Office of Hope".to_owned()),
            natures: if agreements > 4 { NatureOfWork::ALL.to_vec() } else { Vec::new() },
            totals,
            unknown,
            not_asked,
        }
    };
    let ice = Some(DhsComponent::Ice);
    vec![
        ("one known amount", disclosed(1, ice, vec![usd(12_500_000)], 0, 0)),
        ("amount unknown", disclosed(1, ice, vec![], 1, 0)),
        ("short form", disclosed(1, Some(DhsComponent::Uscis), vec![], 0, 1)),
        ("unknown and short form", disclosed(3, ice, vec![], 2, 1)),
        ("one amount unknown", disclosed(2, ice, vec![usd(100)], 1, 0)),
        ("component withheld", disclosed(1, None, vec![usd(0)], 0, 0)),
        ("other component", disclosed(1, Some(DhsComponent::Other), vec![usd(0)], 0, 0)),
        ("everything", disclosed(9, ice, vec![euro, usd(123_450)], 2, 1)),
    ]
}
