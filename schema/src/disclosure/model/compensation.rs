//! The compensation of an agreement.
use crate::money::MoneyText;

parts! {
    /// The compensation for the work under an agreement.
    #[graphql(input_name = "CompensationInput")]
    pub struct Compensation {
        /// The form of pricing.
        pub pricing: Option<Pricing>,
        /// The amount obligated to date.
        pub obligated: Option<StatedAmount>,
        /// The current value, including exercised options.
        pub current: Option<StatedAmount>,
        /// The potential value, including all options.
        pub ceiling: Option<StatedAmount>,
        /// The terms of payment, in words.
        pub terms: Option<String>,
        /// The amount paid to date, if known.
        pub paid_to_date: Option<MoneyText>,
    }

    /// An amount that is known, estimated, or unknown for a reason.
    #[graphql(input_name = "StatedAmountInput")]
    pub struct StatedAmount {
        /// The certainty of the amount.
        pub certainty: Option<Certainty>,
        /// The amount, unless it is unknown.
        pub amount: Option<MoneyText>,
        /// Why it is unknown, or how it was estimated.
        pub reason: Option<String>,
    }
}

string_enum! {
    /// The certainty of an amount.
    pub enum Certainty {
        /// Stated by the agreement or the organization's books.
        Known,
        /// Estimated by the organization.
        Estimated,
        /// Not known, for the reason given.
        Unknown,
    }

    /// The form of pricing, with the code of federal award data (FPDS) if there is one.
    pub enum Pricing {
        /// A firm fixed price (FPDS J).
        FirmFixed,
        /// Another fixed price: redetermined, level of effort, adjusted, incentive or award fee
        /// (FPDS A, B, K, L, M).
        OtherFixed,
        /// Time and materials (FPDS Y).
        TimeAndMaterials,
        /// Labor hours (FPDS Z).
        LaborHours,
        /// Cost plus an award, fixed or incentive fee (FPDS R, U, V).
        CostPlusFee,
        /// Cost without a fee (FPDS S).
        Cost,
        /// Cost sharing (FPDS T).
        CostSharing,
        /// Set by each order (FPDS 1).
        OrderDependent,
        /// A combination of these (FPDS 2).
        Combination,
        /// A price per unit, such as a bed and night, a mile or a record.
        UnitPrice,
        /// A fee for a period.
        Subscription,
        /// Grant money.
        Grant,
        /// A share of revenue.
        RevenueShare,
        /// The organization pays.
        PaidByTheFirm,
        /// No payment and nothing of value.
        Unpaid,
        /// Another form (FPDS 3), described by the terms.
        Other,
    }
}
