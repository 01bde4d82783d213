//! The check digit of the federal Unique Entity Identifier (UEI).

/// Returns whether a text is a UEI with a valid check digit: 12 characters from A to Z and 0 to 9
/// without I and O, the first not 0, the last the check digit (GSA's technical specification). A few
/// federal placeholders fail the check, so a caller may accept one after asking.
#[must_use]
pub fn has_valid_check_digit(uei: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_digit() || (c.is_ascii_uppercase() && c != b'I' && c != b'O');
    let Ok(characters) = <[u8; 12]>::try_from(uei.as_bytes()) else {
        return false;
    };
    if !characters.iter().all(|c| allowed(*c)) || characters[0] == b'0' {
        return false;
    }
    let sum_products = |digits: &mut dyn Iterator<Item = u32>| -> u32 {
        (1..).zip(digits).map(|(position, digit)| digit * position % 10).sum()
    };
    let mut sum = sum_products(&mut characters[..11].iter().map(|c| u32::from(*c)));
    while sum > 9 {
        let digits = sum.to_string();
        sum = sum_products(&mut digits.bytes().map(|digit| u32::from(digit - b'0')));
    }
    u32::from(characters[11]) == sum + u32::from(b'0')
}

#[cfg(test)]
mod tests {
    use super::has_valid_check_digit;

    /// From public federal award data.
    const REAL_UEIS: [&str; 3] = ["L997DB4PEJL8", "ENR9ZAAGMWJ5", "DY5HJN6EL4M1"];

    #[test]
    fn real_ueis_pass_and_one_wrong_character_fails() {
        for uei in REAL_UEIS {
            assert!(has_valid_check_digit(uei), "{uei}");
            let digit = uei.as_bytes()[11] - b'0';
            let wrong = format!("{}{}", &uei[..11], (digit + 1) % 10);
            assert!(!has_valid_check_digit(&wrong), "{wrong}");
        }
        for text in ["", "TREASU364044", "0997DB4PEJL8", "L997DB4PEJLI", "ÄÖÜÄÖÜ", "l997db4pejl8"]
        {
            assert!(!has_valid_check_digit(text), "{text}");
        }
    }
}
