//! Training beside the service: the same pages on a store of their own, and nothing of it elsewhere.

use crate::harness::office::{Client, console, office, patron_texts};

const PATRON: &str = "+15557654321";

#[test]
fn training_is_a_house_of_its_own_in_which_one_person_plays_the_patron() {
    let site = office("training");
    // A service that texts with the world.
    let machine = std::fs::read_to_string(site.folder.join("callslip.toml")).expect("a machine");
    let machine = machine.replacen(
        "kind = \"simulator\"",
        "kind = \"twilio\"\naccount-sid = \"AC00000000000000000000000000000000\"\n\
         auth-token = { env = \"TWILIO_AUTH_TOKEN\" }",
        1,
    );
    assert!(machine.contains("twilio"));
    site.write("callslip.toml", &machine);
    let server = site.start();
    let training = site.start_training();
    let (own, client) = (
        Client::new(&console(&server)),
        Client::new(&console(&training)),
    );
    let banner = "nothing here leaves this machine";
    assert!(client.get("/sign-in").contains(banner));
    assert!(!own.get("/sign-in").contains(banner));
    // Accounts of its own, from its own first link.
    own.first_run(&server);
    client.first_run(&training);
    patron_texts(&training, PATRON, "BAYSIDE do you lend ukuleles?");
    for page in ["/", "/queue", "/keywords", "/plugins"] {
        assert!(client.get(page).contains(banner), "{page}");
    }
    assert!(client.get("/queue").contains("ukuleles"));
    assert!(client.get("/numbers").contains("the simulator"));
    assert!(!client.get("/numbers").contains("Twilio"));
    let queue = own.get("/queue");
    assert!(!queue.contains("ukuleles"), "{queue}");
    assert!(site.folder.join("training-callslip.db").exists());
    // It stays, as the service's own does.
    drop(training);
    let training = site.start_training();
    assert_eq!(training.first, None);
}
