//! A list's sign-ups from a spreadsheet: what is in the file, row by row, and what is wrong with it.
//! Nothing of a file with one wrong row is taken, so that nobody must find out which half was.
//!
//! Whom it names is asked once and is on no list until they say yes (WALKTHROUGHS g5).

use csv::{ByteRecord, ReaderBuilder, Trim};
use encoding_rs::Encoding;

use crate::dialling::Country;
use crate::phone::PhoneNumber;

/// One commit's worth: a tenth of a second for each thousand.
pub const ROWS_MAX: usize = 5_000;
pub const BYTES_MAX: usize = 1024 * 1024;
/// So many are told; who has mended these sees the others.
const WRONG_MAX: usize = 50;

/// What stands over the column of numbers, and over that of languages, in small letters.
const NUMBER_HEADS: [&str; 9] = [
    "phone",
    "number",
    "mobile",
    "cell",
    "telephone",
    "phone number",
    "teléfono",
    "téléphone",
    "portable",
];
const LANGUAGE_HEADS: [&str; 4] = ["language", "lang", "idioma", "langue"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    pub number: PhoneNumber,
    pub language: Option<String>,
}

/// What is wrong, and where: the row as spreadsheets count, the head being the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct WrongRow {
    pub row: u64,
    pub what: String,
}

/// Each number once, in the file's order; or all that is wrong.
pub fn read(
    file: &[u8],
    country: Country,
    languages: &[String],
) -> Result<Vec<SignUp>, Vec<WrongRow>> {
    let wrong = |row, what: &str| {
        vec![WrongRow {
            row,
            what: what.to_owned(),
        }]
    };
    if file.len() > BYTES_MAX {
        return Err(wrong(0, "the file is larger than 1 MiB; cut it in two"));
    }
    let text = decoded(file)?;
    let head = text.lines().next().unwrap_or_default();
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(head))
        .trim(Trim::All)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = reader.byte_records();
    let Some(Ok(head)) = rows.next() else {
        return Err(wrong(1, "the file is empty"));
    };
    let Some(columns) = Columns::of(&head) else {
        return Err(wrong(
            1,
            "no column is called \"phone\": the first row names the columns",
        ));
    };
    let (mut found, mut problems) = (Vec::<SignUp>::new(), Vec::new());
    for (index, row) in rows.enumerate() {
        let number = index as u64 + 2;
        if index >= ROWS_MAX {
            problems.push(WrongRow {
                row: number,
                what: format!("there are more than {ROWS_MAX} rows; cut the file in two"),
            });
            break;
        }
        let read = match &row {
            Ok(row) if row.iter().all(<[u8]>::is_empty) => continue,
            Ok(row) => columns.read(row, country, languages),
            Err(_) => Err("it cannot be read as CSV".to_owned()),
        };
        match read {
            Ok(one) if found.iter().any(|known| known.number == one.number) => {}
            Ok(one) => found.push(one),
            Err(what) => problems.push(WrongRow { row: number, what }),
        }
        if problems.len() >= WRONG_MAX {
            break;
        }
    }
    if found.is_empty() && problems.is_empty() {
        problems = wrong(2, "there is no number in the file");
    }
    match problems.is_empty() {
        true => Ok(found),
        false => Err(problems),
    }
}

/// UTF-8, or what a mark at its beginning says.
fn decoded(file: &[u8]) -> Result<String, Vec<WrongRow>> {
    let (encoding, mark) = Encoding::for_bom(file).unwrap_or((encoding_rs::UTF_8, 0));
    let body = &file[mark..];
    let text = encoding.decode_without_bom_handling_and_without_replacement(body);
    if let Some(text) = text
        && !text.contains('\0')
    {
        return Ok(text.into_owned());
    }
    let mut wrong = Vec::new();
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        let bad = std::str::from_utf8(line).is_err() || line.contains(&0);
        if bad && wrong.len() < WRONG_MAX {
            wrong.push(WrongRow {
                row: index as u64 + 1,
                what: "it is not UTF-8; save the file as \"CSV UTF-8\"".to_owned(),
            });
        }
    }
    Err(wrong)
}

/// Spreadsheets of some languages write semicolons.
fn delimiter(head: &str) -> u8 {
    let count = |delimiter: &u8| head.bytes().filter(|byte| byte == delimiter).count();
    let most = [b',', b';', b'\t'].into_iter().rev().max_by_key(count);
    most.unwrap_or(b',')
}

struct Columns {
    number: usize,
    language: Option<usize>,
}

impl Columns {
    fn of(head: &ByteRecord) -> Option<Columns> {
        let find = |names: &[&str]| {
            head.iter().position(|name| {
                let name = String::from_utf8_lossy(name).to_lowercase();
                names.contains(&name.trim())
            })
        };
        Some(Columns {
            number: find(&NUMBER_HEADS)?,
            language: find(&LANGUAGE_HEADS),
        })
    }

    fn read(
        &self,
        row: &ByteRecord,
        country: Country,
        languages: &[String],
    ) -> Result<SignUp, String> {
        let cell = |at: usize| String::from_utf8_lossy(row.get(at).unwrap_or_default());
        let written = cell(self.number);
        if written.is_empty() {
            return Err("there is no number".to_owned());
        }
        // A spreadsheet that took a number for a sum: 1.5557E+10.
        if written.contains(['E', 'e']) {
            return Err("its number was cut by a spreadsheet; set the column to text".to_owned());
        }
        let number = number(&written, country).ok_or("its number is none that can be texted")?;
        let language = self.language.map(cell).filter(|cell| !cell.is_empty());
        let language = language.map(|cell| cell.to_lowercase());
        if let Some(language) = &language
            && !languages.contains(language)
        {
            let known = languages.join(", ");
            return Err(format!("its language is not one of the library's: {known}"));
        }
        Ok(SignUp { number, language })
    }
}

fn number(written: &str, country: Country) -> Option<PhoneNumber> {
    let unified = country.unify(written);
    let digits = unified.strip_prefix('+')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    ((8..=15).contains(&digits.len()) && plain).then(|| PhoneNumber::new(&unified))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(file: &[u8]) -> Result<Vec<SignUp>, Vec<WrongRow>> {
        read(file, Country::US, &["en".to_owned(), "es".to_owned()])
    }

    fn told(file: &[u8]) -> Vec<String> {
        let wrong = import(file).unwrap_err();
        wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_are_read_however_they_are_written_each_once() {
        let file = "Name,Phone,Language\r\nMaria,(212) 555-0173,es\r\nJo,+12125550174,\r\n\
                    ,,\r\nMaria again,2125550173,en\r\n";
        let found = import(file.as_bytes()).unwrap();
        let read: Vec<_> = found
            .iter()
            .map(|one| (one.number.dial(), one.language.as_deref()))
            .collect();
        assert_eq!(read, [("+12125550173", Some("es")), ("+12125550174", None)]);
    }

    #[test]
    fn semicolons_tabs_and_marked_encodings_are_read() {
        let rows = "teléfono;idioma\n+12125550173;es\n";
        let marked = [b"\xEF\xBB\xBF", rows.as_bytes()].concat();
        let wide: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(rows.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        for file in [
            rows.as_bytes(),
            &marked,
            &wide,
            b"phone\tx\n2125550173\ty\n",
        ] {
            assert_eq!(import(file).unwrap().len(), 1);
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_row_and_nothing_is_taken() {
        let file = b"phone,language\n2125550173,en\n12,en\n1.2125E+10,\n2125550174,fr\n,es\n";
        assert_eq!(
            told(file),
            [
                "row 3: its number is none that can be texted",
                "row 4: its number was cut by a spreadsheet; set the column to text",
                "row 5: its language is not one of the library's: en, es",
                "row 6: there is no number",
            ]
        );
        assert_eq!(
            told(b"name\nMaria\n"),
            ["row 1: no column is called \"phone\": the first row names the columns"]
        );
        assert_eq!(told(b""), ["row 1: the file is empty"]);
        assert_eq!(
            told(b"phone\n\n"),
            ["row 2: there is no number in the file"]
        );
    }

    #[test]
    fn another_encoding_is_told_by_row() {
        let latin = b"name,phone\nJo,2125550173\nJos\xE9,2125550174\n";
        assert_eq!(
            told(latin),
            ["row 3: it is not UTF-8; save the file as \"CSV UTF-8\""]
        );
        let unmarked: Vec<u8> = "phone\n2125550173\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(!told(&unmarked).is_empty());
    }

    #[test]
    fn a_file_is_bounded() {
        let rows = (0..=ROWS_MAX).map(|n| format!("+1212{n:07}\n"));
        let file: String = std::iter::once("phone\n".to_owned()).chain(rows).collect();
        let wrong = told(file.as_bytes());
        assert!(wrong.last().unwrap().contains("more than"), "{wrong:?}");
        assert!(told(&vec![b'a'; BYTES_MAX + 1])[0].contains("1 MiB"));
    }
}
