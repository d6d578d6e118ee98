//! A QR code that opens the phone's text app with the number and the words filled in.

use qrcode::{EcLevel, QrCode};

use crate::Error;

/// `SMSTO:` is what the cameras of both phone families read from a code, and ZXing and ML Kit name
/// among the forms of codes; of `sms:` with a body each family has at times wanted its own mark
/// between number and body. It is also short, and without letters that a code stores at length.
pub(crate) fn text(number: &str, body: &str) -> String {
    format!("SMSTO:{number}:{body}")
}

/// A quarter of it may be covered by a thumb or a tear.
pub(crate) fn squares(text: &str) -> Result<(usize, Vec<bool>), Error> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).map_err(|_| Error::Code)?;
    let dark = code.to_colors().into_iter();
    let dark = dark.map(|colour| colour == qrcode::Color::Dark).collect();
    Ok((code.width(), dark))
}
