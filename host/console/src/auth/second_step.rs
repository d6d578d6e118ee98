//! Codes of a second step: six digits, a new one each half minute (RFC 6238). Which code was taken
//! last stands in the store, so that none is taken twice.

use callslip_core::at::At;
use callslip_store::staff::TotpSecret;
use qrcode::{Color, QrCode};
use totp_rs::{Builder, Secret, Totp};

use crate::keep::Trouble;

const SECRET_BYTES: usize = 20;

pub(crate) struct SecondStep(Totp);

impl SecondStep {
    pub(crate) fn fresh() -> Result<SecondStep, Trouble> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|_| Trouble::Randomness)?;
        Ok(SecondStep::new(Secret::new_stack(secret)))
    }

    pub(crate) fn of(secret: &TotpSecret) -> SecondStep {
        SecondStep::new(Secret::from(secret.0.clone()))
    }

    /// From the form that showed it.
    pub(crate) fn read(base32: &str) -> Option<SecondStep> {
        let secret = Secret::try_from_base32(base32).ok()?;
        (secret.as_bytes().len() == SECRET_BYTES).then(|| SecondStep::new(secret))
    }

    fn new(secret: Secret) -> SecondStep {
        // Six digits, half a minute, SHA-1, one step of patience: what every app knows.
        SecondStep(Builder::new().with_secret(secret).build_noncompliant())
    }

    pub(crate) fn secret(&self) -> TotpSecret {
        TotpSecret(self.0.secret().as_bytes().to_vec())
    }

    /// To type where no camera is.
    pub(crate) fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The step of time that the code is of; None: it is no code of now.
    pub(crate) fn check(&self, code: &str, now: At) -> Option<i64> {
        let digits: String = code
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.0 / 1_000).ok()?;
        self.0
            .check(&digits, seconds)
            .and_then(|step| i64::try_from(step).ok())
    }

    /// The dark squares of the picture that an app reads, a row each.
    pub(crate) fn picture(&self, name: &str, host: &str) -> Option<Vec<Vec<bool>>> {
        let label: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let issuer: String = form_urlencoded::byte_serialize(host.as_bytes()).collect();
        let (label, issuer) = (label.replace('+', "%20"), issuer.replace('+', "%20"));
        let secret = self.base32();
        let url = format!("otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}");
        let code = QrCode::new(url).ok()?;
        let width = code.width();
        let colors = code.to_colors();
        let dark = colors
            .chunks(width)
            .map(|row| row.iter().map(|color| *color == Color::Dark).collect());
        Some(dark.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, as six digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let step = SecondStep::of(&TotpSecret(b"12345678901234567890".to_vec()));
        assert_eq!(step.check("287 082", At(59_000)), Some(1));
        assert_eq!(
            step.check("081804", At(1_111_111_109_000)),
            Some(37_037_036)
        );
        assert_eq!(
            step.check("081804", At(1_111_111_209_000)),
            None,
            "too late"
        );
        for code in ["28708", "2870822", "abcdef", "", "-28708"] {
            assert_eq!(step.check(code, At(59_000)), None, "{code:?}");
        }
        let again = SecondStep::read(&step.base32()).unwrap();
        assert_eq!(again.secret(), step.secret());
        assert!(SecondStep::read("AAAA").is_none());
    }

    #[test]
    fn the_picture_is_square() {
        let step = SecondStep::fresh().unwrap();
        let picture = step.picture("maria & jo", "desk.example.org").unwrap();
        assert!(picture.len() > 20);
        assert!(picture.iter().all(|row| row.len() == picture.len()));
    }
}
