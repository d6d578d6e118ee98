//! What has its answer outside the house: `fetch`, `calendar`, `sip2` and `attempts`. Each looks for
//! its answer among those that the host has got for this turn; without one the run ends, and the
//! host asks (`callslip_core::outside`).

use callslip_core::at::At;
use callslip_core::outside::{self, Answer, Ask, Failure, Occurrence};

use crate::abi::interfaces::{attempts, calendar, fetch, outside as wit, sip2};
use crate::view::{Gone, Stop, View};

/// An answer of another kind than the question: the host's own mistake.
fn mixed_up<T>() -> Result<T, Gone> {
    let what = anyhow::anyhow!("the answer on record is of another kind than what was asked");
    Err(Gone::Stop(Stop::Failed(what)))
}

impl wit::Host for View {
    fn convert_failure(&mut self, gone: Gone) -> wasmtime::Result<wit::Failure> {
        match gone {
            Gone::Failure(failure) => Ok(failure.into()),
            Gone::Stop(stop) => self.stop(stop).map(wit::Failure::Refused),
        }
    }
}

impl fetch::Host for View {
    fn send(&mut self, request: fetch::Request) -> Result<fetch::Response, Gone> {
        let headers = request.headers.into_iter();
        let asked = Ask::Fetch {
            method: match request.method {
                fetch::Method::Get => outside::Method::Get,
                fetch::Method::Post => outside::Method::Post,
                fetch::Method::Put => outside::Method::Put,
                fetch::Method::Patch => outside::Method::Patch,
                fetch::Method::Delete => outside::Method::Delete,
            },
            url: request.url,
            headers: headers.map(|it| (it.name, it.value)).collect(),
            body: request.body,
        };
        match self.outside(asked)? {
            Answer::Response {
                status,
                headers,
                body,
            } => Ok(fetch::Response {
                status,
                headers: headers
                    .into_iter()
                    .map(|(name, value)| fetch::Header { name, value })
                    .collect(),
                body,
            }),
            _ => mixed_up(),
        }
    }
}

impl calendar::Host for View {
    fn occurrences(
        &mut self,
        url: String,
        after: u64,
        before: u64,
    ) -> Result<Vec<calendar::Occurrence>, Gone> {
        let moment = |millis: u64| {
            let far = || Failure::Invalid("a moment beyond all calendars".to_owned());
            i64::try_from(millis).map(At).map_err(|_| far())
        };
        let asked = Ask::Calendar {
            url,
            after: moment(after)?,
            before: moment(before)?,
        };
        match self.outside(asked)? {
            Answer::Events(events) => Ok(events.into_iter().map(occurrence).collect()),
            _ => mixed_up(),
        }
    }
}

fn occurrence(one: Occurrence) -> calendar::Occurrence {
    let millis = |at: At| u64::try_from(at.0).unwrap_or(0);
    calendar::Occurrence {
        id: one.id,
        title: one.title,
        starts: millis(one.starts),
        ends: millis(one.ends),
        all_day: one.all_day,
        place: one.place,
        description: one.description,
        topics: one.topics,
        url: one.url,
        cancelled: one.cancelled,
    }
}

impl sip2::Host for View {
    fn exchange(&mut self, server: String, message: String) -> Result<String, Gone> {
        match self.outside(Ask::Sip2 { server, message })? {
            Answer::Message(answer) => Ok(answer),
            _ => mixed_up(),
        }
    }
}

impl attempts::Host for View {
    fn take(&mut self, subject: String) -> Result<bool, Gone> {
        self.check_name("subject", &subject).map_err(Gone::Stop)?;
        match self.outside(Ask::Try { subject })? {
            Answer::Room(room) => Ok(room),
            _ => mixed_up(),
        }
    }

    fn give_back(&mut self, subject: String) -> Result<(), Gone> {
        self.check_name("subject", &subject).map_err(Gone::Stop)?;
        match self.outside(Ask::TryBack { subject })? {
            Answer::Room(_) => Ok(()),
            _ => mixed_up(),
        }
    }
}
