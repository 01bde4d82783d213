//! Statements on the members and subcontractors that bids name, and their resolution.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::bidding::entity::{member, subcontractor};
use crate::bidding::model::BidId;
use crate::database::Tx;
use crate::decision::model::{NewlyResolved, Parties};
use crate::decision::party_tables::party_tables;
use crate::money::Money;
use crate::organization::model::{Identifier, OrganizationId, PartyColumns, ResolvedParty};

party_tables!(BidId, BidId, bid_id);
