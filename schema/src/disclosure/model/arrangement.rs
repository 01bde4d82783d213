//! One arrangement to share data with a third party.
use super::Withheld;
use crate::gate::{DhsComponent, OnwardToDhs, RecipientKind};
use crate::money::MoneyText;
use crate::scalar::{Date, PartialDate};

parts! {
    /// An arrangement under which the organization shares data with a third party. For ordinary
    /// processors, such as a payroll service, five answers are enough: `recipientClass`,
    /// `recipientCount`, `dataCategories`, `includesCityData` and `onwardToDhs`.
    #[graphql(input_name = "ArrangementInput")]
    pub struct Arrangement {
        /// The recipient's name; for ordinary processors, a class and a count may replace it.
        pub recipient_name: Option<String>,
        /// What the recipients do, such as `payroll`, if the policy does not require their names.
        pub recipient_class: Option<String>,
        /// The number of recipients of that class.
        pub recipient_count: Option<i32>,
        /// The kind of recipient. A class and a count without a kind are filed as `PROCESSOR`.
        pub recipient_kind: Option<RecipientKind>,
        /// The component of the Department of Homeland Security, if the recipient is one.
        pub recipient_component: Option<DhsComponent>,
        /// The categories of data shared.
        #[graphql(default)]
        pub data_categories: Vec<DataCategory>,
        /// The groups of people that the data is about.
        #[graphql(default)]
        pub whose_data: Vec<DataSubject>,
        /// Whether the shared data includes data from the City or held for the City.
        pub includes_city_data: Option<bool>,
        /// The purpose of the sharing, in words.
        pub purpose: Option<String>,
        /// The channel by which the data is shared.
        pub channel: Option<SharingChannel>,
        /// The basis on which the data is shared.
        pub basis: Option<SharingBasis>,
        /// The compensation for the data, if any.
        pub compensation: Option<ArrangementCompensation>,
        /// Whether the recipient passes the data on to the Department of Homeland Security.
        pub onward_to_dhs: Option<OnwardToDhs>,
        /// The component that the recipient passes the data on to, if known.
        pub onward_component: Option<DhsComponent>,
        /// Whether the recipient passes the data on to others.
        pub onward_to_others: Option<OnwardToOthers>,
        /// How the data is protected. Optional; never public.
        pub safeguards: Option<String>,
        /// The start: the day, or the month or the year if the day is not known.
        pub start_date: Option<PartialDate>,
        /// Why the start is not known, not even its year. Replaces `startDate`.
        pub start_unknown_reason: Option<String>,
        /// The end date.
        pub end_date: Option<Date>,
        /// Whether the arrangement has no end date.
        #[graphql(default)]
        pub ongoing: bool,
        /// The parts that the organization withholds, each with its ground.
        #[graphql(default)]
        pub withheld: Vec<Withheld>,
    }

    /// Compensation for shared data.
    #[graphql(input_name = "ArrangementCompensationInput")]
    pub struct ArrangementCompensation {
        /// The terms of payment, in words.
        pub terms: Option<String>,
        /// The amount, if known.
        pub amount: Option<MoneyText>,
    }
}

string_enum! {
    /// A category of data: those of California Civil Code section 1798.140, subdivisions (v)
    /// (personal information) and (ae) (sensitive personal information), and some that these do
    /// not list.
    pub enum DataCategory {
        /// Names, addresses, account and device identifiers: (v)(1)(A).
        Identifiers,
        /// Customer records of section 1798.80, such as signature, telephone, insurance and bank:
        /// (v)(1)(B).
        CustomerRecords,
        /// Characteristics of classes protected by law: (v)(1)(C).
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
        /// Professional or employment information: (v)(1)(I).
        EmploymentInformation,
        /// Education information that is not public: (v)(1)(J).
        EducationInformation,
        /// Profiles drawn from any of these: (v)(1)(K).
        Inferences,
        /// Social security, driver's license, state identification and passport numbers:
        /// (ae)(1)(A).
        GovernmentIdentifiers,
        /// Log-ins, accounts and cards with their credentials: (ae)(1)(B).
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
        /// The contents of mail, e-mail and text messages: (ae)(1)(E).
        MessageContents,
        /// Genetic data: (ae)(1)(F).
        GeneticData,
        /// Neural data: (ae)(1)(G).
        NeuralData,
        /// Health information: (ae)(2)(B).
        HealthInformation,
        /// Sex life or sexual orientation: (ae)(2)(C).
        SexLifeOrSexualOrientation,
        /// License plate reads.
        LicensePlateReads,
        /// Arrests, charges, convictions, custody, supervision.
        CriminalJustice,
        /// Data about people that can no longer be linked to any of them.
        DeIdentified,
        /// Data about no person, such as drawings, inventories and the City's own meter readings.
        NotPersonal,
    }

    /// The people that shared data is about.
    pub enum DataSubject {
        /// People who live in the City or use its services.
        CityResidents,
        /// The City's officers, employees and volunteers.
        CityStaff,
        /// The organization's own employees, applicants and contractors.
        OwnStaff,
        /// The organization's other customers and their people.
        Customers,
        /// People who pass by: drivers, travelers, visitors.
        PassersBy,
        /// Others, described by the purpose.
        Others,
    }

    /// The channel by which data is shared.
    pub enum SharingChannel {
        /// Requests from program to program.
        Api,
        /// Files of many records, sent by any means.
        BulkFile,
        /// The recipient looks the data up on a website.
        Portal,
        /// The recipient hosts or operates the system that holds the data.
        Hosting,
        /// Another channel, described by the purpose.
        Other,
    }

    /// The basis on which data is shared.
    pub enum SharingBasis {
        /// The recipient uses the data to serve the organization.
        ServiceToUs,
        /// The data is sold.
        Sale,
        /// The data is licensed.
        License,
        /// The data is exchanged for other data or something else of value.
        Exchange,
        /// The law requires the sharing, and the demand may be disclosed.
        LegalDuty,
        /// Another basis, described by the purpose.
        Other,
    }

    /// Whether the recipient passes data on to anyone other than the Department of Homeland Security.
    pub enum OnwardToOthers {
        /// It does.
        Known,
        /// It may.
        Allowed,
        /// Its contract forbids it.
        Forbidden,
        /// The organization does not know.
        Unknown,
    }
}
