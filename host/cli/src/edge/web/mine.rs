//! `/mine/TOKEN`: what MYDATA's link shows (a15). Fetched, it is a page with a button; only a press of
//! it uses the link up. Nothing of it may be stored by whoever carries it.

use callslip_console::Console;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::super::reply::Reply;

pub(super) async fn mine(
    console: &Console,
    method: &Method,
    headers: &HeaderMap,
    token: &str,
) -> Reply {
    let accepts = headers.get(header::ACCEPT_LANGUAGE);
    let accepts = accepts.and_then(|accepts| accepts.to_str().ok());
    let accepts = accepts.unwrap_or_default();
    let page = match *method {
        Method::POST => console.my_data(token, accepts).await,
        _ => console.my_data_closed(token, accepts).await,
    };
    let Ok((found, page)) = page else {
        return Reply::plain(StatusCode::SERVICE_UNAVAILABLE, "try again in a minute\n");
    };
    let status = match found {
        true => StatusCode::OK,
        false => StatusCode::GONE,
    };
    Reply::bytes(status, "text/html; charset=utf-8", page)
        .with(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'",
            ),
        )
        .with(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store, private"),
        )
}
