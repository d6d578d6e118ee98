//! Stand-in.
pub(crate) struct Phone;
impl Phone {
    pub(crate) fn new(_: callslip_engine::Engine, _: bool, _: callslip_engine::Clock) -> Self {
        Phone
    }
    pub(crate) async fn respond(
        &self,
        _: http::Request<bytes::Bytes>,
        _: tokio::sync::watch::Receiver<bool>,
    ) -> http::Response<super::Body> {
        super::plain(http::StatusCode::NOT_FOUND, "x")
    }
}
