//! Whatever arrives: an answer and never a panic, and a signature that covers every byte.

use callslip_core::at::At;
use std::sync::LazyLock;

use callslip_gateways::{Gateway, Rejection, Twilio};
use proptest::prelude::*;

use crate::support::{NOW, PUBLIC_URL, form, request, sign, signed, text, twilio};

static TWILIO: LazyLock<Twilio> = LazyLock::new(twilio);

const PATH: &str = "/gateways/main/inbound?lib=main";

fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    let field = (
        prop_oneof!["[A-C]", ".{1,8}"],
        prop_oneof!["[a-b]?", ".{0,20}"],
    );
    prop::collection::vec(field, 0..30)
}

/// With a text's own fields beside them.
fn texts() -> impl Strategy<Value = Vec<(String, String)>> {
    (fields(), ".{0,80}").prop_map(|(more, body)| {
        let mut all = text(&body);
        all.extend(more);
        all
    })
}

fn is_refused(web: &callslip_gateways::WebRequest) -> bool {
    matches!(TWILIO.inbound(web, NOW), Err(Rejection::BadSignature(_)))
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(
        path in "/[ -~]{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..400),
        signature in prop::option::of("[ -~]{0,40}"),
        json in any::<bool>(),
    ) {
        let mut web = request(&path, body, signature.as_deref());
        if json {
            web.headers.remove("content-type");
        }
        let _ = TWILIO.inbound(&web, NOW);
        let _ = TWILIO.status(&web, At(0));
    }

    #[test]
    fn nearly_a_form_gets_an_answer(body in "([A-Za-z+&=]|%[0-9A-F]{2}|%|MessageSid=|From=|To=){0,60}") {
        let signature = sign(&format!("{PUBLIC_URL}{PATH}"), &[]);
        let web = request(PATH, body, Some(&signature));
        let _ = TWILIO.inbound(&web, NOW);
        let _ = TWILIO.status(&web, At(0));
    }

    #[test]
    fn what_is_signed_is_accepted(fields in texts()) {
        prop_assert!(!is_refused(&signed(PATH, &fields)));
    }

    #[test]
    fn order_and_repeats_are_not_signed(fields in texts(), turn in 0usize..9) {
        let mut shuffled = fields.clone();
        shuffled.rotate_left(turn % fields.len());
        shuffled.push(fields[turn % fields.len()].clone());
        let signature = sign(&format!("{PUBLIC_URL}{PATH}"), &fields);
        prop_assert!(!is_refused(&request(PATH, form(&shuffled), Some(&signature))));
    }

    #[test]
    fn one_character_more_anywhere_is_refused(
        fields in texts(),
        which in any::<prop::sample::Index>(),
        added in "[a-zA-Z0-9 é]",
    ) {
        let url = format!("{PUBLIC_URL}{PATH}");
        let signature = sign(&url, &fields);
        let at = which.index(fields.len());

        let mut altered = fields.clone();
        altered[at].1.push_str(&added);
        // A name and a value run together when signed: "a" + "bc" is "ab" + "c", by Twilio's design.
        prop_assume!(sign(&url, &altered) != signature);
        prop_assert!(is_refused(&request(PATH, form(&altered), Some(&signature))));

        let longer = format!("{PATH}{}", if added == " " || added == "é" { "x" } else { &added });
        prop_assert!(is_refused(&request(&longer, form(&fields), Some(&signature))));
    }

    #[test]
    fn one_bit_of_the_signature_is_enough(fields in texts(), at in 0usize..28, bit in 0u8..7) {
        let mut signature = sign(&format!("{PUBLIC_URL}{PATH}"), &fields).into_bytes();
        signature[at] ^= 1 << bit;
        prop_assume!(signature[at].is_ascii_graphic());
        let signature = String::from_utf8(signature).unwrap();
        prop_assert!(is_refused(&request(PATH, form(&fields), Some(&signature))));
    }
}
