//! Why not, for the person who asked. It never says what a patron wrote, and of what another
//! library has it says that there is nothing.

use callslip_core::staff;
use callslip_engine::desk::{DeskError, Refused};
use http::StatusCode;

use crate::keep::Trouble;

#[derive(Debug)]
pub(crate) enum Refusal {
    /// Also for another library's.
    Nothing,
    Forbidden,
    /// To be signed in first.
    SignIn,
    /// To set up a second step first.
    SecondStep,
    Method,
    /// The form is another visitor's, or from before a new sign-in.
    OldForm,
    /// The form lacks what its page puts into it.
    Incomplete,
    /// The request names another host than this one.
    OtherHost,
    Invalid(String),
    Busy,
    Trouble(Trouble),
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Refusal::Nothing => StatusCode::NOT_FOUND,
            Refusal::Forbidden | Refusal::OldForm | Refusal::SecondStep => StatusCode::FORBIDDEN,
            Refusal::SignIn => StatusCode::UNAUTHORIZED,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Refusal::Incomplete | Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Trouble(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Of a page that says what is wrong with its form.
    pub(crate) fn invalid() -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }

    pub(crate) fn title(&self) -> &'static str {
        match self {
            Refusal::Nothing => "There is nothing here",
            Refusal::Forbidden => "Your role does not go so far",
            Refusal::SignIn => "Sign in first",
            Refusal::SecondStep => "Set up a second step first",
            Refusal::Method => "Not this way",
            Refusal::OldForm | Refusal::Incomplete => "This form is too old",
            Refusal::OtherHost => "Not by this name",
            Refusal::Invalid(_) => "Not yet",
            Refusal::Busy => "Too much at once",
            Refusal::Trouble(_) => "Something went wrong here",
        }
    }

    pub(crate) fn told(&self) -> String {
        match self {
            Refusal::Nothing => "It may have been removed, or it is another library's.".to_owned(),
            Refusal::Forbidden => {
                "An owner or admin of the library can give you another role, under Staff."
                    .to_owned()
            }
            Refusal::SignIn => "Your session has ended.".to_owned(),
            Refusal::SecondStep => {
                "This console is reached from elsewhere, and your role may change things: a \
                 password alone is too little."
                    .to_owned()
            }
            Refusal::Method => "This address does not take what was sent to it.".to_owned(),
            Refusal::OldForm | Refusal::Incomplete => {
                "Go back, load the page again and send it once more. Nothing was changed."
                    .to_owned()
            }
            Refusal::OtherHost => {
                "The console answers to the address in its configuration alone, [console] \
                 public-url, and on this machine to localhost and 127.0.0.1."
                    .to_owned()
            }
            Refusal::Invalid(what) => what.clone(),
            Refusal::Busy => "Wait a moment and try again. Nothing was changed.".to_owned(),
            Refusal::Trouble(_) => {
                "Nothing was changed. The service's log says what it was.".to_owned()
            }
        }
    }
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Store(callslip_store::StoreError::Full) => Refusal::Busy,
            Trouble::Store(_) | Trouble::Randomness | Trouble::Panicked => {
                Refusal::Trouble(trouble)
            }
        }
    }
}

impl From<callslip_store::StoreError> for Refusal {
    fn from(error: callslip_store::StoreError) -> Refusal {
        Trouble::from(error).into()
    }
}

impl From<staff::Refused> for Refusal {
    fn from(refused: staff::Refused) -> Refusal {
        match refused {
            staff::Refused::Unknown => Refusal::Nothing,
            staff::Refused::Forbidden => Refusal::Forbidden,
        }
    }
}

impl From<DeskError> for Refusal {
    fn from(error: DeskError) -> Refusal {
        match error {
            DeskError::Store(error) => Trouble::from(error).into(),
            DeskError::Refused(Refused::NotFound) => Refusal::Nothing,
            DeskError::Refused(Refused::NotAllowed(_) | Refused::MayNotReveal) => {
                Refusal::Forbidden
            }
            DeskError::Refused(refused) => Refusal::Invalid(refused.to_string()),
        }
    }
}
