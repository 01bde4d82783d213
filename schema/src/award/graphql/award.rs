//! GraphQL type `FederalAward` and its parts.
use async_graphql::{Object, SimpleObject};

use crate::award::model::{AwardId, AwardKind};
use crate::award::service::AwardWithRecipient;
use crate::gate::DhsComponent;
use crate::money::{Money, MoneyText};
use crate::scalar::Date;

/// A federal award.
#[derive(Clone, Debug)]
pub struct FederalAward(AwardWithRecipient);

impl From<AwardWithRecipient> for FederalAward {
    fn from(award: AwardWithRecipient) -> Self {
        Self(award)
    }
}

/// An agency and its sub-agency with USAspending's codes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardAgency {
    /// The agency's code; 070 is the Department of Homeland Security.
    code: Option<String>,
    /// The sub-agency's code, such as 7012.
    sub_agency_code: Option<String>,
    /// The sub-agency's name.
    sub_agency_name: Option<String>,
}

/// The recipient of an award, as published.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardRecipient {
    /// The name.
    name: String,
    /// Other published names: the raw name and the names under which it does business.
    other_names: Vec<String>,
    /// The federal Unique Entity Identifier (UEI), or a placeholder.
    uei: Option<String>,
    /// The DUNS number, which the UEI replaced.
    duns: Option<String>,
    /// The Commercial and Government Entity code.
    cage: Option<String>,
    /// The parent firm's name.
    parent_name: Option<String>,
    /// The parent firm's UEI.
    parent_uei: Option<String>,
    /// The first line of the address.
    address: Option<String>,
    /// The city.
    city: Option<String>,
    /// The state.
    state: Option<String>,
}

fn dollars(cents: Option<i64>) -> Option<MoneyText> {
    cents.map(|cents| Money { cents, currency: "USD".to_owned() }.into())
}

/// A federal award, as USAspending published it.
#[Object(crate = "crate::budget")]
impl FederalAward {
    /// The award's identifier in Candor.
    pub async fn id(&self) -> AwardId {
        self.0.row.id
    }
    /// USAspending's unique key of the award.
    async fn key(&self) -> &str {
        &self.0.row.key
    }
    /// The kind of award.
    async fn kind(&self) -> AwardKind {
        self.0.row.kind
    }
    /// The award number (PIID or FAIN), as published. Order numbers repeat across vehicles, so
    /// compare `parentAwardId` too.
    async fn award_id(&self) -> &str {
        &self.0.row.award_id
    }
    /// The number of the vehicle, or for a subaward of the prime award.
    async fn parent_award_id(&self) -> Option<&str> {
        self.0.row.parent_award_id.as_deref()
    }
    /// For a subaward, the name of the prime award's recipient.
    async fn prime(&self) -> Option<&str> {
        self.0.row.prime.as_deref()
    }
    /// The component of the Department of Homeland Security; null if the award is with another
    /// department.
    async fn component(&self) -> Option<DhsComponent> {
        self.0.row.component
    }
    /// The recipient.
    async fn recipient(&self) -> AwardRecipient {
        let row = &self.0.recipient;
        let code = |code: &String| (!code.is_empty()).then(|| code.clone());
        AwardRecipient {
            name: row.name.clone(),
            other_names: row.other_names.0.clone(),
            uei: code(&row.uei),
            duns: code(&row.duns),
            cage: code(&row.cage),
            parent_name: row.parent.clone(),
            parent_uei: row.parent_uei.clone(),
            address: row.address.clone(),
            city: row.city.clone(),
            state: row.state.clone(),
        }
    }
    /// The awarding agency.
    async fn awarding_agency(&self) -> AwardAgency {
        let row = &self.0.row;
        AwardAgency {
            code: row.awarding_code.clone(),
            sub_agency_code: row.awarding_sub_code.clone(),
            sub_agency_name: row.awarding_sub_name.clone(),
        }
    }
    /// The funding agency.
    async fn funding_agency(&self) -> AwardAgency {
        let row = &self.0.row;
        AwardAgency {
            code: row.funding_code.clone(),
            sub_agency_code: row.funding_sub_code.clone(),
            sub_agency_name: row.funding_sub_name.clone(),
        }
    }
    /// The day of the base action; without it, the day of the earliest known transaction.
    async fn signed_on(&self) -> Option<Date> {
        self.0.row.signed_on.map(Date::from)
    }
    /// The first day of the period of performance.
    async fn start_date(&self) -> Option<Date> {
        self.0.row.starts_on.map(Date::from)
    }
    /// The last day of the period of performance, without unexercised options.
    async fn end_date(&self) -> Option<Date> {
        self.0.row.ends_on.map(Date::from)
    }
    /// The day of the latest known action.
    async fn latest_action_on(&self) -> Option<Date> {
        self.0.row.latest_on.map(Date::from)
    }
    /// The obligated amount.
    async fn obligated(&self) -> Option<MoneyText> {
        dollars(self.0.row.obligated_cents)
    }
    /// The current value with exercised options.
    async fn current(&self) -> Option<MoneyText> {
        dollars(self.0.row.current_cents)
    }
    /// The potential value with all options.
    async fn ceiling(&self) -> Option<MoneyText> {
        dollars(self.0.row.ceiling_cents)
    }
    /// The NAICS industry code, six digits.
    async fn naics(&self) -> Option<&str> {
        self.0.row.naics.as_deref()
    }
    /// The product or service code (PSC), four characters.
    async fn psc(&self) -> Option<&str> {
        self.0.row.psc.as_deref()
    }
    /// The agency's description of the award.
    async fn description(&self) -> Option<&str> {
        self.0.row.description.as_deref()
    }
    /// The file that last changed the award, and the line in it, such as `file.csv:12`.
    async fn source(&self) -> String {
        format!("{}:{}", self.0.row.source_file, self.0.row.source_line)
    }
}
