//! Pairs of names as written in practice, with the expected band.
use crate::{Profile, Weights, band_of_score, compare};
use candor_gate::MatchBand;

fn band(one: &str, other: &str) -> (Option<MatchBand>, f32) {
    let weights = Weights::default();
    let (one, other) = (Profile::from_name(one), Profile::from_name(other));
    let there = compare(&one, &other, &weights).score;
    let back = compare(&other, &one, &weights).score;
    assert!((there - back).abs() < 0.02, "{one:?} {other:?}: {there} {back}");
    (band_of_score(there), there)
}

#[test]
fn spellings_of_one_firm_are_probable() {
    for (one, other) in [
        ("QUORVATH SYSTEMS INC", "Quorvath Systems, Inc."),
        ("QUORVATH CORP", "QUORVATH CORPORATION"),
        ("QUORVATH", "THE QUORVATH COMPANY"),
        ("QUORVATH DATA MGMT SVCS", "Quorvath Data Management Services LLC"),
        ("UNIV OF QUORVATH", "UNIVERSITY OF QUORVATH, THE"),
        ("ERNST & WEXLEY LLP", "ERNST AND WEXLEY LLP"),
        ("WEXLEY WATERHOUSE TAMBOR LLP", "WEXLEYWATERHOUSETAMBOR LLP"),
        ("TAMBOR WIRELESS", "ZELLCO PARTNERSHIP DBA TAMBOR WIRELESS"),
        ("Q R TAMBOR & SONS", "Q.R. Tambor and Sons Inc"),
        ("Q X V CORP", "QXV CORPORATION"),
        ("TAMBOR DETECTION", "TAMBOR'S DETECTION INC"),
        ("CITY OF WEXLEY", "WEXLEY, CITY OF"),
        ("COUNTY OF IMPERIAL", "IMPERIAL COUNTY"),
        ("TAMBOR AMERICAS TIRE OPERATIO", "TAMBOR AMERICAS TIRE OPERATIONS, LLC"),
        ("INSTITUTE FOR TAMBOR STUDIES CORPOR", "INSTITUTE FOR TAMBOR STUDIES CORPORATION"),
        ("QUORVAHT ARMORING CO", "QUORVATH ARMORING COMPANY"),
        ("TAMBOR SHELTER/C", "TAMBOR SHELTER INC"),
        ("OZLC ORBITAL ZONING LIBRARY CENTER INC", "OZLC, INC"),
        ("TAMBÓR GMBH", "TAMBOR GmbH"),
        ("TambÃ³r GmbH", "Tambor GmbH"),
        ("GENERAL SECURITY SERVICES CORP", "GENERAL SECURITY SERVICES CORPORATION"),
        ("WEXLER, TAMBOR K", "Tambor K Wexler"),
        ("ZEBULON QUORVATH JEFFREY", "JEFFREY ZEBULON QUORVATH"),
        ("TAMBOR HARDWARE #1234", "TAMBOR HARDWARE INC"),
        ("LOCAL #123 TAMBOR TRUST", "TAMBOR TRUST LOCAL 123"),
        ("TAMBOR CORP", "TAMBOR CORPORATION NO. 2"),
        ("TAMBOR FENCE INC, A DELAWARE CORPORATION", "TAMBOR FENCE INC"),
        ("TAMBOR FENCE, A NEW MEXICO LIMITED LIABILITY COMPANY", "TAMBOR FENCE LLC"),
        ("TAMBOR FENCE INC C/O WEXLEY BANK", "TAMBOR FENCE INC"),
        ("TAMBOR FENCE INC ATTN ACCOUNTS PAYABLE", "TAMBOR FENCE INC"),
        ("TAMBOR FENCE INC - DO NOT USE", "TAMBOR FENCE INC"),
        ("QUORVATH INC T/A TAMBOR FENCE", "TAMBOR FENCE"),
        ("W A TAMBOR CO", "TAMBOR CO"),
        ("STATE OF TX", "STATE OF TEXAS"),
        ("UNIVERSITY OF MICHIGAN", "THE REGENTS OF THE UNIVERSITY OF MICHIGAN"),
        ("WAYNE STATE UNIVERSITY", "BOARD OF GOVERNORS OF WAYNE STATE UNIVERSITY"),
        // Cut at 25, 30 and 35 columns.
        ("QUORVATH WELDING FABRICAT", "QUORVATH WELDING FABRICATION AND SUPPLY INC"),
        ("WASTE MANAGEMENT OF ARIZONA, I", "WASTE MANAGEMENT OF ARIZONA, INC."),
        ("TACTICAL INFRASTRUCTURE MAINTE", "TACTICAL INFRASTRUCTURE MAINTENANCE SOLUTIONS LLC"),
        ("QUORVATH ASSETS LIMITED PARTNE", "QUORVATH ASSETS LIMITED PARTNERSHIP"),
        ("QUORVATH CAPITAL FLAG COMPANY, INCO", "QUORVATH CAPITAL FLAG COMPANY, INCORPORATED"),
        ("شركة الأمن الدولية", "شركة الامن الدولية"),
        ("日立製作所", "日立製作所"),
    ] {
        let (band, score) = band(one, other);
        assert_eq!(band, Some(MatchBand::Probable), "{score} {one} | {other}");
    }
}

#[test]
fn further_forms_of_the_same_words_are_probable() {
    for (one, other) in [
        // Umlauts, strokes and letters of their own.
        ("Jäger Rigging", "JAEGER RIGGING CORP"),
        ("Köhler Pumpen AG", "Koehler Pumpen AG"),
        ("Håkansson Verktyg AB", "HAAKANSSON VERKTYG AB"),
        ("Jørgensen Tekstil ApS", "Joergensen Tekstil ApS"),
        ("Þorláksson Fisheries", "Thorlaksson Fisheries"),
        ("Weißenburg Straßenbau GmbH", "WEISSENBURG STRASSENBAU GMBH"),
        // Numbers in words.
        ("3 Rivers Roofing", "THREE RIVERS ROOFING"),
        ("First Harbor Bank", "1ST HARBOR BANK"),
        ("21st Century Tamboring", "Twenty-First Century Tamboring"),
        ("Tambor Fund II LP", "Tambor Fund 2 LP"),
        // Abbreviations and words without vowels.
        ("Tambor Dist Co", "Tambor Distribution Company"),
        ("Kestrand Comm Inc", "Kestrand Communications Inc"),
        ("Wexley Cnstrctn", "Wexley Construction"),
        ("Orlow Trnsprtn", "Orlow Transportation LLC"),
        ("Drevane Lab Equipmt", "Drevane Laboratory Equipment"),
        // Legal forms glued to the name, misspelled, and of other countries.
        ("Ostravia Binding LLC", "OSTRAVIA BINDINGLLC"),
        ("Dranwick Foods GmbH", "DRANWICK FOODSGMBH"),
        ("Müller Pumpen & Co. KG", "Müller Pumpen&CoKG"),
        ("Tambor Fence LLC", "TAMBOR FENCE LIMITED LIAIBLITY COMPANY"),
        ("OOO Stroytrest Vektor", "Stroytrest Vektor LLC"),
        ("Public Joint Stock Company Vostokbank", "Vostokbank PJSC"),
        ("A/S Nordhav Rederi", "Nordhav Rederi AS"),
        ("Bentivoglio Meccanica S.p.A.", "Bentivoglio Meccanica Societa per Azioni"),
        ("Drevane Química S.A. de C.V.", "DREVANE QUIMICA"),
        ("Perkasa Jaya Sdn. Bhd.", "Perkasa Jaya Sendirian Berhad"),
        ("Kitagawa Seiki K.K.", "Kitagawa Seiki Kabushiki Kaisha"),
        ("Zeman Sklo spol. s r.o.", "Zeman Sklo s.r.o."),
        ("株式会社日立製作所", "日立製作所"),
        ("삼광전자 주식회사", "삼광전자"),
        // Other alphabets.
        ("ООО «Стройтрест Вектор»", "OOO Stroytrest Vektor"),
        ("ЗАО Щёлково Химия", "ZAO Shchelkovo Khimiya"),
        ("Тюменьнефтегаз", "Tyumenneftegaz"),
        ("Ελληνικά Ναυπηγεία ΑΕ", "Ellinika Nafpigeia AE"),
        ("Zavod Khimmash Volga", "Zavod Himmash Volga"),
        // Acronyms, also in parentheses, after a slash and with the legal form's letter.
        ("International Widget Standards Board (IWSB)", "International Widget Standards Board"),
        ("QRT / Quorvath Rail Transport", "Quorvath Rail Transport"),
        ("Ford Aerospace Testing Co/FATC", "Ford Aerospace Testing Company"),
        ("Department of Ocean Dynamics (DOD)", "Department of Ocean Dynamics"),
        ("Wexley Dredging / Wexley Dredging and Marine", "Wexley Dredging & Marine"),
        // Cut within a word, at any column.
        ("QUORVATH WELDING FAB", "QUORVATH WELDING FABRICATION INC"),
        ("TAMBOR ENVIRONMENTAL RESTOR", "TAMBOR ENVIRONMENTAL RESTORATION SERVICES LLC"),
        // Former names.
        ("Quorvath Systems (formerly Zimbel Data)", "Zimbel Data"),
        ("Tambor Foods, now Drevane Foods", "Drevane Foods"),
        ("Drevane Freight, now known as Vantherm Freight", "Vantherm Freight"),
        ("Orlow Shipping (ex Drevane Lines)", "Drevane Lines"),
        // A city's departments.
        ("Water and Power, Department of", "Dept of Water & Power"),
        ("City of Wexley Department of Water and Power", "Wexley Dept of Water & Power"),
        ("Quorvath Centre for Defence", "Quorvath Center for Defense"),
    ] {
        let (band, score) = band(one, other);
        assert_eq!(band, Some(MatchBand::Probable), "{score} {one} | {other}");
    }
}

#[test]
fn names_that_look_alike_are_not_probable() {
    for (one, other) in [
        ("Jäger Rigging LLC", "JAEGER RIGGING CORP"),
        ("3 Rivers Roofing", "Four Rivers Roofing"),
        ("1st Harbor Bank", "2nd Harbor Bank"),
        ("Tambor Fund 2 LP", "Tambor Fund III LP"),
        ("Twenty-First Century Plating", "22nd Century Plating"),
        ("Vista Constr", "Vista Consulting"),
        ("Royal Dist Co", "Royal Disposal Co"),
        ("Pioneer Inst", "Pioneer Insurance"),
        ("KLR Inc", "Keller Inc"),
        ("Bloom Inc", "Blum Inc"),
        ("Parker Hannold", "Barker Hannold"),
        ("Southern Brannock Community Coll", "Southern Brannock Community Clinic"),
        ("Bureau of Land Survey (BLS)", "Bureau of Labor Statistics (BLS)"),
        ("ООО Стройтрест Вектор", "ООО Стройтрест Север"),
        ("Act Now Towing", "Towing Act"),
        ("Zinc Works", "Z Works"),
        ("Bancorp South", "Ban South"),
        ("AO Smith", "Smith AO Foods"),
        ("SA Recycling", "Recycling Works"),
        ("株式会社日立製作所", "株式会社日立化成"),
        ("City of Wexley Police Department", "City of Wexley Fire Department"),
    ] {
        let (band, score) = band(one, other);
        assert!(band < Some(MatchBand::Probable), "{score} {one} | {other}");
    }
}

#[test]
fn related_firms_are_only_possible() {
    for (one, other) in [
        ("TAMBOR COMMUNICATIONS", "TAMBOR COMMUNICATIONS LOUISIANA LLC"),
        ("CITY OF WEXLEY", "CITY OF WEXLEY POLICE DEPARTMENT"),
        ("TAMBOR INC", "TAMBOR SECURITY SOLUTIONS LLC"),
        ("A-B-C COMPANY", "ABC INC"),
        ("PREMIER CONSULTING GROUP", "PREMIER CONSULTING LLC"),
        ("ROBERT SMITH", "SMITH, ROBERT"),
        // Initials distinguish names whose other words are common.
        ("WILSON CONSULTING CO", "CE WILSON CONSULTING LLC"),
        ("METRO WEST AMBULANCE", "METRO AMBULANCE INC"),
        ("SMITH & SONS", "SMITH & SONS TOWING"),
        ("GARCIA, MARIA", "MARIA GARCIA INC"),
        ("CITY OF WEXLEY", "CITY OF WEXLEY TX"),
        ("QZW CORPORATION", "QUORVATH ZONING WORKS CORPORATION"),
    ] {
        let (band, score) = band(one, other);
        assert_eq!(band, Some(MatchBand::Possible), "{score} {one} | {other}");
    }
}

#[test]
fn different_firms_do_not_match() {
    for (one, other) in [
        ("PLUMBERS LOCAL 12", "PLUMBERS LOCAL 18"),
        ("PLUMBERS LOCAL #123", "PLUMBERS LOCAL #456"),
        ("TAMBOR CORPORATION NO. 3", "TAMBOR CORPORATION NO. 2"),
        ("GA TECHNICAL SERVICES INC", "GEORGIA TECHNICAL SERVICES INC"),
        ("PACIFIC CONSTRUCTION SERVICES INC", "PACIFIC ELECTRIC SERVICES INC"),
        ("APEX SYSTEMS", "APEX SERVICES LLC"),
        ("JOHN MARTINEZ", "MARTINEZ, JUAN"),
        ("ROBERT J SMITH", "ROBERT K SMITH"),
        ("CITY OF SAN DIEGO", "CITY OF SAN ANTONIO"),
        ("CITY OF SAN DIEGO", "SAN DIEGO COUNTY"),
        ("TAMBOR OF ALAMEDA COUNTY", "TAMBOR OF TEXAS INC"),
        ("CALIFORNIA AMERICAN HOLDING SERVICES", "AMERICAN HOLDING SERVICES OF TEXAS"),
        ("JOHNSON CONTROLS", "JOHNSON & JOHNSON"),
        ("B & B ELECTRIC", "D & B ELECTRIC INC"),
        ("TRI CITY GLASS", "TRI COUNTY GLASS"),
        ("TAMBOR PLUMBING INC", "TAMBOR DENTAL INC"),
        ("FOREIGN AWARDEES (UNDISCLOSED)", "FOREIGN AWARDEES (UNDISCLOSED)"),
        ("MISCELLANEOUS FOREIGN AWARDEES", "MISCELLANEOUS FOREIGN AWARDEES"),
        ("THE COMPANY LLC", "THE COMPANY LLC"),
        ("...", "..."),
        ("", ""),
    ] {
        let (band, score) = band(one, other);
        assert_eq!(band, None, "{score} {one} | {other}");
    }
}
