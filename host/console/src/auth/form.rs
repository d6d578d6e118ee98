//! Each form carries a value that is made of its visitor's cookie: another site's page cannot
//! read the cookie and so cannot make the value.

use super::token::{Token, same};

pub(crate) fn form_token(visitor: &Token) -> String {
    visitor.says(&[b"form"])
}

pub(crate) fn is_form_token(given: &str, visitor: &Token) -> bool {
    same(given, &form_token(visitor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_its_visitor() {
        let (one, other) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let given = form_token(&one);
        assert!(is_form_token(&given, &one));
        assert!(!is_form_token(&given, &other));
        assert!(!is_form_token("", &one));
        assert!(!is_form_token(&one.told(), &one));
    }
}
