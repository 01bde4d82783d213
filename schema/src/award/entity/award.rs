//! Table `federal_award`.
use sea_orm::entity::prelude::*;

use crate::award::model::{AwardId, AwardKind, ComparableAward, RecipientId};
use crate::gate::DhsComponent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "federal_award")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AwardId,
    /// USAspending's unique key, in capitals.
    #[sea_orm(unique)]
    pub key: String,
    pub kind: AwardKind,
    /// The award number (PIID or FAIN), as published.
    pub award_id: String,
    pub parent_award_id: Option<String>,
    /// For a subaward, the name of the prime award's recipient.
    pub prime: Option<String>,
    /// The recipient as of the latest action.
    pub recipient_id: RecipientId,
    /// `None` if the award is not with the Department of Homeland Security.
    pub component: Option<DhsComponent>,
    pub awarding_code: Option<String>,
    pub awarding_sub_code: Option<String>,
    pub awarding_sub_name: Option<String>,
    pub funding_code: Option<String>,
    pub funding_sub_code: Option<String>,
    pub funding_sub_name: Option<String>,
    pub signed_on: Option<Date>,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub latest_on: Option<Date>,
    /// In US cents, as are the next two.
    pub obligated_cents: Option<i64>,
    pub current_cents: Option<i64>,
    pub ceiling_cents: Option<i64>,
    /// Whether a summary row was imported; its amounts then take precedence over transactions.
    pub has_summary: bool,
    /// Whether the base action was imported, so that the sum of transactions is complete.
    pub has_base_action: bool,
    pub naics: Option<String>,
    pub psc: Option<String>,
    pub description: Option<String>,
    /// The file that last changed the award, and the row's first line in it.
    pub source_file: String,
    pub source_line: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The parts that are compared with disclosed agreements; `None` if the award is not with the
    /// department.
    pub fn comparable(&self) -> Option<ComparableAward> {
        let amounts = [self.obligated_cents, self.current_cents, self.ceiling_cents];
        Some(ComparableAward {
            component: self.component?,
            number: self.award_id.clone(),
            parent_number: self.parent_award_id.clone(),
            starts_on: self.starts_on.or(self.signed_on),
            ends_on: self.ends_on,
            is_subaward: self.kind == AwardKind::Subaward,
            amounts_cents: amounts.into_iter().flatten().collect(),
        })
    }

    /// The award's value in US cents: the obligated amount, else the current value, else the
    /// ceiling. `None` if unknown. Without the base action, a sum of zero or less is ignored,
    /// because modifications alone may deobligate.
    pub fn value_cents(&self) -> Option<i64> {
        let is_known = self.has_summary || self.has_base_action;
        let obligated = self.obligated_cents.filter(|cents| is_known || *cents > 0);
        obligated.or(self.current_cents).or(self.ceiling_cents)
    }
}

#[cfg(test)]
mod tests {
    use super::Model;
    use crate::award::model::{AwardId, AwardKind, RecipientId};

    #[test]
    fn a_negative_sum_without_the_base_action_is_no_value() {
        let award = |is_base_known, obligated_cents, ceiling_cents| Model {
            id: AwardId::generate(),
            key: "CONT_AWD_A1".into(),
            kind: AwardKind::Contract,
            award_id: "A1".into(),
            parent_award_id: None,
            prime: None,
            recipient_id: RecipientId::generate(),
            component: None,
            awarding_code: None,
            awarding_sub_code: None,
            awarding_sub_name: None,
            funding_code: None,
            funding_sub_code: None,
            funding_sub_name: None,
            signed_on: None,
            starts_on: None,
            ends_on: None,
            latest_on: None,
            obligated_cents,
            current_cents: None,
            ceiling_cents,
            has_summary: false,
            has_base_action: is_base_known,
            naics: None,
            psc: None,
            description: None,
            source_file: "a.csv".into(),
            source_line: 2,
        };
        for (has_base_action, obligated, ceiling, value) in [
            (true, Some(-5), None, Some(-5)),
            (false, Some(-5), None, None),
            (false, Some(0), Some(900), Some(900)),
            (false, Some(7), None, Some(7)),
            (true, None, Some(900), Some(900)),
        ] {
            assert_eq!(award(has_base_action, obligated, ceiling).value_cents(), value);
        }
    }
}
