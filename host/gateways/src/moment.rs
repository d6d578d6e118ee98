//! When a text was sent, as gateways write it.

use callslip_core::at::At;
use jiff::Timestamp;

/// None: it is not told, or not as RFC 3339 has it; a text is as good without.
pub(crate) fn told(text: Option<&str>) -> Option<At> {
    let moment: Timestamp = text?.parse().ok()?;
    Some(At(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g7_a_moment_is_read_in_any_zone_and_not_guessed() {
        let noon = Some(At(1_777_630_952_000));
        assert_eq!(told(Some("2026-05-01T10:22:32.000+00:00")), noon);
        assert_eq!(told(Some("2026-05-01T12:22:32+02:00")), noon);
        assert_eq!(told(Some("2026-05-01T10:22:32Z")), noon);
        for unread in [None, Some(""), Some("10:22"), Some("2026-05-01 or so")] {
            assert_eq!(told(unread), None, "{unread:?}");
        }
    }
}
