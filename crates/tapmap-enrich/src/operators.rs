//! The name under which people know an operator: a company's several organisations folded by the table
//! in `data/operators.tsv`, everything else only freed of its legal form.

use crate::table;

const ALIASES: &str = include_str!("../data/operators.tsv");

/// Legal forms that may stand after a name, in lower case without dots and commas.
const FORMS_AFTER: [&str; 34] = [
    "inc",
    "incorporated",
    "llc",
    "lc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "se",
    "sa",
    "sas",
    "sarl",
    "spa",
    "srl",
    "sro",
    "sl",
    "bv",
    "nv",
    "ab",
    "as",
    "oy",
    "oyj",
    "aps",
    "pte",
    "pty",
    "pvt",
    "ltda",
    "doo",
    "ooo",
];

/// Legal forms that may stand before a name, as they are written.
const FORMS_BEFORE: [&str; 5] = ["LLC ", "JSC ", "PJSC ", "OOO ", "CJSC "];

/// The table of aliases.
#[derive(Debug)]
pub(crate) struct Operators {
    /// Sorted by first letter; of one letter the longest first.
    aliases: Vec<Alias>,
}

#[derive(Debug)]
struct Alias {
    /// The first letter, lower case.
    letter: u8,
    organisation: &'static str,
    is_prefix: bool,
    operator: &'static str,
}

impl Operators {
    /// The table inside the program.
    pub(crate) fn new() -> Self {
        let mut aliases: Vec<Alias> = table::rows::<2>(ALIASES)
            .map(|[operator, organisation]| {
                let prefix = organisation.strip_suffix('*');
                let organisation = prefix.unwrap_or(organisation);
                Alias { letter: letter(organisation), organisation, is_prefix: prefix.is_some(), operator }
            })
            .collect();
        aliases.sort_by_key(|alias| (alias.letter, std::cmp::Reverse(alias.organisation.len())));
        Self { aliases }
    }

    /// The operator that the table names for an organisation.
    pub(crate) fn alias(&self, organisation: &str) -> Option<&'static str> {
        let letter = letter(organisation);
        let first = self.aliases.partition_point(|alias| alias.letter < letter);
        let mut same_letter = self.aliases[first..].iter().take_while(|alias| alias.letter == letter);
        same_letter.find(|alias| alias.fits(organisation)).map(|alias| alias.operator)
    }
}

impl Alias {
    fn fits(&self, organisation: &str) -> bool {
        let length = self.organisation.len();
        (self.is_prefix || organisation.len() == length)
            && organisation.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(self.organisation))
    }
}

fn letter(organisation: &str) -> u8 {
    organisation.bytes().next().unwrap_or_default().to_ascii_lowercase()
}

/// An organisation's name without its legal form: `Contoso Networks, Inc.` → `Contoso Networks`,
/// `LLC "EXAMPLE"` → `EXAMPLE`. What is left has at least three characters; letters stay as they are.
pub(crate) fn without_legal_form(organisation: &str) -> &str {
    let mut name = organisation.trim();
    for form in FORMS_BEFORE {
        if let Some(rest) = name.strip_prefix(form) {
            name = rest.trim();
        }
    }
    if let Some(quoted) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        name = quoted.trim();
    }
    while let Some((rest, last)) = name.rsplit_once([' ', ',']) {
        let word: String =
            last.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        let rest = rest.trim_end_matches([' ', ',', '.', '-', '"']);
        if rest.chars().count() < 3 || !FORMS_AFTER.contains(&word.as_str()) {
            break;
        }
        name = rest;
    }
    if name.chars().count() < 3 { organisation.trim() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_of_one_company_become_one_operator() {
        let operators = Operators::new();
        for (organisation, operator) in [
            ("Cloudflare, Inc.", Some("Cloudflare")),
            ("Cloudflare London, LLC", Some("Cloudflare")),
            ("Google LLC", Some("Google")),
            ("Google Ireland Limited", Some("Google")),
            ("Amazon.com, Inc.", Some("Amazon")),
            ("Amazon Data Services Ireland Ltd", Some("Amazon")),
            ("AMAZONET TELECOM LTDA", None),
            ("Facebook, Inc.", Some("Meta")),
            ("WhatsApp", Some("Meta")),
            ("Microsoft Corporation", Some("Microsoft")),
            ("LEASEWEB SINGAPORE PTE. LTD.", Some("Leaseweb")),
            ("OVH SAS", Some("OVHcloud")),
            ("Yahoo Japan Corporation", Some("Yahoo Japan")),
            ("Yahoo Inc.", Some("Yahoo")),
            ("Apple Incorrect", None),
            ("GitHub, Inc.", None),
        ] {
            assert_eq!(operators.alias(organisation), operator, "{organisation}");
        }
    }

    #[test]
    fn only_the_legal_form_goes() {
        for (organisation, name) in [
            ("GitHub, Inc.", "GitHub"),
            ("netcup GmbH", "netcup"),
            ("CacheFly", "CacheFly"),
            ("Hangzhou Example Co.,Ltd.", "Hangzhou Example"),
            ("LLC \"MASTERHOST\"", "MASTERHOST"),
            ("LLC VK", "LLC VK"),
            ("UK-2 Limited", "UK-2"),
            ("B2 Net Solutions Inc.", "B2 Net Solutions"),
            ("G-Core Labs S.A.", "G-Core Labs"),
            ("Aruba S.p.A.", "Aruba"),
            ("F5, Inc.", "F5, Inc."),
            ("Level 3 Communications, Inc.", "Level 3 Communications"),
            ("PCCW Global (HK) Limited", "PCCW Global (HK)"),
            ("University of Maryland", "University of Maryland"),
            ("Co", "Co"),
            ("", ""),
        ] {
            assert_eq!(without_legal_form(organisation), name, "{organisation}");
        }
    }

    #[test]
    fn every_row_is_read() {
        assert_eq!(table::rows::<2>(ALIASES).count(), table::lines(ALIASES).count());
        assert!(table::rows::<2>(ALIASES).all(|[operator, organisation]| {
            !operator.trim().is_empty() && !organisation.trim_end_matches('*').trim().is_empty()
        }));
    }
}
