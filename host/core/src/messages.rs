//! Stand-in.
pub fn check_reworded(name: &str, _text: &str) -> Result<(), String> {
    if name == "ticket-opened" {
        Ok(())
    } else {
        Err("there is no such sentence".to_owned())
    }
}
