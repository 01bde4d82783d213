//! Tests of award files in every format, and of other files. Their contents are invented.
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use candor_schema::award::model::{
    AwardFileEntry, AwardFileRow, AwardKind, RowScope, TransactionDeletion,
};
use candor_schema::gate::DhsComponent;
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{AwardFile, RowError};

/// A temporary file of one test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("candor-{}.csv", Uuid::now_v7().simple()));
        fs::write(&path, bytes).expect("a file to write");
        Self(path)
    }

    fn files(&self) -> Vec<AwardFile> {
        let files = AwardFile::open_all(&self.0, &mut |_| ()).expect("award files");
        files.map(|file| file.expect("an award file")).collect()
    }

    fn entries(&self) -> Vec<Result<AwardFileEntry, RowError>> {
        self.files().into_iter().flatten().collect()
    }

    /// The rows of a file without deletions.
    fn rows(&self) -> Vec<Result<AwardFileRow, RowError>> {
        self.entries().into_iter().map(|entry| entry.map(award_row)).collect()
    }

    /// The only row.
    fn row(&self) -> AwardFileRow {
        let mut rows = self.rows();
        assert_eq!(rows.len(), 1);
        rows.remove(0).expect("a row")
    }

    /// Returns why it is not an award file, without its name.
    fn refused(&self) -> String {
        let files = AwardFile::open_all(&self.0, &mut |_| ())
            .and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let message = files.err().map(|error| format!("{error:#}")).expect("a refusal");
        let name = self.0.file_name().expect("a name").to_string_lossy().into_owned();
        let directory = self.0.parent().expect("a directory").join("");
        message.replace(&*directory.to_string_lossy(), "").replace(&name, "FILE")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover is in the system's directory of temporary files.
        let _ = fs::remove_file(&self.0);
    }
}

fn award_row(entry: AwardFileEntry) -> AwardFileRow {
    match entry {
        AwardFileEntry::Row(row) => *row,
        AwardFileEntry::Deletion(deletion) => panic!("a row: {deletion:?}"),
    }
}

/// A table of one row.
fn table(cells: &[(&str, &str)]) -> Scratch {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.iter().map(|(column, _)| column)).expect("a header");
    writer.write_record(cells.iter().map(|(_, cell)| cell)).expect("a row");
    Scratch::new(writer.into_inner().expect("a table"))
}

fn days(row: &AwardFileRow) -> [Option<String>; 4] {
    [row.signed_on, row.starts_on, row.ends_on, row.latest_on].map(|it| Some(it?.to_string()))
}

#[test]
fn summaries_are_parsed() {
    let contract = [
        ("contract_award_unique_key", " cont_idv_70CDCR20D0001_7012 "),
        ("award_id_piid", "70CDCR20D0001"),
        ("parent_award_id_piid", "NAN"),
        ("total_obligated_amount", "7391976"),
        ("current_total_value_of_award", "110367609.0"),
        ("potential_total_value_of_award", ""),
        ("award_base_action_date", "12/22/17"),
        ("award_latest_action_date", "5/31/21 0:00"),
        ("ordering_period_end_date", "9/30/25"),
        ("awarding_agency_code", "70"),
        ("awarding_sub_agency_code", "7012"),
        ("recipient_uei", "HB7KQ2M4N6P1"),
        ("recipient_name", "Harbor Orchid\nDetention LLC"),
        ("cage_code", "9ZZ01"),
        ("award_or_idv_flag", "IDV"),
        ("naics_code", "561612"),
        ("prime_award_base_transaction_description", "guards \u{e9}"),
    ];
    let row = table(&contract).row();
    assert_eq!((row.key.as_str(), row.kind), ("CONT_IDV_70CDCR20D0001_7012", AwardKind::Vehicle));
    assert_eq!((row.line, &row.scope), (2, &RowScope::Summary));
    assert_eq!(row.parent_award_id, None);
    assert_eq!(
        (row.obligated_cents, row.current_cents, row.ceiling_cents),
        (Some(739_197_600), Some(11_036_760_900), None)
    );
    let expected = [Some("2017-12-22"), None, Some("2025-09-30"), Some("2021-05-31")];
    assert_eq!(days(&row), expected.map(|day| day.map(str::to_owned)));
    assert_eq!(row.recipient.name, "Harbor Orchid\nDetention LLC");
    assert_eq!(row.recipient.cage.as_deref(), Some("9ZZ01"));
    assert_eq!(row.awarding.code.as_deref(), Some("070"), "a spreadsheet removed the zero");
    assert_eq!(row.component(), Some(DhsComponent::Ice));

    // Of the years before the UEI, and of assistance.
    let grant = [
        ("assistance_award_unique_key", "ASST_NON_EMW2019FR00001_7022"),
        ("award_id_fain", ""),
        ("award_id_uri", "U-1"),
        ("total_obligated_amount", "-12.5"),
        ("recipient_duns", "000000001"),
        ("recipient_name", "PERENNIAL FIRE DISTRICT"),
        ("period_of_performance_current_end_date", "2021-09-30"),
    ];
    let row = table(&grant).row();
    assert_eq!((row.kind, row.award_id.as_str()), (AwardKind::Assistance, "U-1"));
    assert_eq!(row.recipient.duns.as_deref(), Some("000000001"));
    // The agency from the key.
    assert_eq!(row.awarding.code.as_deref(), Some("070"));
    assert_eq!(row.component(), Some(DhsComponent::Fema));
}

#[test]
fn transactions_are_parsed() {
    let order = [
        ("contract_transaction_unique_key", "7014_4732_70B03C21F1_P00001_GS07F1_0"),
        ("contract_award_unique_key", "CONT_AWD_70B03C21F1_7014_GS07F1_4732"),
        ("award_id_piid", "70B03C21F1"),
        ("modification_number", "P00001"),
        ("federal_action_obligation", "7.120000"),
        ("total_dollars_obligated", "1000"),
        ("action_date", "2021-09-28"),
        ("recipient_name", "TAMARIND FLEET LEASING"),
        ("award_type", "DELIVERY ORDER"),
        ("transaction_description", "CARS"),
    ];
    let row = table(&order).row();
    assert_eq!(row.scope, RowScope::Transaction("7014_4732_70B03C21F1_P00001_GS07F1_0".to_owned()));
    assert_eq!((row.kind, row.obligated_cents), (AwardKind::Order, Some(712)));
    assert_eq!(row.parent_award_id.as_deref(), Some("GS07F1"));
    let day = Some("2021-09-28".to_owned());
    assert_eq!(days(&row), [day.clone(), None, None, day]);
    assert_eq!(row.description.as_deref(), Some("CARS"));

    let grant = [
        ("assistance_transaction_unique_key", "7022_-NONE-_EMW1_-NONE-_97.044_0"),
        ("assistance_award_unique_key", "ASST_NON_EMW1_7022"),
        ("award_id_fain", "EMW1"),
        ("federal_action_obligation", "500"),
        ("total_obligated_amount", "9000"),
        ("action_date", "2021-09-28"),
        ("recipient_name", "PERENNIAL FIRE DISTRICT"),
    ];
    let row = table(&grant).row();
    assert!(matches!(row.scope, RowScope::Transaction(_)));
    assert_eq!((row.kind, row.obligated_cents), (AwardKind::Assistance, Some(50_000)));

    let deletion = |cells: &[(&str, &str)]| match table(cells).entries().remove(0) {
        Ok(AwardFileEntry::Deletion(deletion)) => deletion,
        other => panic!("a deletion: {other:?}"),
    };
    let modified = ("last_modified_date", "2021-10-01");
    let deleted = [&order[..], &[("correction_delete_ind", "D"), modified]].concat();
    assert_eq!(
        deletion(&deleted),
        TransactionDeletion {
            line: 2,
            award_keys: vec!["CONT_AWD_70B03C21F1_7014_GS07F1_4732".to_owned()],
            transaction: "7014_4732_70B03C21F1_P00001_GS07F1_0".to_owned(),
            modified_on: "2021-10-01".parse().ok(),
        }
    );
    // As delta files have it.
    let blank: Vec<(&str, &str)> = deleted
        .iter()
        .map(|(column, cell)| {
            let is_kept = column.ends_with("transaction_unique_key") || column.ends_with("_ind");
            (*column, if is_kept { *cell } else { "" })
        })
        .collect();
    let found = deletion(&blank);
    assert!(found.award_keys.contains(&"CONT_AWD_70B03C21F1_7014_GS07F1_4732".to_owned()));
    assert!(found.award_keys.contains(&"CONT_IDV_70B03C21F1_7014".to_owned()));
    let gone = [&grant[..], &[("correction_delete_ind", "d")]].concat();
    assert_eq!(deletion(&gone).award_keys, ["ASST_NON_EMW1_7022"]);
    let corrected = [&order[..], &[("correction_delete_ind", "C")]].concat();
    assert!(matches!(table(&corrected).row().scope, RowScope::Transaction(_)));
}

#[test]
fn a_listing_is_parsed_by_its_keys() {
    let listing = Scratch::new(
        "Agency,Award ID,Recipient Name,Federal Action Obligation,Action Date,Modification,\
        Generated Award ID\r\n\
        CBP,A1,FIRM,1.5,2021-09-28,0,CONT_AWD_A1_7014_A0_7001\r\n\
        CBP,A1,FIRM,1.5,2021-09-28,0,CONT_AWD_A1_7014_A0_7001\r\n\
        CBP,A2,FIRM,,2021-09-28,P00001,CONT_AWD_A2_4732_-NONE-_-NONE-\r\n",
    );
    let rows: Vec<AwardFileRow> =
        listing.rows().into_iter().map(|row| row.expect("a row")).collect();
    let [order, again, alone] = &rows[..] else { panic!("three rows") };
    assert_eq!(order.scope, RowScope::Transaction("0|2021-09-28|150".to_owned()));
    assert_eq!(order.scope, again.scope, "the same once more");
    assert_eq!((order.kind, order.component()), (AwardKind::Order, Some(DhsComponent::Cbp)));
    assert_eq!(order.parent_award_id.as_deref(), Some("A0"));
    assert_eq!(alone.scope, RowScope::Transaction("P00001|2021-09-28|".to_owned()));
    assert_eq!((alone.kind, alone.component()), (AwardKind::Contract, None));
    assert_eq!((alone.parent_award_id.as_deref(), alone.obligated_cents), (None, None));
    assert_eq!((alone.awarding.code.as_deref(), &*alone.award_id), (None, "A2"));

    // Either form of day could be meant: there is none then, but two are still two.
    let listing = Scratch::new(
        "Recipient Name,Federal Action Obligation,Action Date,Generated Award ID\n\
        FIRM,1,1/2/21,CONT_IDV_A1_7014\n\
        FIRM,1,2/1/21,CONT_IDV_A1_7014\n",
    );
    let rows: Vec<AwardFileRow> =
        listing.rows().into_iter().map(|row| row.expect("a row")).collect();
    assert_eq!(rows[0].scope, RowScope::Transaction("|1/2/21|100".to_owned()));
    assert_ne!(rows[0].scope, rows[1].scope);
    assert_eq!((rows[0].kind, rows[0].signed_on), (AwardKind::Vehicle, None));
    assert_eq!(rows[0].component(), Some(DhsComponent::Cbp));
}

#[test]
fn subawards_are_parsed() {
    let mut subaward = vec![
        ("prime_award_unique_key", "CONT_AWD_70CDCR22F1_7012_GS07F1_4732"),
        ("prime_award_piid", "70CDCR22F1"),
        ("prime_award_awarding_sub_agency_code", "7012"),
        ("prime_awardee_name", "HARBOR ORCHID"),
        ("subaward_number", "po-1"),
        ("subaward_amount", "10"),
        ("subaward_action_date", "2024-09-12"),
        ("subawardee_name", "FERN & SON"),
        ("subawardee_dba_name", "SOMEBODY ELSE"),
        ("subawardee_duns", "000000001"),
    ];
    let row = table(&subaward).row();
    assert_eq!(row.key, "SUB_CONT_AWD_70CDCR22F1_7012_GS07F1_4732_PO-1_000000001");
    let scope = RowScope::Transaction("|2024-09-12|1000".to_owned());
    assert_eq!((row.kind, &row.scope), (AwardKind::Subaward, &scope));
    assert_eq!((&*row.award_id, row.parent_award_id.as_deref()), ("po-1", Some("70CDCR22F1")));
    assert_eq!(row.prime.as_deref(), Some("HARBOR ORCHID"));
    assert_eq!(row.recipient.doing_business_as, None);
    assert_eq!(row.component(), Some(DhsComponent::Ice));
    subaward.push(("subawardee_uei", "FE7KQ2M4N6P1"));
    assert!(table(&subaward).row().key.ends_with("_PO-1_FE7KQ2M4N6P1"));
}

#[test]
fn a_malformed_row_is_reported_and_the_others_are_parsed() {
    let long = "x".repeat(10_000);
    let file = format!(
        "contract_award_unique_key,recipient_name,total_obligated_amount,award_base_action_date,\
        prime_award_base_transaction_description,foreign_funding\n\
        ,FIRM,1,2021-01-01,,\n\
        A1,,1,2021-01-01,,\n\
        A2,{long},1,2021-01-01,,\n\
        A3,FIRM,\"1,000\",2021-01-01,,\n\
        A4,FIRM,20000000000000,2021-01-01,,\n\
        A5,FIRM,1,soon,,\n\
        A6,FIRM,1\n\
        A7,FIRM,1,2021-01-01,{long},\n"
    );
    let rows = Scratch::new(file).rows();
    let errors: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).cloned().collect();
    let expected = [
        (2, "it has no contract_award_unique_key"),
        (3, "it has no recipient_name"),
        (4, "recipient_name: it has 10000 characters; the limit is 1000"),
        (
            5,
            "total_obligated_amount: \"1,000\" is not an amount. Write the amount in digits with at \
            most two decimals, such as 125000.00, without separators, currency signs or \
            exponents.",
        ),
        (
            6,
            "total_obligated_amount: \"20000000000000\" is not an amount. The amount is larger than \
            ten trillion. Check it.",
        ),
        (7, "award_base_action_date: \"soon\" is not a date"),
        (8, "it has 3 cells for 6 columns; it is incomplete"),
    ];
    assert_eq!(errors, expected.map(|(line, why)| (line, why.to_owned())));
    let last = rows.last().and_then(|row| row.as_ref().ok()).expect("a row");
    assert_eq!(last.description.as_ref().map(String::len), Some(4_000));

    // A byte that is no UTF-8: in a name, in a description, in what is not read.
    let header = "contract_award_unique_key,recipient_name,total_obligated_amount,\
        prime_award_base_transaction_description,foreign_funding\n";
    let rows = [&b"A1,CAF\xC9,1,,\n"[..], b"A2,FIRM,1,CAF\xC9,\n", b"A3,FIRM,1,,CAF\xC9\n"];
    let latin = Scratch::new([&[header.as_bytes()][..], &rows].concat().concat()).rows();
    let names: Vec<_> = latin.into_iter().map(|row| row.expect("a row").recipient.name).collect();
    assert_eq!(names, ["CAF\u{c9}", "FIRM", "FIRM"], "it is Windows-1252");
    let header = format!("\u{FEFF}{header}");
    let rows = Scratch::new([&[header.as_bytes()][..], &rows].concat().concat()).rows();
    let [Err((2, why)), Ok(replaced), Ok(_)] = &rows[..] else { panic!("{rows:?}") };
    assert!(why.starts_with("recipient_name: it is not UTF-8 (byte 0xC9"), "{why}");
    assert_eq!(replaced.description.as_deref(), Some("CAF\u{FFFD}"));
}

#[test]
fn other_files_are_rejected() {
    let contracts = "contract_award_unique_key,recipient_name,total_obligated_amount\n";
    assert!(Scratch::new(contracts).rows().is_empty(), "a header without rows is an empty file");
    for (bytes, message) in [
        (&b""[..], "FILE is empty; it needs a header with the names of the columns"),
        (b"\x7FELF\x02\x01\x01\0\0", "FILE is not text; save it as CSV (UTF-8)"),
        (
            b"contract_award_unique_key;recipient_name\n",
            "FILE has award summaries of contracts, but lacks the columns \
            total_obligated_amount; its header has: contract_award_unique_key, recipient_name",
        ),
        (
            b"dollarsobligated,vendorname\n1,2\n",
            "FILE is not an award file of USAspending, which has contract_award_unique_key (summaries \
            or transactions of contracts), assistance_award_unique_key (of assistance), \
            prime_award_unique_key (subawards) or Generated Award ID (a listing of transactions); it \
            seems to be a file that USAspending published before 2017",
        ),
        (
            b"contract_award_unique_key,recipient_name\n",
            "FILE has award summaries of contracts, but lacks the columns \
            total_obligated_amount; its header has: contract_award_unique_key, recipient_name",
        ),
        (
            b"b,a\n1,2\n",
            "FILE is not an award file of USAspending, which has contract_award_unique_key (summaries \
            or transactions of contracts), assistance_award_unique_key (of assistance), \
            prime_award_unique_key (subawards) or Generated Award ID (a listing of transactions); \
            its header has: a, b",
        ),
        (b"PK\x03\x04", "FILE is a zip archive that cannot be read; download it again"),
    ] {
        let refused = Scratch::new(bytes).refused();
        assert!(refused.starts_with(message), "{refused}");
    }
    let endless = format!("{contracts}A1,FIRM,1\nA2,\"FIRM,1\n{}", "A3,FIRM,1\n".repeat(200_000));
    let refused = Scratch::new(endless).refused();
    assert!(refused.starts_with("FILE:3: it cannot be read: it is longer"), "{refused}");
    let directory =
        AwardFile::open_all(Path::new(env!("CARGO_MANIFEST_DIR")), &mut |_| ()).map(|_| ());
    assert!(directory.expect_err("a refusal").to_string().contains("is not a file"));
}

#[test]
fn skip_to_resumes_at_a_line() {
    let mut text = "contract_award_unique_key,recipient_name,total_obligated_amount\n".to_owned();
    for key in ["A0", "A1", "A2", "A3", "A4"] {
        text.extend([key, ",\"FIRM\nNO. 1\",1\n"]);
    }
    let file = Scratch::new(&text);
    let keys =
        |file: AwardFile| file.map(|row| award_row(row.expect("a row")).key).collect::<Vec<_>>();
    // Each row has two lines, the first one line 2.
    for (line, expected) in [(0, 5), (2, 5), (3, 4), (4, 4), (10, 1), (11, 0), (99, 0)] {
        let mut read = file.files().remove(0);
        assert_eq!((read.rows, read.sha256().expect("a digest").len()), (5, 64));
        read.skip_to(line).expect("the rest");
        assert_eq!(read.bar.position(), 5 - expected as u64);
        assert_eq!(keys(read).len(), expected, "from line {line}");
    }
    let mut read = file.files().remove(0);
    read.skip_to(4).expect("the rest");
    read.skip_to(8).expect("the rest");
    assert_eq!(keys(read), ["A3", "A4"]);
}

#[test]
fn an_archive_is_read() {
    let contracts = "contract_award_unique_key,recipient_name,total_obligated_amount\nA1,FIRM,1\n";
    let grants = "assistance_award_unique_key,recipient_name,total_obligated_amount\nG1,FUND,2\n";
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, method, text) in [
        ("Data_Dictionary.txt", CompressionMethod::Stored, "what is what"),
        ("Contracts_1.csv", CompressionMethod::Deflated, contracts),
        ("Accounts_1.CSV", CompressionMethod::Deflated, "award_unique_key\nA1\n"),
        ("__MACOSX/._Contracts_1.csv", CompressionMethod::Stored, "\0"),
        ("empty.csv", CompressionMethod::Stored, ""),
        ("Assistance_1.csv", CompressionMethod::Stored, grants),
    ] {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, options).expect("an entry");
        archive.write_all(text.as_bytes()).expect("an entry");
    }
    let mut bytes = archive.finish().expect("an archive").into_inner();
    let file = Scratch::new(&bytes);
    let name = file.0.file_name().expect("a name").to_string_lossy().into_owned();
    let files = file.files();
    let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
    assert_eq!(names, [format!("{name}/Contracts_1.csv"), format!("{name}/Assistance_1.csv")]);
    let unpacked = Scratch::new(contracts).files().remove(0).sha256().expect("a digest");
    let packed = files[0].sha256().expect("a digest");
    assert_eq!(packed, unpacked, "the digest is the table's, not the archive's");
    let keys: Vec<_> =
        files.into_iter().flatten().map(|row| award_row(row.expect("a row")).key).collect();
    assert_eq!(keys, ["A1", "G1"]);

    // One digit of a stored entry is another.
    let at = bytes.windows(7).position(|it| it == b"FUND,2\n").expect("the entry");
    bytes[at + 5] = b'3';
    let refused = Scratch::new(&bytes).refused();
    assert!(refused.contains("the archive is damaged (wrong checksum)"), "{refused}");
}
