//! Conversations for study: for an owner, masked, with a line in the log.

use std::time::Duration;

use callslip_core::inbound::Namespace;
use callslip_core::staff::Role;

use super::site::Site;

const TAKE: &str = "/libraries/bayside/study";

#[tokio::test]
async fn g9_an_owner_takes_masked_conversations_as_a_table_or_as_lines() {
    let site = Site::open().await;
    let owner = site
        .signed_in("olga", false, &[("bayside", Role::Owner)])
        .await;
    let admin = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let from = "+12125554401";
    site.text_in(
        Namespace::Real,
        from,
        "BAYSIDE =1+1 my name is Quentin, call 555 765 4401",
    )
    .await;
    site.text_in(Namespace::Real, "+12125554402", "MAPLE a secret of Maple's")
        .await;
    // What a simulated phone says is nobody's conversation.
    site.text("+15557654403", "BAYSIDE played").await;
    admin
        .get("/leaves")
        .await
        .says_not("Conversations for study");
    owner.get("/leaves").await.says("Conversations for study");
    let csv = owner.post(TAKE, &[("as", "csv"), ("term", "month")]).await;
    csv.says("conversation,at,by,text,keyword,flow,reason\r\n");
    csv.says("\"1\",\"2031-05-06T14:00Z\",\"patron\",\"BAYSIDE =1+1 my name is (name), call (phone number)\"");
    csv.says("\"library\"");
    for not in ["Quentin", "4401", "Maple", "played"] {
        csv.says_not(not);
    }
    let lines = owner.post(TAKE, &[("as", "json")]).await;
    lines.says("{\"conversation\":1,");
    site.pass(Duration::from_secs(31 * 24 * 60 * 60));
    let owner = site.session(&owner_id()).await;
    let later = owner.post(TAKE, &[("as", "csv"), ("term", "month")]).await;
    assert_eq!(later.body.lines().count(), 1);
    owner
        .get("/audit")
        .await
        .says("took masked conversations out for study: 30 days");
}

fn owner_id() -> callslip_core::ids::StaffId {
    "id-of-olga".into()
}
