//! Looks for what others keep: by their names, by paths, by prefixes, by what separates keys
//! elsewhere. Says what it found.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Event, profile, say, storage};

callslip_hostile::misdeed!(|input| {
    let (Event::Started(others) | Event::Answered(others)) = input.event else {
        return Err("nothing to do".into());
    };
    let mut found = Vec::new();
    for other in others.split_whitespace() {
        for key in [
            other.to_owned(),
            format!("neighbour/{other}"),
            format!("../neighbour/keep/{other}"),
            format!("neighbour:{other}"),
            format!("neighbour\0{other}"),
            format!("%{other}%"),
            format!("' OR key LIKE '%{other}"),
        ] {
            for scope in [storage::Scope::Library, storage::Scope::Patron] {
                if let Ok(Some(value)) = storage::get(scope, &key) {
                    found.push(value);
                }
                for pair in storage::list(scope, &key).unwrap_or_default() {
                    found.push(pair.value);
                }
            }
        }
    }
    for scope in [storage::Scope::Library, storage::Scope::Patron] {
        for prefix in ["", "%", "_", "*"] {
            let pairs = storage::list(scope, prefix).unwrap_or_default();
            found.extend(pairs.into_iter().map(|pair| pair.value));
        }
    }
    for field in ["name", "phone", "number", "../name"] {
        found.extend(profile::get(field).ok().flatten());
    }
    Ok(say(format!("found {}: {}", found.len(), found.join(" "))))
});
