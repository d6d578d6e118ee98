//! What a feed says in words, as plain text of one length: feeds bring HTML, and flows text it.

/// Without tags and line ends, at most `characters` long.
pub(crate) fn plain(text: &str, characters: usize) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let opens = tag[1..]
            .starts_with(|letter: char| letter.is_ascii_alphabetic() || "/!".contains(letter));
        match tag.find('>').filter(|_| opens) {
            Some(end) => {
                out.push(' ');
                rest = &tag[end + 1..];
            }
            // A sign in a sentence.
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    let out = entities(&out);
    let words: Vec<&str> = out.split_whitespace().collect();
    let line = words.join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    let line = cut(&line, characters);
    (!line.is_empty()).then_some(line)
}

fn cut(line: &str, characters: usize) -> String {
    let Some((end, _)) = line.char_indices().nth(characters) else {
        return line.to_owned();
    };
    // Rather a word less than half a word.
    let head = &line[..end];
    let whole = head.rfind(' ').unwrap_or(end);
    line[..whole].to_owned()
}

/// Those that feeds use; another stays as it is written.
fn entities(text: &str) -> String {
    const NAMED: [(&str, &str); 10] = [
        ("nbsp", " "),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("apos", "'"),
        ("rsquo", "'"),
        ("lsquo", "'"),
        ("ndash", "-"),
        ("mdash", "-"),
        ("amp", "&"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after
            .find(';')
            .filter(|end| *end <= 8)
            .map(|end| &after[..end]);
        let meant = name.and_then(|name| {
            let named = NAMED.iter().find(|(known, _)| *known == name);
            named.map(|(_, is)| (*is).to_owned()).or_else(|| {
                let digits = name.strip_prefix('#')?;
                let number = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(number).map(String::from)
            })
        });
        match (name, meant) {
            (Some(name), Some(meant)) => {
                out.push_str(&meant);
                rest = &after[name.len() + 1..];
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_feeds_bring_is_text() {
        for (html, text) in [
            (
                "<p>Bring a <b>friend</b>!</p>\n<p>Free.</p>",
                Some("Bring a friend ! Free."),
            ),
            (
                "Ages 3 &amp; up &#8211; 5 < 6",
                Some("Ages 3 & up \u{2013} 5 < 6"),
            ),
            (
                "AT&T, R&D; &bogus; &#xzz;",
                Some("AT&T, R&D; &bogus; &#xzz;"),
            ),
            ("<script>alert(1)", Some("alert(1)")),
            ("a <", Some("a <")),
            (" <br/> \r\n", None),
        ] {
            assert_eq!(plain(html, 100).as_deref(), text, "{html}");
        }
        assert_eq!(plain("one two three", 9).as_deref(), Some("one two"));
        assert_eq!(plain("éééééé", 3).as_deref(), Some("ééé"));
    }
}
