//! Requests to Twilio's REST API: all of them are about the account's messages.

use http::Method;
use serde::de::DeserializeOwned;

use crate::client::Answer;
use crate::rest::{self, Content};
use crate::send_error::{SendError, Trouble};

use super::{Twilio, send};

impl Twilio {
    /// `of`: what of the messages, such as `/SM…/Media`; nothing for all of them.
    pub(super) fn messages(&self, of: &str, query: &str) -> String {
        let account = &self.options.account_sid;
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/2010-04-01/Accounts/{account}/Messages{of}.json{mark}{query}")
    }

    pub(super) async fn hand_over(&self, path: &str, form: String) -> Result<Answer, SendError> {
        let request = self.request(Method::POST, path, Content::Form(form))?;
        rest::hand_over(&self.options.client, request).await
    }

    /// The answer, or what refusing to answer means.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        content: Content,
    ) -> Result<Answer, SendError> {
        let request = self.request(method, path, content)?;
        let answer = rest::ask(&self.options.client, request).await?;
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(rest::only_asked(send::failure(&answer))),
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SendError> {
        let answer = self.ask(Method::GET, path, Content::Nothing).await?;
        serde_json::from_slice(&answer.body).map_err(|_| SendError::Later(Trouble::Unreadable))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        content: Content,
    ) -> Result<http::Request<http_body_util::Full<bytes::Bytes>>, SendError> {
        let options = &self.options;
        let address = format!("{}{path}", options.api_base);
        let login = rest::basic(&options.account_sid, &options.auth_token);
        rest::request(method, &address, &login, content)
    }
}
