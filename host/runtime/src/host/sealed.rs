//! `sealed`: secrets of the turn's patron. They stand in the keyword's storage, sealed by the host,
//! under keys that no flow can name there.

use callslip_core::flow::{Read, SEALED_PREFIX, Scope, Write};

use crate::abi::interfaces::sealed::Host;
use crate::view::{Stop, Subject, View, unknown};

impl Host for View {
    fn get(&mut self, key: String) -> Result<Option<String>, Stop> {
        self.check_name("key", &key)?;
        let place = place(&key);
        let own = (Scope::Patron, place.clone());
        let sealed = match self.keys.get(&own) {
            Some(written) => written.clone(),
            None => {
                let found = self.read(
                    Subject::Key(Scope::Patron, place.clone()),
                    |data| data.get(Scope::Patron, &place),
                    |found| Read::Key {
                        scope: Scope::Patron,
                        key: place.clone(),
                        version: found.as_ref().map_or(0, |(_, version)| *version),
                    },
                )?;
                found.map(|(value, _)| value)
            }
        };
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        // One that does not open is as good as none: the patron is asked again.
        self.ask(|data| data.unseal(&key, &sealed))
    }

    fn set(&mut self, key: String, value: String) -> Result<(), Stop> {
        self.check_name("key", &key)?;
        self.check_value(&value)?;
        let sealed = self.ask(|data| data.seal(&key, &value))?;
        let value = sealed.ok_or_else(|| unknown("nothing can be sealed here".to_owned()))?;
        self.write(Write::Set {
            scope: Scope::Patron,
            key: place(&key),
            value,
        })
    }

    fn delete(&mut self, key: String) -> Result<(), Stop> {
        self.check_name("key", &key)?;
        self.write(Write::Delete {
            scope: Scope::Patron,
            key: place(&key),
        })
    }
}

fn place(key: &str) -> String {
    [SEALED_PREFIX, key].concat()
}
