//! The closed lists that policies and facts speak in: each is declared here and nowhere else.

vocabulary! {
    /// What the gate is asked about.
    pub enum SubjectKind {
        /// A bid, when it is submitted.
        BidSubmission,
        /// A contract, when it is awarded: from a bid or without one.
        ContractAward,
        /// A contract, when it is renewed or otherwise carried on.
        ContractRenewal,
    }

    /// How a named party came to be an organization here.
    pub enum ResolvedBy {
        /// It was named by the organization's own identifier.
        OrganizationId,
        /// It was named by an identifier that one organization bears.
        Identifier,
        /// It is none: nobody bears the identifier, or no identifier was given.
        Nobody,
    }

    /// How much a finding weighs; each outweighs those before it.
    pub enum Severity {
        /// It is said, and changes nothing.
        Note,
        /// A reviewer looks at it first.
        Review,
        /// It stops the bid, the award or the renewal.
        Block,
    }

    /// What a decision comes to: the worst of its findings.
    pub enum Outcome {
        /// It goes on.
        Admit,
        /// It is held for a reviewer.
        Review,
        /// It does not go on.
        Block,
    }

    /// How a contract comes to be awarded.
    pub enum Method {
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
        /// A grant that the City makes.
        Grant,
    }

    /// How a contract is carried on.
    pub enum Action {
        /// A renewal.
        Renewal,
        /// An option taken up.
        Option,
        /// More time.
        Extension,
        /// Month to month after its end.
        Holdover,
        /// To another contractor.
        Assignment,
        /// A change that adds no time.
        Amendment,
        /// An order under a master contract.
        TaskOrder,
    }

    /// How much of an enrolment in one of the department's programs is told.
    pub enum ProgramParticipation {
        /// Component, program and start.
        ShortForm,
        /// All that is told of any other agreement.
        FullForm,
        /// Nothing.
        NotAsked,
    }

    /// What the recipient of shared data is.
    pub enum RecipientKind {
        /// A federal agency.
        FederalAgency,
        /// A state or local agency.
        StateOrLocalAgency,
        /// Police, sheriff, prosecutor, whatever government they belong to.
        LawEnforcement,
        /// Who sells data about people it has no dealings with.
        DataBroker,
        /// Who pays for the data.
        Buyer,
        /// A firm under the same owner.
        Affiliate,
        /// Who works on the data for the firm, such as a payroll service.
        Processor,
        /// Anybody else.
        Other,
    }

    /// Why a disclosure may be rejected: for its form, never for what it discloses.
    pub enum RejectionReason {
        /// Who signed may not sign for the firm.
        NotAuthorised,
        /// It is about another organization.
        WrongOrganization,
        /// It says two things that cannot both be so.
        Contradictory,
        /// A question that was put was not answered.
        Unanswered,
    }

    /// Why a contract may go on without the disclosure.
    pub enum ExemptionKind {
        /// The contractor is a government.
        GovernmentEntity,
        /// It cannot wait; the disclosure follows.
        Emergency,
        /// A grant's terms or another law forbid to ask.
        GrantOrLawConflict,
        /// Nobody else can supply it.
        SoleSourceMonopoly,
        /// Bought through another agency's contract.
        CooperativePurchase,
        /// Paid from petty cash or by card.
        PettyCashOrCard,
    }

    /// What a request for a waiver must say.
    pub enum WaiverGround {
        /// What the contract is for, and why it cannot go without.
        Purpose,
        /// Which other suppliers were looked for.
        AlternativesLookedFor,
        /// What it would cost to do without, in figures.
        QuantifiedCost,
    }

    /// When the public may see a bid's disclosures.
    pub enum PublicAfter {
        /// Once an award is recommended.
        AwardRecommended,
        /// Once it is awarded.
        Award,
    }

    /// What of a disclosure the public never sees.
    pub enum NeverPublic {
        /// How shared data is protected.
        Safeguards,
        /// The signatory's e-mail address.
        SignatoryEmail,
        /// Where somebody lives.
        HomeAddress,
    }

    /// What reviewers have made of a disclosure.
    pub enum ReviewState {
        /// Nobody has decided on it.
        Unreviewed,
        /// A question is with the firm.
        ClarificationRequested,
        /// It stands as it is.
        Accepted,
        /// It is refused for a reason of form.
        Rejected,
    }

    /// Why a part of a disclosure is not told.
    pub enum WithheldGround {
        /// Classified information.
        Classified,
        /// Sensitive security information, or controlled unclassified information.
        SensitiveOrControlled,
        /// A statute, or a court's order.
        StatuteOrCourtOrder,
        /// An agreement not to tell.
        NonDisclosureAgreement,
        /// A trade secret.
        TradeSecret,
    }

    /// Whether the recipient of shared data passes it on to the Department of Homeland Security.
    pub enum OnwardToDhs {
        /// It does.
        Known,
        /// It may.
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
        /// Federal Protective Service, whose contracts are for guards; no code of its own.
        FederalProtectiveService,
        /// Office of Biometric Identity Management; no code of its own.
        Obim,
        /// Another, which is named.
        Other,
    }

    /// How sure it is that a federal award is an organization's, or of one it is related to.
    pub enum MatchBand {
        /// Worth a look.
        Possible,
        /// Held to be so until someone looked.
        Probable,
        /// An identifier says so, or a person.
        Exact,
    }

    /// Why a federal award need not be in a disclosure.
    pub enum OutOfScope {
        /// The policy does not ask for awards of the one who has it: a parent, a subcontractor.
        Entity,
        /// It ended before the time that the policy asks for.
        EndedBeforeWindow,
        /// It is worth nothing: a vehicle, or one whose transactions come to nothing.
        NoValue,
        /// It was signed after the filing, and the days to amend are not over.
        WithinUpdateDuty,
    }

    /// What the work under an agreement is, by category.
    pub enum NatureOfWork {
        /// Holding people.
        Detention,
        /// Moving people, and removing them from the country.
        TransportationAndRemoval,
        /// Watching and monitoring.
        SurveillanceAndMonitoring,
        /// Data, and what is drawn from it.
        DataAndAnalytics,
        /// Vetting people, and scoring their risk.
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
        /// Aircraft, airports, flying.
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
        /// Anything else.
        Other,
    }
}

impl DhsComponent {
    /// The component's name, as a letter writes it. What the firm calls an `OTHER` is not known
    /// here.
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
