//! One arrangement by which data is shared with a third party.
use super::Withheld;
use crate::gate::{DhsComponent, OnwardToDhs, RecipientKind};
use crate::money::MoneyText;
use crate::scalar::Date;

parts! {
    /// One arrangement by which the organization shares data with a third party.
    #[graphql(input_name = "ArrangementInput")]
    pub struct Arrangement {
        /// The recipient's name; or, for ordinary processors, a class and a count instead.
        pub recipient_name: Option<String>,
        /// What the recipients do, such as `payroll`, where the policy lets them go unnamed.
        pub recipient_class: Option<String>,
        /// How many recipients of that class there are.
        pub recipient_count: Option<i32>,
        /// What the recipient is.
        pub recipient_kind: Option<RecipientKind>,
        /// The component of the Department of Homeland Security that the recipient is, if it is
        /// one.
        pub recipient_component: Option<DhsComponent>,
        /// What is shared, by category.
        #[graphql(default)]
        pub data_categories: Vec<DataCategory>,
        /// Whom the data is about.
        #[graphql(default)]
        pub whose_data: Vec<DataSubject>,
        /// Whether data that comes from the City, or is held for it, is among it.
        pub includes_city_data: Option<bool>,
        /// What it is shared for, in words.
        pub purpose: Option<String>,
        /// How it travels.
        pub channel: Option<SharingChannel>,
        /// On what basis it is shared.
        pub basis: Option<SharingBasis>,
        /// What is paid for it, by whom, if anything is.
        pub compensation: Option<ArrangementCompensation>,
        /// Whether the recipient passes it on to the Department of Homeland Security.
        pub onward_to_dhs: Option<OnwardToDhs>,
        /// The component that it passes it on to, if known.
        pub onward_component: Option<DhsComponent>,
        /// Whether the recipient passes it on to anybody else.
        pub onward_to_others: Option<OnwardToOthers>,
        /// How the data is protected, if told. Never public.
        pub safeguards: Option<String>,
        /// When it begins or began.
        pub start_date: Option<Date>,
        /// When it ends or ended.
        pub end_date: Option<Date>,
        /// It runs without an agreed end.
        #[graphql(default)]
        pub ongoing: bool,
        /// The parts that the organization may not or will not tell, each with its ground.
        #[graphql(default)]
        pub withheld: Vec<Withheld>,
    }

    /// What is paid for shared data.
    #[graphql(input_name = "ArrangementCompensationInput")]
    pub struct ArrangementCompensation {
        /// Who pays whom, and how, in words.
        pub terms: Option<String>,
        /// How much, if known.
        pub amount: Option<MoneyText>,
    }
}

vocabulary! {
    /// What is shared: the categories of California Civil Code section 1798.140, subdivision (v)
    /// (personal information) and (ae) (sensitive personal information), then what they leave
    /// unnamed.
    pub enum DataCategory {
        /// Names, addresses, account and device identifiers: (v)(1)(A).
        Identifiers,
        /// Customer records of section 1798.80: signature, telephone, insurance, bank: (v)(1)(B).
        CustomerRecords,
        /// Characteristics of classes that the law protects: (v)(1)(C).
        ProtectedCharacteristics,
        /// Purchases, property, services considered: (v)(1)(D).
        CommercialInformation,
        /// Biometric information: (v)(1)(E) and (ae)(2)(A).
        BiometricInformation,
        /// Browsing, searching and other activity on a network: (v)(1)(F).
        InternetActivity,
        /// Geolocation: (v)(1)(G).
        Geolocation,
        /// Sound, images, video, heat, smell: (v)(1)(H).
        SensoryInformation,
        /// About work and employment: (v)(1)(I).
        EmploymentInformation,
        /// About education, not public: (v)(1)(J).
        EducationInformation,
        /// Profiles drawn from any of these: (v)(1)(K).
        Inferences,
        /// Social security, driver's licence, state identification and passport numbers:
        /// (ae)(1)(A).
        GovernmentIdentifiers,
        /// Log-ins, accounts and cards with what opens them: (ae)(1)(B).
        AccountCredentials,
        /// Precise geolocation: (ae)(1)(C).
        PreciseGeolocation,
        /// Racial or ethnic origin: (ae)(1)(D).
        RacialOrEthnicOrigin,
        /// Citizenship or immigration status: (ae)(1)(D).
        CitizenshipOrImmigrationStatus,
        /// Religious or philosophical beliefs: (ae)(1)(D).
        ReligiousOrPhilosophicalBeliefs,
        /// Union membership: (ae)(1)(D).
        UnionMembership,
        /// What mail, e-mail and text messages say: (ae)(1)(E).
        MessageContents,
        /// Genetic data: (ae)(1)(F).
        GeneticData,
        /// Neural data: (ae)(1)(G).
        NeuralData,
        /// Health: (ae)(2)(B).
        HealthInformation,
        /// Sex life or sexual orientation: (ae)(2)(C).
        SexLifeOrSexualOrientation,
        /// Reads of licence plates.
        LicencePlateReads,
        /// Arrests, charges, convictions, custody, supervision.
        CriminalJustice,
        /// About people, and no longer linked to any of them.
        DeIdentified,
        /// About no person: drawings, inventories, meter readings of the City's own.
        NotPersonal,
    }

    /// Whom the data is about.
    pub enum DataSubject {
        /// People who live in the City or use its services.
        CityResidents,
        /// The City's officers, employees and volunteers.
        CityStaff,
        /// The organization's own employees, applicants and contractors.
        OwnStaff,
        /// The organization's other customers and their people.
        Customers,
        /// Whoever passes by: drivers, travellers, visitors.
        PassersBy,
        /// Others, whom the purpose names.
        Others,
    }

    /// How shared data travels.
    pub enum SharingChannel {
        /// A program asks another for it.
        Api,
        /// Files of many records, in whatever way they are sent.
        BulkFile,
        /// The recipient looks it up on a site.
        Portal,
        /// The recipient keeps or runs the system that it is in.
        Hosting,
        /// In another way, which the purpose tells.
        Other,
    }

    /// On what basis data is shared.
    pub enum SharingBasis {
        /// The recipient works for the organization with it.
        ServiceToUs,
        /// It is sold.
        Sale,
        /// It is licensed.
        Licence,
        /// It is given for other data, or for something else of value.
        Exchange,
        /// The law demands it, and the demand may be revealed.
        LegalDuty,
        /// On another basis, which the purpose tells.
        Other,
    }

    /// Whether the recipient passes data on to others than the Department of Homeland Security.
    pub enum OnwardToOthers {
        /// It does.
        Known,
        /// It may.
        Allowed,
        /// Its contract forbids it.
        Forbidden,
        /// The organization cannot tell.
        Unknown,
    }
}
