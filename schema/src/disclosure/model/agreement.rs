//! One agreement with the Department of Homeland Security.
use super::{Compensation, Withheld};
use crate::gate::{DhsComponent, EntityScope, NatureOfWork};
use crate::scalar::Date;

parts! {
    /// One agreement with a component of the Department of Homeland Security.
    #[graphql(input_name = "AgreementInput")]
    pub struct Agreement {
        /// Who holds it.
        pub holder: Option<Holder>,
        /// The component of the department that it is with; of a subcontract or subgrant, the
        /// component that the prime's award is with.
        pub component: Option<DhsComponent>,
        /// The component's name, where it is `OTHER`.
        pub component_name: Option<String>,
        /// The office within the component, if known.
        pub office: Option<String>,
        /// The program, such as E-Verify: needed for `PROGRAM_PARTICIPATION`, else if known.
        pub program: Option<String>,
        /// What kind of agreement it is.
        pub kind: Option<AgreementKind>,
        /// The kind in words, where it is `OTHER`.
        pub kind_name: Option<String>,
        /// How far below the prime it stands: of a `SUBCONTRACT` or `SUBGRANT` only.
        pub tier: Option<SubawardTier>,
        /// Who holds the prime award: of a `SUBCONTRACT` or `SUBGRANT` only.
        pub prime: Option<String>,
        /// The prime award's number: of a `SUBCONTRACT` or `SUBGRANT` only.
        pub prime_award: Option<String>,
        /// Its number (PIID, FAIN or what it is called by), as it is written on it.
        pub identifier: Option<String>,
        /// The number of the agreement that it was placed under, as it is written there.
        pub parent_identifier: Option<String>,
        /// When it begins or began.
        pub start_date: Option<Date>,
        /// When it ends or ended.
        pub end_date: Option<Date>,
        /// It runs without an agreed end.
        #[graphql(default)]
        pub ongoing: bool,
        /// How it stands on the day of signing.
        pub state_at_signing: Option<AgreementState>,
        /// What the work is, by category.
        #[graphql(default)]
        pub nature_of_work: Vec<NatureOfWork>,
        /// What the work is, in words.
        pub description: Option<String>,
        /// The industry (NAICS), six digits, if known.
        pub naics: Option<String>,
        /// The product or service code (PSC), four characters, if known.
        pub psc: Option<String>,
        /// Where the work is done, if it is done at a place.
        pub place_of_performance: Option<String>,
        /// How the work is paid.
        pub compensation: Option<Compensation>,
        /// The parts that the organization may not or will not tell, each with its ground.
        #[graphql(default)]
        pub withheld: Vec<Withheld>,
    }

    /// Who holds an agreement: the organization itself, or one that it stands in a relation to.
    #[graphql(input_name = "HolderInput")]
    pub struct Holder {
        /// What the holder is to the organization.
        pub relation: Option<EntityScope>,
        /// The holder's name, unless it is the organization itself.
        pub name: Option<String>,
    }
}

vocabulary! {
    /// What kind of agreement it is.
    pub enum AgreementKind {
        /// A procurement contract.
        Contract,
        /// A task or delivery order under another contract.
        TaskOrDeliveryOrder,
        /// A blanket purchase agreement, or a call on one.
        BlanketPurchaseAgreement,
        /// A grant.
        Grant,
        /// A cooperative agreement.
        CooperativeAgreement,
        /// An other transaction, under authority of that name.
        OtherTransaction,
        /// Work for a prime contractor, or for a subcontractor of one.
        Subcontract,
        /// Part of a grant, from its recipient or from one below.
        Subgrant,
        /// A lease of land, buildings, vehicles or equipment.
        Lease,
        /// A licence of software or of rights.
        Licence,
        /// A subscription to data.
        DataSubscription,
        /// A memorandum of understanding or of agreement.
        Memorandum,
        /// An agreement between governments.
        IntergovernmentalAgreement,
        /// Taking part in a program: E-Verify, C-TPAT, customs and immigration bonds, port and
        /// airport security.
        ProgramParticipation,
        /// Of another kind, which is named.
        Other,
    }

    /// How an agreement stands on the day of signing.
    pub enum AgreementState {
        /// It binds, and work may be asked for.
        InForce,
        /// It was awarded, and has not begun.
        AwardedNotBegun,
        /// It is over.
        Ended,
        /// It was offered or applied for, and not awarded.
        Proposed,
    }

    /// How far below the prime contractor or recipient a subcontract or subgrant stands.
    pub enum SubawardTier {
        /// With the prime itself.
        First,
        /// With one who has it from the prime.
        Second,
        /// Further down.
        Lower,
    }
}

impl AgreementKind {
    /// Whether it stands under a prime's award.
    #[must_use]
    pub fn is_subaward(self) -> bool {
        matches!(self, Self::Subcontract | Self::Subgrant)
    }
}
