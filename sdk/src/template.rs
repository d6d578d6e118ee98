//! Puts values into a text that an admin wrote.

/// Replaces each `{name}` by its value. A line with a name that has no value is left out, so that
/// no sentence ends in the middle: a library without a phone number has no "Call us at".
///
/// ```
/// let text = callslip::fill("Welcome to {library}.\nCall {phone}.", |name| match name {
///     "library" => Some("Bayside".to_owned()),
///     _ => None,
/// });
/// assert_eq!(text, "Welcome to Bayside.");
/// ```
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if let Some(line) = filled(line, &value) {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&line);
        }
    }
    out.trim().to_owned()
}

fn filled(line: &str, value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, braced)) = rest.split_once('{') {
        let (name, after) = braced.split_once('}')?;
        out.push_str(before);
        out.push_str(&value(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
