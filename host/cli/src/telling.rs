//! Puts together by which ways staff and the operator are told, with the secrets that they need.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use callslip_core::config::{Machine, MailTls};
use callslip_core::directory::Directory;
use callslip_core::ids::LibraryId;
use callslip_engine::{Outside, Telling};
use callslip_gateways::{
    HookTarget, MailTls as Tls, Mailer, Notices, Outward, Roots, SystemResolver,
};

use crate::carriers::secret;
use crate::stopped::Stopped;

/// A library's webhook whose secret is not there is left out and told of: it stops nobody else's
/// notices. The machine's own password stops the start, as gateways' do.
pub(crate) fn of(
    machine: &Machine,
    directory: &Directory,
    lines: &mut Vec<String>,
) -> Result<Telling, Stopped> {
    let mut hooks: HashMap<LibraryId, HookTarget> = HashMap::new();
    for (id, library) in &directory.libraries {
        let hook = library.notices.as_ref();
        let Some(hook) = hook.and_then(|notices| notices.webhook.as_ref()) else {
            continue;
        };
        match secret(&hook.secret) {
            Ok(secret) => {
                let url = hook.url.clone();
                hooks.insert(id.clone(), HookTarget { url, secret });
            }
            Err(error) => lines.push(format!("[notices.webhook] of \"{id}\": {error:#}")),
        }
    }
    let wants_mail = |it: &callslip_core::alert::Notices| !it.email.is_empty();
    for (id, library) in &directory.libraries {
        if machine.mail.is_none() && library.notices.as_ref().is_some_and(wants_mail) {
            lines.push(format!(
                "[notices] of \"{id}\" names e-mail addresses, and the machine's file has no \
                 [mail]: nothing goes to them."
            ));
        }
    }
    let mailer = mailer(machine).map_err(|error| Stopped::usage(format!("[mail]: {error:#}")))?;
    Ok(Telling {
        ways: Notices {
            outward: outward(machine)?,
            mailer,
            hooks,
        },
        operator: machine.alarms.clone(),
        console: machine.console.as_ref().map(|pages| {
            let own = || format!("http://{}", pages.listen);
            pages.public_url.clone().unwrap_or_else(own)
        }),
    })
}

/// The one way out for everything that somebody else than the operator may point somewhere (g5).
pub(crate) fn outward(machine: &Machine) -> anyhow::Result<Outward> {
    let roots = Roots::of_this_machine()?;
    Ok(Outward::new(
        Arc::new(SystemResolver),
        machine.reach.clone(),
        roots,
    )?)
}

/// What flows ask: by the same way, with the secrets that their grants name.
pub(crate) fn outside(machine: &Machine) -> anyhow::Result<Outside> {
    Ok(Outside {
        outward: outward(machine)?,
        secrets: Arc::new(secret),
    })
}

fn mailer(machine: &Machine) -> anyhow::Result<Option<Mailer>> {
    let Some(mail) = &machine.mail else {
        return Ok(None);
    };
    let login = mail.login.as_ref().map(|login| {
        let password = secret(&login.password).context("password")?;
        anyhow::Ok((login.username.clone(), password))
    });
    Ok(Some(Mailer {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.tls {
            MailTls::StartTls => Tls::StartTls,
            MailTls::Implicit => Tls::Implicit,
            MailTls::None => Tls::None,
        },
        login: login.transpose()?,
        from: mail.from.clone(),
    }))
}
