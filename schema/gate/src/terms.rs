//! The enums that policies, facts, GraphQL and the database share. Each is declared only here.

string_enum! {
    /// The kind of event that the gate decides on.
    pub enum SubjectKind {
        /// A bid is submitted.
        BidSubmission,
        /// A contract is awarded, from a bid or without one.
        ContractAward,
        /// A contract is renewed or otherwise continued.
        ContractRenewal,
    }

    /// How a named party was resolved to an organization.
    pub enum ResolvedBy {
        /// The organization's Candor identifier was given.
        OrganizationId,
        /// One organization holds the external identifier that was given.
        Identifier,
        /// One organization has the name that was given.
        Name,
        /// A person chose the organization.
        Chosen,
        /// No organization, or more than one, fits what was given.
        Unresolved,
    }

    /// What a party is to the bid or contract that names it.
    pub enum PartyRole {
        /// A member of the joint venture.
        Member,
        /// A subcontractor.
        Subcontractor,
    }

    /// The severity of a finding, lowest first.
    pub enum Severity {
        /// Informational; it does not change the outcome.
        Note,
        /// It is held: a reviewer, the firm or another party must act before the bid or contract proceeds.
        Review,
        /// It blocks the bid, the award or the renewal.
        Block,
    }

    /// The outcome of a decision: that of its most severe finding.
    pub enum Outcome {
        /// The bid is admitted, or the contract may proceed.
        Admit,
        /// It is held until a reviewer, the firm or another party has acted.
        Review,
        /// The bid is refused, or the contract may not proceed.
        Block,
    }

    /// The procurement method of a contract.
    pub enum AwardMethod {
        /// Competitive bids.
        Bids,
        /// Competitive proposals.
        Proposals,
        /// One source, without competition.
        SoleSource,
        /// An emergency.
        Emergency,
        /// Through another agency's competition.
        Cooperative,
        /// A small purchase.
        SmallPurchase,
        /// A lease or a concession.
        LeaseOrConcession,
        /// A grant from the City.
        Grant,
    }

    /// An action that continues or changes a contract.
    pub enum ContractAction {
        /// A renewal.
        Renewal,
        /// The exercise of an option.
        Option,
        /// An extension of the term.
        Extension,
        /// Continuation month to month after the end date.
        Holdover,
        /// A transfer to another contractor.
        Assignment,
        /// A change that does not extend the term.
        Amendment,
        /// An order under a master contract.
        TaskOrder,
    }

    /// How much a disclosure must say about enrollment in a DHS program.
    pub enum ProgramParticipation {
        /// Component, program and start date.
        ShortForm,
        /// The same fields as any other agreement.
        FullForm,
        /// Nothing.
        NotAsked,
    }

    /// The kind of recipient of shared data.
    pub enum RecipientKind {
        /// A federal agency.
        FederalAgency,
        /// A state or local agency.
        StateOrLocalAgency,
        /// Police, sheriff or prosecutor, at any level of government.
        LawEnforcement,
        /// A business that sells data about people with whom it has no direct relationship.
        DataBroker,
        /// A buyer of the data.
        Buyer,
        /// A firm under the same owner.
        Affiliate,
        /// A processor that handles the data on the firm's behalf, such as a payroll service.
        Processor,
        /// Any other recipient.
        Other,
    }

    /// Why a disclosure may be rejected: for its form, never for what it discloses.
    pub enum RejectionReason {
        /// The signatory is not authorized to sign for the firm.
        NotAuthorized,
        /// The disclosure is about another organization.
        WrongOrganization,
        /// Two statements in it contradict each other.
        Contradictory,
        /// A required question was not answered.
        Unanswered,
    }

    /// The ground on which a contract may proceed without a current disclosure.
    pub enum ExemptionKind {
        /// The contractor is a government.
        GovernmentEntity,
        /// An emergency; the disclosure follows by a deadline.
        Emergency,
        /// The terms of a grant or another law prohibit the requirement.
        GrantOrLawConflict,
        /// Only one supplier exists.
        SoleSourceMonopoly,
        /// Bought through another agency's contract.
        CooperativePurchase,
        /// Paid from petty cash or by card.
        PettyCashOrCard,
    }

    /// A ground that a waiver request must explain.
    pub enum WaiverGround {
        /// The purpose of the contract and why it is needed.
        Purpose,
        /// The search for other suppliers.
        AlternativesLookedFor,
        /// The cost of going without the contract, in figures.
        QuantifiedCost,
    }

    /// The kind of contract that a rule for substituting subcontractors applies to.
    pub enum ContractKind {
        /// Public works.
        PublicWorks,
        /// Any other contract.
        Other,
    }

    /// A ground on which the awarding authority may let a bidder or contractor replace a named
    /// subcontractor: the nine of California Public Contract Code 4107(a).
    pub enum SubstitutionGround {
        /// It fails or refuses to execute a written contract: paragraph (1).
        FailsToExecuteContract,
        /// It becomes bankrupt or insolvent: (2).
        BankruptOrInsolvent,
        /// It fails or refuses to perform its subcontract: (3).
        FailsToPerform,
        /// It fails or refuses to meet the bond requirements of the prime contractor: (4).
        FailsToMeetBondRequirements,
        /// The prime contractor listed it by an inadvertent clerical error: (5).
        InadvertentClericalError,
        /// It is not licensed under the Contractors License Law: (6).
        NotLicensed,
        /// The awarding authority finds its work substantially unsatisfactory and not in accordance
        /// with the plans, or that it substantially delays or disrupts the work: (7).
        UnsatisfactoryOrDelayedWork,
        /// It is ineligible to work on public works under Labor Code 1777.1 or 1777.7: (8).
        IneligibleForPublicWorks,
        /// The awarding authority finds that it is not a responsible contractor: (9).
        NotResponsible,
    }

    /// The review state of a filing.
    pub enum ReviewState {
        /// No reviewer has decided.
        Unreviewed,
        /// A reviewer asked the firm for clarification.
        ClarificationRequested,
        /// A reviewer accepted it.
        Accepted,
        /// A reviewer rejected it for a reason of form.
        Rejected,
    }

    /// The legal ground for withholding a part of a disclosure.
    pub enum WithheldGround {
        /// Classified information.
        Classified,
        /// Sensitive security information, or controlled unclassified information.
        SensitiveOrControlled,
        /// A statute, or a court's order.
        StatuteOrCourtOrder,
        /// A non-disclosure agreement.
        NonDisclosureAgreement,
        /// A trade secret.
        TradeSecret,
    }

    /// Whether a recipient passes shared data on to the Department of Homeland Security.
    pub enum OnwardToDhs {
        /// The recipient passes it on.
        Known,
        /// Its contract allows it.
        Allowed,
        /// Its contract forbids it.
        Forbidden,
        /// The firm does not know.
        Unknown,
    }

    /// A component of the U.S. Department of Homeland Security, with USAspending's sub-agency
    /// codes. An award belongs to the awarding sub-agency, unless that is 7000, 7001 or 7055 (who
    /// buy for the rest) or outside the department: then to the funding one.
    pub enum DhsComponent {
        /// U.S. Immigration and Customs Enforcement: 7012.
        Ice,
        /// U.S. Customs and Border Protection: 7014.
        Cbp,
        /// U.S. Citizenship and Immigration Services: 7003.
        Uscis,
        /// Transportation Security Administration: 7013.
        Tsa,
        /// U.S. Coast Guard: 7008.
        Uscg,
        /// U.S. Secret Service: 7009.
        Usss,
        /// Federal Emergency Management Agency: 7022, and 7007 for its assistance.
        Fema,
        /// Federal Law Enforcement Training Centers: 7015.
        Fletc,
        /// Office of Inspector General: 7004.
        Oig,
        /// Office of Intelligence and Analysis: 7032.
        IntelligenceAndAnalysis,
        /// Science and Technology Directorate: 7040, 7041.
        ScienceAndTechnology,
        /// Countering Weapons of Mass Destruction Office; its forerunners 7053, 7054.
        CounteringWmd,
        /// Cybersecurity and Infrastructure Security Agency; its forerunner 7052.
        Cisa,
        /// Management Directorate: 7050, 7051, 7056 to 7060.
        Management,
        /// Office of the Secretary: 7002.
        Secretary,
        /// The department itself: 7000.
        Department,
        /// Federal Protective Service, which contracts for guards; it has no code of its own.
        FederalProtectiveService,
        /// Office of Biometric Identity Management; it has no code of its own.
        Obim,
        /// Another component, which the disclosure names.
        Other,
    }

    /// How certain it is that a federal award belongs to an organization or one related to it.
    pub enum MatchBand {
        /// The names are similar; a person must check.
        Possible,
        /// Presumed to belong to it until a reviewer decides.
        Probable,
        /// The identifiers are equal, or a reviewer confirmed it.
        Exact,
    }

    /// The reason why a federal award is outside what the policy asks for.
    pub enum OutOfScopeReason {
        /// The recipient is outside the policy's entity scope, or it is a subaward that the policy
        /// does not ask for.
        Entity,
        /// It ended before the look-back period.
        EndedBeforeWindow,
        /// It carries no money: a vehicle, or its transactions sum to zero or less.
        NoValue,
        /// It was signed after the filing, and the time to amend has not ended.
        WithinUpdateDuty,
    }

    /// The category of the work under an agreement.
    pub enum NatureOfWork {
        /// Detention of people.
        Detention,
        /// Transportation of people, and removal from the country.
        TransportationAndRemoval,
        /// Surveillance and monitoring.
        SurveillanceAndMonitoring,
        /// Data and analytics.
        DataAndAnalytics,
        /// Vetting and risk scoring of people.
        VettingAndRiskScoring,
        /// Information technology.
        InformationTechnology,
        /// Facilities and construction.
        FacilitiesAndConstruction,
        /// Walls, fences and other barriers at a border.
        BorderBarrier,
        /// Parking and real estate.
        ParkingAndRealEstate,
        /// Security and guards.
        SecurityAndGuard,
        /// Aircraft, airports and flights.
        Aviation,
        /// Medical care.
        Medical,
        /// Food.
        Food,
        /// Training.
        Training,
        /// Consulting.
        Consulting,
        /// Staffing.
        Staffing,
        /// Interpreting and translation.
        LanguageServices,
        /// Equipment and supplies.
        EquipmentAndSupplies,
        /// Legal services.
        Legal,
        /// Research.
        Research,
        /// Any other work.
        Other,
    }
}

impl DhsComponent {
    /// The component's official name for letters; for `OTHER` a general description, since its
    /// name is in the disclosure.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ice => "U.S. Immigration and Customs Enforcement",
            Self::Cbp => "U.S. Customs and Border Protection",
            Self::Uscis => "U.S. Citizenship and Immigration Services",
            Self::Tsa => "Transportation Security Administration",
            Self::Uscg => "U.S. Coast Guard",
            Self::Usss => "U.S. Secret Service",
            Self::Fema => "Federal Emergency Management Agency",
            Self::Fletc => "Federal Law Enforcement Training Centers",
            Self::Oig => "Homeland Security Office of Inspector General",
            Self::IntelligenceAndAnalysis => "Office of Intelligence and Analysis",
            Self::ScienceAndTechnology => "Science and Technology Directorate",
            Self::CounteringWmd => "Countering Weapons of Mass Destruction Office",
            Self::Cisa => "Cybersecurity and Infrastructure Security Agency",
            Self::Management => "Homeland Security Management Directorate",
            Self::Secretary => "Office of the Secretary of Homeland Security",
            Self::Department => "U.S. Department of Homeland Security",
            Self::FederalProtectiveService => "Federal Protective Service",
            Self::Obim => "Office of Biometric Identity Management",
            Self::Other => "Another component of the U.S. Department of Homeland Security",
        }
    }
}

impl From<Severity> for Outcome {
    fn from(worst: Severity) -> Self {
        match worst {
            Severity::Note => Self::Admit,
            Severity::Review => Self::Review,
            Severity::Block => Self::Block,
        }
    }
}

impl ContractAction {
    /// Whether the action carries the contract on: it adds time, or another firm takes over. An
    /// amendment and a task order leave it as it is.
    #[must_use]
    pub const fn carries_on(self) -> bool {
        match self {
            Self::Renewal | Self::Option | Self::Extension | Self::Holdover | Self::Assignment => {
                true
            }
            Self::Amendment | Self::TaskOrder => false,
        }
    }
}
