//! An attachment from the host's own disk.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Attachment, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("Look.");
    output.messages[0].media.push(Attachment {
        url: "file:///etc/passwd".into(),
        content_type: "text/plain".into(),
        description: "A list of people.".into(),
    });
    Ok(output)
});
