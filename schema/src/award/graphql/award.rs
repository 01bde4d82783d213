//! How clients see federal awards and who receives them.
use async_graphql::{Object, SimpleObject};

use crate::award::model::{AwardId, AwardKind};
use crate::award::service::Award;
use crate::gate::DhsComponent;
use crate::money::{Money, MoneyText};
use crate::scalar::Date;

/// A federal award.
#[derive(Clone, Debug)]
pub struct FederalAward(Award);

impl From<Award> for FederalAward {
    fn from(award: Award) -> Self {
        Self(award)
    }
}

/// An agency and its sub-agency, by USAspending's codes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardAgency {
    /// The agency, such as 070, the Department of Homeland Security.
    code: Option<String>,
    /// The sub-agency, such as 7012.
    sub_agency_code: Option<String>,
    /// The sub-agency's name.
    sub_agency_name: Option<String>,
}

/// Who receives an award, as the award data knows it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardRecipient {
    /// The name.
    name: String,
    /// The names that the award data has for the same: the raw one, those it does business under.
    other_names: Vec<String>,
    /// The federal Unique Entity Identifier, or a placeholder for one.
    uei: Option<String>,
    /// The DUNS number that came before the UEI.
    duns: Option<String>,
    /// The Commercial and Government Entity code.
    cage: Option<String>,
    /// The name of the firm that owns it.
    parent_name: Option<String>,
    /// The UEI of the firm that owns it.
    parent_uei: Option<String>,
    /// The first line of its address.
    address: Option<String>,
    /// The city of its seat.
    city: Option<String>,
    /// The state of its seat.
    state: Option<String>,
}

fn dollars(cents: Option<i64>) -> Option<MoneyText> {
    cents.map(|cents| Money { cents, currency: "USD".to_owned() }.into())
}

/// A federal award, as USAspending publishes it.
#[Object(crate = "crate::budget")]
impl FederalAward {
    /// Its identifier here.
    pub async fn id(&self) -> AwardId {
        self.0.row.id
    }
    /// USAspending's key of it.
    async fn key(&self) -> &str {
        &self.0.row.key
    }
    /// What kind of award it is.
    async fn kind(&self) -> AwardKind {
        self.0.row.kind
    }
    /// Its number (PIID or FAIN), as given; order numbers repeat, so compare the parent's too.
    async fn award_id(&self) -> &str {
        &self.0.row.award_id
    }
    /// The number of the award that it stands under.
    async fn parent_award_id(&self) -> Option<&str> {
        self.0.row.parent_award_id.as_deref()
    }
    /// Who has the prime award, of a subaward.
    async fn prime(&self) -> Option<&str> {
        self.0.row.prime.as_deref()
    }
    /// The component of the Department of Homeland Security that it is with; null if it is with
    /// another department.
    async fn component(&self) -> Option<DhsComponent> {
        self.0.row.component
    }
    /// Who receives it.
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
    /// Who made the award.
    async fn awarding_agency(&self) -> AwardAgency {
        let row = &self.0.row;
        AwardAgency {
            code: row.awarding_code.clone(),
            sub_agency_code: row.awarding_sub_code.clone(),
            sub_agency_name: row.awarding_sub_name.clone(),
        }
    }
    /// Whose money it is.
    async fn funding_agency(&self) -> AwardAgency {
        let row = &self.0.row;
        AwardAgency {
            code: row.funding_code.clone(),
            sub_agency_code: row.funding_sub_code.clone(),
            sub_agency_name: row.funding_sub_name.clone(),
        }
    }
    /// The day of its base action; of one known by transactions alone, of the earliest known.
    async fn signed_on(&self) -> Option<Date> {
        self.0.row.signed_on.map(Date::from)
    }
    /// The first day of its period of performance.
    async fn start_date(&self) -> Option<Date> {
        self.0.row.starts_on.map(Date::from)
    }
    /// The last day of its period of performance, without options that are not exercised.
    async fn end_date(&self) -> Option<Date> {
        self.0.row.ends_on.map(Date::from)
    }
    /// The day of its latest known action.
    async fn latest_action_on(&self) -> Option<Date> {
        self.0.row.latest_on.map(Date::from)
    }
    /// What was committed.
    async fn obligated(&self) -> Option<MoneyText> {
        dollars(self.0.row.obligated_cents)
    }
    /// What it is worth now, with the options that were exercised.
    async fn current(&self) -> Option<MoneyText> {
        dollars(self.0.row.current_cents)
    }
    /// What it may come to with every option.
    async fn ceiling(&self) -> Option<MoneyText> {
        dollars(self.0.row.ceiling_cents)
    }
    /// The industry (NAICS), six digits.
    async fn naics(&self) -> Option<&str> {
        self.0.row.naics.as_deref()
    }
    /// The product or service code (PSC), four characters.
    async fn psc(&self) -> Option<&str> {
        self.0.row.psc.as_deref()
    }
    /// What it is for, in the agency's words.
    async fn description(&self) -> Option<&str> {
        self.0.row.description.as_deref()
    }
    /// The file that told it last, and the line there, as `file.csv:12`.
    async fn source(&self) -> String {
        format!("{}:{}", self.0.row.source_file, self.0.row.source_line)
    }
}
