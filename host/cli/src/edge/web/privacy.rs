//! `/privacy/LIBRARY`: what leaves the house, for patrons (b3). Anybody may read it; it sets no
//! cookie and loads nothing but its own style.

use callslip_console::{Console, NOTICE_STYLE};
use http::{HeaderValue, StatusCode, header};

use super::super::reply::Reply;

pub(super) fn privacy(console: &Console, part: &str) -> Reply {
    let (style_path, style) = NOTICE_STYLE;
    if style_path.strip_prefix("/privacy/") == Some(part) {
        return Reply::bytes(StatusCode::OK, "text/css; charset=utf-8", style.as_bytes());
    }
    match console.notice(part) {
        Some(page) => Reply::bytes(StatusCode::OK, "text/html; charset=utf-8", page).with(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ),
        None => Reply::not_found(),
    }
}
