//! One agreement with the Department of Homeland Security.
use chrono::Datelike;

use super::{Compensation, Withheld};
use crate::gate::{DhsComponent, EntityScope, NatureOfWork};
use crate::scalar::{Date, PartialDate};

parts! {
    /// One agreement with a component of the Department of Homeland Security.
    #[graphql(input_name = "AgreementInput")]
    pub struct Agreement {
        /// The holder.
        pub holder: Option<Holder>,
        /// The DHS component that is party to the agreement; for a subcontract or subgrant, the
        /// component that made the prime award.
        pub component: Option<DhsComponent>,
        /// The component's name, if it is `OTHER`.
        pub component_name: Option<String>,
        /// The office within the component, if known.
        pub office: Option<String>,
        /// The program, such as E-Verify: required for `PROGRAM_PARTICIPATION`, otherwise optional.
        pub program: Option<String>,
        /// The kind of agreement.
        pub kind: Option<AgreementKind>,
        /// The kind in words, if it is `OTHER`.
        pub kind_name: Option<String>,
        /// The tier below the prime award: only for a `SUBCONTRACT` or `SUBGRANT`.
        pub tier: Option<SubawardTier>,
        /// The holder of the prime award: only for a `SUBCONTRACT` or `SUBGRANT`.
        pub prime: Option<String>,
        /// The prime award's number: only for a `SUBCONTRACT` or `SUBGRANT`.
        pub prime_award: Option<String>,
        /// The agreement's number (PIID, FAIN or other), as written on it.
        pub identifier: Option<String>,
        /// The number of the parent agreement, as written on it.
        pub parent_identifier: Option<String>,
        /// The start: the day, or the month or the year if the day is not known.
        pub start_date: Option<PartialDate>,
        /// Why the start is not known, not even its year. Replaces `startDate`.
        pub start_unknown_reason: Option<String>,
        /// The end date.
        pub end_date: Option<Date>,
        /// Whether the agreement has no end date.
        #[graphql(default)]
        pub ongoing: bool,
        /// The state of the agreement on the day of signing.
        pub state_at_signing: Option<AgreementState>,
        /// The categories of work.
        #[graphql(default)]
        pub nature_of_work: Vec<NatureOfWork>,
        /// A description of the work.
        pub description: Option<String>,
        /// The six-digit NAICS code of the industry, if known.
        pub naics: Option<String>,
        /// The four-character product or service code (PSC), if known.
        pub psc: Option<String>,
        /// The place of performance, if there is one.
        pub place_of_performance: Option<String>,
        /// The compensation.
        pub compensation: Option<Compensation>,
        /// The parts that the organization withholds, each with its ground.
        #[graphql(default)]
        pub withheld: Vec<Withheld>,
    }

    /// The holder of an agreement: the organization itself, or a related one.
    #[graphql(input_name = "HolderInput")]
    pub struct Holder {
        /// The holder's relation to the organization.
        pub relation: Option<EntityScope>,
        /// The holder's name, unless it is the organization itself.
        pub name: Option<String>,
    }
}

string_enum! {
    /// The kind of an agreement.
    pub enum AgreementKind {
        /// A procurement contract.
        Contract,
        /// A task or delivery order under another contract.
        TaskOrDeliveryOrder,
        /// A blanket purchase agreement, or a call under one.
        BlanketPurchaseAgreement,
        /// A grant.
        Grant,
        /// A cooperative agreement.
        CooperativeAgreement,
        /// An agreement under other transaction authority.
        OtherTransaction,
        /// Work for a prime contractor or for a higher-tier subcontractor.
        Subcontract,
        /// Part of a grant, from its recipient or from a higher-tier subrecipient.
        Subgrant,
        /// A lease of land, buildings, vehicles or equipment.
        Lease,
        /// A license of software or of rights.
        License,
        /// A subscription to data.
        DataSubscription,
        /// A memorandum of understanding or of agreement.
        Memorandum,
        /// An agreement between governments.
        IntergovernmentalAgreement,
        /// Participation in a program: E-Verify, C-TPAT, customs and immigration bonds, port and
        /// airport security.
        ProgramParticipation,
        /// Another kind, given by `kindName`.
        Other,
    }

    /// The state of an agreement on the day of signing.
    pub enum AgreementState {
        /// Binding; work may be ordered.
        InForce,
        /// Awarded, not begun.
        AwardedNotBegun,
        /// Ended.
        Ended,
        /// Offered or applied for, not awarded.
        Proposed,
    }

    /// How precisely the start of an agreement is known.
    pub enum StartPrecision {
        /// The day.
        Day,
        /// The month.
        Month,
        /// The year.
        Year,
        /// Not at all; the disclosure says why.
        Unknown,
    }

    /// The tier of a subcontract or subgrant below the prime contractor or recipient.
    pub enum SubawardTier {
        /// Made with the prime.
        First,
        /// Made with a first-tier subcontractor or subrecipient.
        Second,
        /// A lower tier.
        Lower,
    }
}

impl StartPrecision {
    /// How precisely a start is known: by the start itself, or by the reason why it is unknown. None if
    /// neither is given, because it is withheld or the agreement is only proposed.
    #[must_use]
    pub fn of(start: Option<&PartialDate>, unknown_reason: Option<&String>) -> Option<Self> {
        let Some(days) = start.and_then(PartialDate::days) else {
            return unknown_reason.map(|_| Self::Unknown);
        };
        Some(if days.first == days.last {
            Self::Day
        } else if days.first.month() == days.last.month() {
            Self::Month
        } else {
            Self::Year
        })
    }
}

impl AgreementKind {
    /// Whether it is made under a prime award.
    #[must_use]
    pub fn is_subaward(self) -> bool {
        matches!(self, Self::Subcontract | Self::Subgrant)
    }
}
