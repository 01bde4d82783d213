//! Sums of values that can exceed 64 bits: an amount may be ten trillion units of a currency.

/// The sums are computed in two parts, so that neither can exceed 64 bits.
const CENTS_PER_PART: i64 = 1_000_000;

/// Returns the SQL of the two sums of a column, which [`join_parts`] joins.
pub fn sums_of_parts(column: &str) -> [String; 2] {
    ["/", "%"].map(|operator| format!("CAST(SUM({column} {operator} {CENTS_PER_PART}) AS bigint)"))
}

/// Returns the whole sum; the end of the range if it exceeds 64 bits.
pub fn join_parts(parts: i64, rest: i64) -> i64 {
    let cents = i128::from(parts) * i128::from(CENTS_PER_PART) + i128::from(rest);
    i64::try_from(cents).unwrap_or(i64::MAX)
}
