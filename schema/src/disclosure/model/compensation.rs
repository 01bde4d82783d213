//! How an agreement is paid.
use crate::money::MoneyText;

parts! {
    /// How the work under an agreement is paid.
    #[graphql(input_name = "CompensationInput")]
    pub struct Compensation {
        /// The form of pricing.
        pub pricing: Option<Pricing>,
        /// What was committed so far.
        pub obligated: Option<StatedAmount>,
        /// What it is worth now, with the options that were exercised.
        pub current: Option<StatedAmount>,
        /// What it may come to, with every option.
        pub ceiling: Option<StatedAmount>,
        /// The terms of payment, in words.
        pub terms: Option<String>,
        /// What was paid to date, if known.
        pub paid_to_date: Option<MoneyText>,
    }

    /// An amount that is known, estimated, or unknown for a reason.
    #[graphql(input_name = "StatedAmountInput")]
    pub struct StatedAmount {
        /// How well it is known.
        pub certainty: Option<Certainty>,
        /// The amount, unless it is unknown.
        pub amount: Option<MoneyText>,
        /// Why it is unknown, or how it was estimated.
        pub reason: Option<String>,
    }
}

vocabulary! {
    /// How well an amount is known.
    pub enum Certainty {
        /// As the agreement or the books say.
        Known,
        /// As far as the organization can tell.
        Estimated,
        /// It cannot be told; the reason is given.
        Unknown,
    }

    /// The form of pricing, with the codes of federal award data (FPDS) where there are any.
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
        /// Several of these together (FPDS 2).
        Combination,
        /// A price for each unit: a bed a night, a mile, a record.
        UnitPrice,
        /// A fee for a period.
        Subscription,
        /// Grant money.
        Grant,
        /// A share of what is earned.
        RevenueShare,
        /// The organization itself pays.
        PaidByTheFirm,
        /// Nothing of value passes.
        Unpaid,
        /// Another form (FPDS 3), which the terms describe.
        Other,
    }
}
