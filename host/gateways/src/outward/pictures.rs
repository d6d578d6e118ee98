//! Fetches what a patron sent, from the gateway's own places and no other (d4).

use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, StatusCode, Uri};

use super::fetch::FetchError;
use super::picture::FILE_BYTES_MAX;
use super::{Asked, FetchLimits, Outward};
use crate::secret::Secret;

const LIMITS: FetchLimits = FetchLimits {
    total: Duration::from_secs(30),
    bytes_max: FILE_BYTES_MAX,
    redirects_max: 3,
};

/// Where a gateway keeps the pictures that come with its texts.
#[derive(Clone, Debug)]
pub struct PicturePlace {
    /// Addresses begin with it: `https://api.example/media/`, or `https://*.example/` for any name
    /// under that one.
    pub base: String,
    /// What is given there, and to no other.
    pub login: Option<Secret>,
}

#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("its address is none of the gateway's own")]
    Elsewhere,
    #[error("the gateway does not have it any more")]
    Gone,
    #[error("the gateway answered with status {0}")]
    Status(u16),
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl PictureError {
    pub fn is_lasting(&self) -> bool {
        match self {
            PictureError::Elsewhere | PictureError::Gone => true,
            PictureError::Status(_) => false,
            PictureError::Fetch(error) => error.is_lasting(),
        }
    }
}

impl PicturePlace {
    pub(crate) fn open(base: impl Into<String>) -> PicturePlace {
        PicturePlace {
            base: base.into(),
            login: None,
        }
    }

    fn has(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.authority()) else {
            return false;
        };
        let Some((own_scheme, rest)) = self.base.split_once("://") else {
            return false;
        };
        let (own_host, own_path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.as_str().to_ascii_lowercase();
        let under = own_host
            .strip_prefix('*')
            .is_some_and(|end| host.ends_with(end));
        let path = uri.path();
        // What climbs out of the folder is not in it.
        let climbs = path.contains("..") || path.to_ascii_lowercase().contains("%2e");
        let inside = path
            .strip_prefix('/')
            .is_some_and(|path| path.starts_with(own_path));
        scheme == own_scheme && (host == own_host || under) && inside && !climbs
    }
}

impl Outward {
    /// The file as it is; what it really is tells [`super::plain_picture`].
    pub async fn picture(&self, places: &[PicturePlace], url: &str) -> Result<Bytes, PictureError> {
        let uri: Uri = url.parse().map_err(|_| PictureError::Elsewhere)?;
        let place = places.iter().find(|place| place.has(&uri));
        let place = place.ok_or(PictureError::Elsewhere)?;
        let login = place.login.as_ref().and_then(|login| {
            let mut value = HeaderValue::try_from(login.reveal()).ok()?;
            value.set_sensitive(true);
            Some((AUTHORIZATION, value))
        });
        let asked = Asked {
            method: Method::GET,
            url: url.to_owned(),
            headers: login.into_iter().collect(),
            body: Bytes::new(),
        };
        let theirs = |uri: &Uri| places.iter().any(|place| place.has(uri));
        let fetched = self.fetch(asked, LIMITS, theirs).await?;
        match fetched.status {
            StatusCode::OK => Ok(fetched.body),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(PictureError::Gone),
            other => Err(PictureError::Status(other.as_u16())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_a_place_is_of_it() {
        let api = PicturePlace::open("https://api.example/2010/Accounts/AC1/");
        let cloud = PicturePlace::open("https://*.cloud.example/");
        for (place, url, has) in [
            (
                &api,
                "https://api.example/2010/Accounts/AC1/Media/ME1",
                true,
            ),
            (
                &api,
                "https://API.example/2010/Accounts/AC1/Media/ME1",
                true,
            ),
            (
                &api,
                "https://api.example/2010/Accounts/AC2/Media/ME1",
                false,
            ),
            (
                &api,
                "http://api.example/2010/Accounts/AC1/Media/ME1",
                false,
            ),
            (
                &api,
                "https://api.example:8443/2010/Accounts/AC1/Media/ME1",
                false,
            ),
            (
                &api,
                "https://api.example.evil.example/2010/Accounts/AC1/x",
                false,
            ),
            (
                &api,
                "https://evil.example/2010/Accounts/AC1/Media/ME1",
                false,
            ),
            (
                &api,
                "https://api.example/2010/Accounts/AC1/../AC2/x",
                false,
            ),
            (
                &api,
                "https://api.example/2010/Accounts/AC1/%2e%2E/AC2/x",
                false,
            ),
            (
                &api,
                "https://api.example@evil.example/2010/Accounts/AC1/",
                false,
            ),
            (&cloud, "https://us-1.cloud.example/x", true),
            (&cloud, "https://cloud.example/x", false),
            (&cloud, "https://evilcloud.example/x", false),
        ] {
            let uri: Uri = url.parse().unwrap();
            assert_eq!(place.has(&uri), has, "{url}");
        }
    }
}
