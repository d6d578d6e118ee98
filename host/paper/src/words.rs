//! What stands on printed things beside the library's own words, in each shipped language.

pub(crate) struct Words {
    language: &'static str,
    pub(crate) try_it: &'static str,
    /// Before and after what is to be texted, which stands between them in large letters.
    pub(crate) text: &'static str,
    pub(crate) to: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) call: &'static str,
    /// The code, for who does not see it.
    pub(crate) code: &'static str,
}

/// A library that speaks another language gets English.
pub const LANGUAGES: [&str; 3] = ["en", "es", "fr"];

static WORDS: [Words; 3] = [
    Words {
        language: "en",
        try_it: "Try it now",
        text: "Text",
        to: "to {number}",
        sentence: "The answer comes to your phone, day or night.",
        scan: "Or point your phone's camera here",
        call: "Or call {voice}",
        code: "QR code that opens your text app with {text} to {number}",
    },
    Words {
        language: "es",
        try_it: "Pruébelo ahora",
        text: "Envíe",
        to: "al {number}",
        sentence: "La respuesta llega a su teléfono, de día o de noche.",
        scan: "O apunte aquí con la cámara del teléfono",
        call: "O llame al {voice}",
        code: "Código QR que abre sus mensajes de texto con {text} al {number}",
    },
    Words {
        language: "fr",
        try_it: "Essayez maintenant",
        text: "Textez",
        to: "au {number}",
        sentence: "La réponse arrive sur votre téléphone, jour et nuit.",
        scan: "Ou visez ce code avec votre téléphone",
        call: "Ou appelez le {voice}",
        code: "Code QR qui ouvre vos textos avec {text} au {number}",
    },
];

pub(crate) fn words(language: &str) -> &'static Words {
    let own = WORDS.iter().find(|words| words.language == language);
    own.unwrap_or(&WORDS[0])
}
