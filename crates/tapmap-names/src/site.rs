//! The site that a name belongs to, by the public suffix list (<https://publicsuffix.org>), which is inside the
//! program.

/// The part of a name that somebody registered: `example.co.uk` of `www.shop.example.co.uk`. `None` for what
/// nobody registers: a suffix itself, such as `co.uk`, and a name of one label, such as `printer`.
pub fn site(name: &str) -> Option<&str> {
    psl::domain_str(name.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::site;

    #[test]
    fn a_site_is_what_somebody_registered() {
        assert_eq!(site("www.example.org"), Some("example.org"));
        assert_eq!(site("a.b.example.co.uk."), Some("example.co.uk"));
        assert_eq!(site("someone.github.io"), Some("someone.github.io"), "a private suffix");
        assert_eq!(site("co.uk"), None);
        assert_eq!(site("printer"), None);
        assert_eq!(site(""), None);
    }
}
