//! Style, scripts and icon: compiled in, served under addresses that change with what is in them.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::asked::Asked;

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/console.js");
const HTMX: &str = include_str!("../assets/htmx.min.js");
const SSE: &str = include_str!("../assets/hx-sse.min.js");
const ICON: &str = include_str!("../assets/icon.svg");

pub(crate) struct Assets {
    pub(crate) style: File,
    pub(crate) script: File,
    pub(crate) htmx: File,
    pub(crate) sse: File,
    pub(crate) icon: File,
}

pub(crate) struct File {
    pub(crate) path: String,
    kind: &'static str,
    text: &'static str,
}

impl File {
    fn new(name: &str, kind: &'static str, text: &'static str) -> File {
        let hash = Sha256::digest(text);
        let path = format!(
            "/assets/{:02x}{:02x}{:02x}{:02x}/{name}",
            hash[0], hash[1], hash[2], hash[3]
        );
        File { path, kind, text }
    }
}

impl Assets {
    pub(crate) fn new() -> Assets {
        const SCRIPTS: &str = "text/javascript; charset=utf-8";
        Assets {
            style: File::new("style.css", "text/css; charset=utf-8", STYLE),
            script: File::new("console.js", SCRIPTS, SCRIPT),
            htmx: File::new("htmx.js", SCRIPTS, HTMX),
            sse: File::new("hx-sse.js", SCRIPTS, SSE),
            icon: File::new("icon.svg", "image/svg+xml", ICON),
        }
    }

    pub(crate) fn find(&self, asked: &Asked) -> Option<Answer> {
        if !asked.reads() {
            return None;
        }
        let all = [&self.style, &self.script, &self.htmx, &self.sse, &self.icon];
        let file = all.into_iter().find(|file| file.path == asked.path)?;
        Some(Answer::file(
            file.kind,
            Bytes::from_static(file.text.as_bytes()),
        ))
    }
}
