//! The table of federal awards.
use sea_orm::entity::prelude::*;

use crate::award::model::{AwardId, AwardKind, RecipientId, ComparableAward};
use crate::gate::DhsComponent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "federal_award")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AwardId,
    /// USAspending's own, in capitals.
    #[sea_orm(unique)]
    pub key: String,
    pub kind: AwardKind,
    /// Its number (PIID, FAIN), as given.
    pub award_id: String,
    pub parent_award_id: Option<String>,
    /// Who has the prime award, of a subaward.
    pub prime: Option<String>,
    /// Who has it by its latest action.
    pub recipient_id: RecipientId,
    /// None if it is not with the Department of Homeland Security.
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
    /// Cents of the dollar, as the next two.
    pub obligated_cents: Option<i64>,
    pub current_cents: Option<i64>,
    pub ceiling_cents: Option<i64>,
    /// It was told whole: transactions add nothing to its amounts.
    pub has_summary: bool,
    /// What is known of it begins with its base action, so that its sum is all of it.
    pub has_base_action: bool,
    pub naics: Option<String>,
    pub psc: Option<String>,
    pub description: Option<String>,
    /// The file that told it last, and the row's first line there.
    pub source_file: String,
    pub source_line: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What of it is held against what was disclosed; none if it is not with the department.
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

    /// What was committed, or else what it is worth now or may come to, in cents of the dollar;
    /// none if that is not known. Later changes alone, which may take money back, do not tell.
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
    fn later_changes_alone_do_not_tell_what_it_is_worth() {
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
        for (is_base_known, obligated, ceiling, worth) in [
            (true, Some(-5), None, Some(-5)),
            (false, Some(-5), None, None),
            (false, Some(0), Some(900), Some(900)),
            (false, Some(7), None, Some(7)),
            (true, None, Some(900), Some(900)),
        ] {
            assert_eq!(award(is_base_known, obligated, ceiling).value_cents(), worth);
        }
    }
}
