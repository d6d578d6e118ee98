//! Cuts what is longer than a carrier or a phone takes into parts, in order.

use super::segments;

/// Parts that each hold at most `max` characters. Cut at white space where there is some in the
/// second half of a part.
pub fn cut(text: &str, max: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(max) {
        let at = break_before(rest, end);
        parts.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    parts.push(rest.to_owned());
    parts
}

/// Parts of one segment each, numbered as "2/3 ", for carriers and phones that do not join long
/// texts. At most `parts_max`: what does not fit in them stays in one long last part.
pub fn numbered(text: &str, parts_max: usize) -> Vec<String> {
    if segments::count(text).segments <= 1 || parts_max < 2 {
        return vec![text.to_owned()];
    }
    // The numbers take room: the fewest parts in which all of it fits with them.
    for total in 2..=parts_max {
        let parts = in_parts(text, total);
        if parts.len() <= total {
            return parts;
        }
    }
    let mut parts = in_parts(text, parts_max);
    let rest = parts.split_off(parts_max - 1);
    let rest: Vec<&str> = rest
        .iter()
        .map(|part| part.split_once(' ').map_or("", |(_, text)| text))
        .collect();
    parts.push(format!("{parts_max}/{parts_max} {}", rest.join(" ")));
    parts
}

fn in_parts(text: &str, total: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let prefix = format!("{}/{total} ", parts.len() + 1);
        let fits = |end: usize| segments::count(&format!("{prefix}{}", &rest[..end])).segments == 1;
        // A longer beginning is never a shorter message, so the last end that fits is found by
        // halving.
        let ends: Vec<usize> = rest
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8())
            .take(160)
            .collect();
        let fitting = ends.partition_point(|end| fits(*end));
        let end = match fitting {
            0 => ends.first().copied().unwrap_or(rest.len()),
            fitting => ends[fitting - 1],
        };
        let at = if end == rest.len() {
            end
        } else {
            break_before(rest, end)
        };
        parts.push(format!("{prefix}{}", rest[..at].trim_end()));
        rest = rest[at..].trim_start();
    }
    parts
}

fn break_before(text: &str, end: usize) -> usize {
    let head = &text[..end];
    if text[end..].starts_with(char::is_whitespace) {
        return end;
    }
    head.rfind(char::is_whitespace)
        .filter(|at| *at > end / 2)
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        text.split_whitespace().collect()
    }

    fn without_numbers(parts: &[String]) -> String {
        parts
            .iter()
            .map(|part| words(part.split_once(' ').unwrap().1))
            .collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_each_numbered_part_is_one_segment(
            text in "([a-zA-Z0-9€ñ’😀]{1,12} ){30,120}",
        ) {
            let parts = numbered(&text, 32);
            let last = parts.len();
            for (index, part) in parts.iter().enumerate() {
                let number = format!("{}/{last} ", index + 1);
                prop_assert!(part.starts_with(&number), "{part:?} of {last}");
                if last < 32 {
                    prop_assert_eq!(segments::count(part).segments, 1);
                }
            }
            prop_assert_eq!(without_numbers(&parts), words(&text));
        }

        #[test]
        fn a_cut_text_loses_nothing(text in "\\PC{0,400}", max in 1usize..100) {
            let parts = cut(&text, max);
            for part in &parts {
                prop_assert!(part.chars().count() <= max);
            }
            prop_assert_eq!(words(&parts.concat()), words(&text));
        }
    }

    #[test]
    fn a_text_of_one_segment_is_left_alone() {
        assert_eq!(numbered(&"x".repeat(160), 32), ["x".repeat(160)]);
        let two = numbered(&"x".repeat(161), 32);
        assert_eq!(two[0], format!("1/2 {}", "x".repeat(156)));
        assert_eq!(two[1], format!("2/2 {}", "x".repeat(5)));
    }
}
