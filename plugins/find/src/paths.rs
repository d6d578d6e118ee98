//! What stands at a dotted path of a JSON answer: `data.items`, `authors.0.name`.

use callslip::json::Json;

/// The value there; the answer itself for an empty path.
pub(crate) fn at<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    steps.try_fold(json, |json, step| match json {
        Json::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => json.get(step),
    })
}

/// The text or number there; of a list its first. Empty when there is none.
pub(crate) fn text(json: &Json, path: &str) -> String {
    fn plain(json: &Json) -> String {
        match json {
            Json::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Json::Number(number) => number.clone(),
            Json::List(items) => items.first().map(plain).unwrap_or_default(),
            Json::Null | Json::Bool(_) | Json::Table(_) => String::new(),
        }
    }
    at(json, path).map(plain).unwrap_or_default()
}
