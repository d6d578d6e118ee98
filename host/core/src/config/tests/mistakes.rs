//! What the mistakes are and what is said of them: data for the tests beside it.

use super::bad_files::Case;

#[rustfmt::skip]
pub(super) const MACHINE_CASES: &[Case] = &[
    (
        "an unknown field",
        "listen = ",
        "lisen = ",
        &[
            r#"callslip.toml:4: unknown field "lisen" in [server]. Did you mean "listen"?"#,
        ],
    ),
    (
        "an unknown section",
        "[store]",
        "[stores]",
        &[
            r#"callslip.toml:6: unknown field "stores". Did you mean "store"?"#,
        ],
    ),
    (
        "a missing section",
        r#"[store]
sqlite = "../var/callslip.db"
"#,
        "",
        &[
            r#"callslip.toml:1: "store" is missing. Add a section [store] with a line such as sqlite = "../var/callslip.db"."#,
        ],
    ),
    (
        "a section that is a value",
        r#"[server]
listen = "127.0.0.1:8066"
"#,
        r#"server = "127.0.0.1:8066"
"#,
        &[
            r#"callslip.toml:3: "server" is text, but must be a table. Write its fields under a line [server]."#,
        ],
    ),
    (
        "a wrong type",
        r#"listen = "127.0.0.1:8066""#,
        "listen = 8066",
        &[
            r#"callslip.toml:4: "listen" is a whole number, but must be text. Write it in quotes."#,
        ],
    ),
    (
        "an address with a name",
        "127.0.0.1:8066",
        "localhost:8066",
        &[
            r#"callslip.toml:4: "listen" cannot be "localhost:8066". Write an address and a port in digits, such as 127.0.0.1:8066."#,
        ],
    ),
    (
        "a bracket not closed",
        "[server]",
        "[server",
        &[
            "callslip.toml:3: this is not valid TOML: unclosed table, expected `]`. Correct this line, or the one above it; the rest of the file is checked then.",
        ],
    ),
    (
        "a quote not closed",
        r#"folder = "plugins""#,
        r#"folder = "plugins"#,
        &[
            r#"callslip.toml:10: this is not valid TOML: invalid basic string, expected `"`. Correct this line, or the one above it; the rest of the file is checked then."#,
        ],
    ),
    (
        "a bracket not closed, and no front desk",
        r#"front-desk = "bayside""#,
        "[[number]",
        &[
            "callslip.toml:24: this is not valid TOML: unclosed array table, expected `]`. Correct this line, or the one above it; the rest of the file is checked then.",
        ],
    ),
    (
        "plain http",
        "https://texts",
        "http://texts",
        &[
            r#"callslip.toml:1: "public-url" is not https: texts and signatures would be readable on the way. Write the address that gateways call, such as https://texts.example.org."#,
        ],
    ),
    (
        "no scheme",
        "https://texts",
        "texts",
        &[
            r#"callslip.toml:1: "public-url" is not a whole web address. Write the address that gateways call, such as https://texts.example.org."#,
        ],
    ),
    (
        "no public address",
        r#"public-url = "https://texts.example.org""#,
        "",
        &[
            r#"callslip.toml:1: "public-url" is missing. Add a line such as public-url = "https://texts.example.org"."#,
        ],
    ),
    (
        "a secret in the file",
        r#"{ env = "TWILIO_AUTH_TOKEN" }"#,
        r#""0123456789abcdef""#,
        &[
            r#"callslip.toml:16: "auth-token" stands in the file itself, where everybody who reads it has it. Write auth-token = { env = "TWILIO_AUTH_TOKEN" } or { file = "auth-token" }, and change it, since it is no secret any more."#,
        ],
    ),
    (
        "a secret in two places",
        r#"{ env = "TWILIO_AUTH_TOKEN" }"#,
        r#"{ env = "A", file = "b" }"#,
        &[
            r#"callslip.toml:16: "auth-token" must name one place. Write auth-token = { env = "TWILIO_AUTH_TOKEN" } or { file = "auth-token" }."#,
        ],
    ),
    (
        "no secret",
        r#"auth-token = { env = "TWILIO_AUTH_TOKEN" }"#,
        "",
        &[
            r#"callslip.toml:12: "auth-token" is missing in [[gateway]]. Add a line such as auth-token = { env = "TWILIO_AUTH_TOKEN" }."#,
        ],
    ),
    (
        "a number for a secret",
        r#"{ env = "TWILIO_AUTH_TOKEN" }"#,
        "5",
        &[
            r#"callslip.toml:16: "auth-token" is a whole number, but must be a place to find the secret. Write auth-token = { env = "TWILIO_AUTH_TOKEN" } or { file = "auth-token" }."#,
        ],
    ),
    (
        "an account that is none",
        "AC00000000000000000000000000000000",
        "AC123",
        &[
            r#"callslip.toml:15: "account-sid" does not look like one of Twilio's. Copy it from Twilio's console: AC and 32 digits or letters from a to f."#,
        ],
    ),
    (
        "an unknown kind of gateway",
        r#""twilio""#,
        r#""twillio""#,
        &[
            r#"callslip.toml:14: "kind" cannot be "twillio". Did you mean "twilio"?"#,
        ],
    ),
    (
        "no kind of gateway",
        r#"kind = "twilio"
"#,
        "",
        &[
            r#"callslip.toml:12: "kind" is missing in [[gateway]]. Add a line such as kind = "simulator"."#,
        ],
    ),
    (
        "a simulator with an account",
        r#""twilio""#,
        r#""simulator""#,
        &[
            r#"callslip.toml:15: unknown field "account-sid" in [[gateway]]. Known here: name, kind, signature."#,
            r#"callslip.toml:16: unknown field "auth-token" in [[gateway]]. Known here: name, kind, signature."#,
        ],
    ),
    (
        "an unknown signature check",
        "account-sid",
        r#"signature = "observed"
account-sid"#,
        &[
            r#"callslip.toml:15: "signature" cannot be "observed". Did you mean "observe"?"#,
        ],
    ),
    (
        "two gateways of one name",
        "[[number]]",
        r#"[[gateway]]
name = "main"
kind = "simulator"

[[number]]"#,
        &[
            r#"callslip.toml:19: there is a gateway "main" already. Give each gateway a name of its own."#,
        ],
    ),
    (
        "a gateway that is not there",
        r#"gateway = "main""#,
        r#"gateway = "mian""#,
        &[
            r#"callslip.toml:20: there is no gateway "mian". Did you mean "main"?"#,
        ],
    ),
    (
        "a number without quotes",
        r#""66746""#,
        "66746",
        &[
            r#"callslip.toml:19: "number" is a number, but must be text. Write it in quotes: "66746"."#,
        ],
    ),
    (
        "a number in national form",
        r#""+15555550100""#,
        r#""(555) 555-0100""#,
        &[
            r#"callslip.toml:27: "(555) 555-0100" is not a number that texts could come to. Write it with its country code and nothing between: "+15555550100"."#,
        ],
    ),
    (
        "a number that is none",
        r#""+15555550100""#,
        r#""call us""#,
        &[
            r#"callslip.toml:27: "call us" is not a number that texts could come to. Write it with + and country code, such as "+12125550123", or a short code such as "66746"."#,
        ],
    ),
    (
        "a number twice",
        r#""+15555550100""#,
        r#""66746""#,
        &[
            "callslip.toml:27: 66746 is there already, in line 19. Make one [[number]] of the two.",
        ],
    ),
    (
        "a shared number without front desk",
        r#"front-desk = "bayside""#,
        "",
        &[
            r#"callslip.toml:19: 66746 is shared by bayside, maple, and nobody owns texts that name no library. Add front-desk = "bayside", or another of them."#,
        ],
    ),
    (
        "a front desk that is not there",
        r#"front-desk = "bayside""#,
        r#"front-desk = "bayide""#,
        &[
            r#"callslip.toml:19: the front desk of 66746, "bayide", does not answer there. Did you mean "bayside"?"#,
        ],
    ),
    (
        "a front desk misspelt",
        "front-desk",
        "frontdesk",
        &[
            r#"callslip.toml:24: unknown field "frontdesk" in [[number]]. Did you mean "front-desk"?"#,
        ],
    ),
    (
        "an unknown jurisdiction",
        r#""us""#,
        r#""usa""#,
        &[
            r#"callslip.toml:22: "jurisdiction" cannot be "usa". Did you mean "us"?"#,
        ],
    ),
    (
        "limits out of bounds",
        r#"folder = "plugins""#,
        r#"folder = "plugins"
[plugins.limits]
memory-mib = 4096
cpu-ms = "fast""#,
        &[
            r#"callslip.toml:12: "memory-mib" is 4096. Write a number from 1 to 256."#,
            r#"callslip.toml:13: "cpu-ms" is text, but must be a whole number. Write it without quotes."#,
        ],
    ),
    (
        "a phone page for everybody",
        "[store]",
        r#"[phone]
listen = "0.0.0.0:8067"

[store]"#,
        &[
            "callslip.toml:7: anybody who reaches 0.0.0.0:8067 could use the phone page. Write 127.0.0.1:8067, or add allow-remote = true if that is meant.",
        ],
    ),
    (
        "a console whose passwords go in the clear",
        "[store]",
        r#"[console]
listen = "0.0.0.0:8068"

[store]"#,
        &[
            "callslip.toml:7: passwords would go to 0.0.0.0:8068 in the clear. Write 127.0.0.1:8068, put a proxy with TLS before it, and say its address: public-url = \"https://desk.example.org\".",
        ],
    ),
    (
        "a console behind a proxy without TLS",
        "[store]",
        r#"[console]
public-url = "http://desk.example.org"

[store]"#,
        &[
            "callslip.toml:7: \"public-url\" of the console is not https: texts and signatures would be readable on the way. Write the address that staff open, such as https://desk.example.org.",
        ],
    ),
    (
        "a key in two places",
        "[store]",
        r#"[keys]
file = "a"
env = "B"
[store]"#,
        &[
            r#"callslip.toml:8: the key cannot be both in a file and in the environment. Keep either "file" or "env"."#,
        ],
    ),
    (
        "an unknown choice",
        "[store]",
        r#"[delivery]
unclear = "maybe"
[store]"#,
        &[
            r#"callslip.toml:7: "unclear" cannot be "maybe". Known here: send, ticket."#,
        ],
    ),
    (
        "libraries in several folders",
        "[server]",
        r#"libraries = "*/x.toml"
[server]"#,
        &[
            r#"callslip.toml:3: "libraries" cannot be "*/x.toml". Write one folder and a file name in which * stands for anything, such as libraries/*.toml."#,
        ],
    ),
    (
        "a number that no library has",
        r#"number = "+15555550100""#,
        r#"number = "+15555550101"
gateway = "main"
brand = "X"
jurisdiction = "us"
help-contact = "x"
[[number]]
number = "+15555550100""#,
        &[
            "callslip.toml:27: no library answers at +15555550101. Add it to a library's numbers, or take this [[number]] away.",
        ],
    ),
];

#[rustfmt::skip]
pub(super) const LIBRARY_CASES: &[Case] = &[
    (
        "an unknown field",
        "join =",
        "joined =",
        &[
            r#"libraries/bayside.toml:5: unknown field "joined". Did you mean "join"?"#,
        ],
    ),
    (
        "a wrong type",
        r#"languages = ["en", "es"]"#,
        r#"languages = "en""#,
        &[
            r#"libraries/bayside.toml:3: "languages" is text, but must be a list. Write it in [ ], even a single one."#,
        ],
    ),
    (
        "a list not closed",
        r#"languages = ["en", "es"]"#,
        r#"languages = ["en", "es""#,
        &[
            "libraries/bayside.toml:4: this is not valid TOML: missing comma between array elements, expected `,`. Correct this line, or the one above it; the rest of the file is checked then.",
        ],
    ),
    (
        "two values for one name",
        "join =",
        r#"name = "Bayside"
join ="#,
        &[
            "libraries/bayside.toml:5: this is not valid TOML: duplicate key. Correct this line, or the one above it; the rest of the file is checked then.",
        ],
    ),
    (
        "no name",
        r#"name = "Bayside Public Library"
"#,
        "",
        &[
            r#"libraries/bayside.toml:1: "name" is missing. Add a line such as name = "Bayside Public Library"."#,
        ],
    ),
    (
        "a language that is none",
        r#""es"]"#,
        r#""Spanish"]"#,
        &[
            r#"libraries/bayside.toml:3: "Spanish" is not a language tag. Write two small letters, such as "en" or "es"."#,
        ],
    ),
    (
        "a name in two lines",
        "Bayside Public Library",
        r#"Bayside\nPublic Library"#,
        &[
            r#"libraries/bayside.toml:1: "name" has a line break or a control character in it. Write it in one line."#,
        ],
    ),
    (
        "a time zone misspelt",
        "America/New_York",
        "America/NewYork",
        &[
            r#"libraries/bayside.toml:2: there is no time zone "America/NewYork". Did you mean "America/New_York"?"#,
        ],
    ),
    (
        "a time zone that is none",
        "America/New_York",
        "Eastern",
        &[
            r#"libraries/bayside.toml:2: there is no time zone "Eastern". Write a name of the IANA list, such as "America/New_York"."#,
        ],
    ),
    (
        "an unknown day",
        "mon-thu",
        "mon-thr",
        &[
            r#"libraries/bayside.toml:8: unknown day "mon-thr" in [hours]. Write a day or days in a row, such as sat or mon-thu: mon, tue, wed, thu, fri, sat, sun."#,
        ],
    ),
    (
        "hours that no clock shows",
        "sat = []",
        r#"sat = ["10-18", "9:00-25:00", "10:00-10:00"]"#,
        &[
            r#"libraries/bayside.toml:9: "10-18" is not a span of time. Write from and to by the 24-hour clock, such as "10:00-20:00"; [] is closed."#,
            r#"libraries/bayside.toml:9: "9:00-25:00" has a time that no clock shows. Write from and to by the 24-hour clock, such as "10:00-20:00"; [] is closed."#,
            r#"libraries/bayside.toml:9: "10:00-10:00" begins when it ends. Write from and to by the 24-hour clock, such as "10:00-20:00"; [] is closed."#,
        ],
    ),
    (
        "hours that overlap",
        "sat = []",
        r#"sat = ["10:00-14:00", "13:00-15:00"]"#,
        &[
            "libraries/bayside.toml:9: on sat the hours 10:00-14:00 and 13:00-15:00 overlap. Write them as one.",
        ],
    ),
    (
        "a night that runs into a morning",
        "sat = []",
        r#"sat = ["20:00-03:00"]
sun = ["02:00-05:00"]"#,
        &[
            "libraries/bayside.toml:10: on sun the hours 00:00-03:00 and 02:00-05:00 overlap. Write them as one.",
        ],
    ),
    (
        "a day twice",
        "sat = []",
        "wed = []",
        &[
            "libraries/bayside.toml:9: wed has hours already, in line 8. Write each day once.",
        ],
    ),
    (
        "special days that are none",
        "sat = []",
        r#"[[hours.special]]
date = "2026-13-25"
spans = []
[[hours.special]]
note = "x""#,
        &[
            r#"libraries/bayside.toml:10: "2026-13-25" is not a date. Write year, month and day, such as "2026-12-25"."#,
            r#"libraries/bayside.toml:12: "date" is missing in [[hours.special]]. Add a line such as date = "2026-12-25"."#,
            r#"libraries/bayside.toml:12: "spans" is missing in [[hours.special]]. Add a line such as spans = ["10:00-14:00"], or [] for a closed day."#,
        ],
    ),
    (
        "a special day twice",
        "sat = []",
        r#"[[hours.special]]
date = "2026-12-25"
spans = []
[[hours.special]]
date = 2026-12-25
spans = []"#,
        &[
            "libraries/bayside.toml:13: 2026-12-25 is there twice. Write each date once.",
        ],
    ),
    (
        "a number that the machine does not have",
        r#""+15555550100""#,
        r#""+15555550101""#,
        &[
            r#"libraries/bayside.toml:4: the machine has no number +15555550101. Did you mean "+15555550100"?"#,
        ],
    ),
    (
        "a number in national form",
        r#""+15555550100""#,
        r#""555 555 0100""#,
        &[
            r#"libraries/bayside.toml:4: "555 555 0100" is not a number that texts could come to. Write it with its country code and nothing between: "+15555550100"."#,
        ],
    ),
    (
        "the join word of another library",
        r#"join = "BAYSIDE""#,
        r#"join = "Maple""#,
        &[
            "libraries/maple.toml:5: bayside has the same join word, in libraries/bayside.toml. Choose another one for this library.",
        ],
    ),
    (
        "no join word on a shared number",
        r#"join = "BAYSIDE""#,
        "",
        &[
            r#"libraries/bayside.toml:4: 66746 is shared, and no word says that this library is meant. Add a line such as join = "BAYSIDE"."#,
        ],
    ),
    (
        "a join of two words",
        r#""BAYSIDE""#,
        r#""BAY SIDE""#,
        &[
            r#"libraries/bayside.toml:5: "join" cannot be "BAY SIDE". Write one word, such as "BAYSIDE"."#,
        ],
    ),
    (
        "a join that is a consent word",
        r#""BAYSIDE""#,
        r#""STOP""#,
        &[
            "libraries/bayside.toml:5: STOP is a consent word: it starts or stops texts, or asks for help. Choose another word.",
        ],
    ),
    (
        "a join that is a host word",
        r#""BAYSIDE""#,
        r#""menu""#,
        &[
            "libraries/bayside.toml:5: menu is one of Callslip's own words and never reaches a keyword. Choose another word.",
        ],
    ),
    (
        "the id of another library",
        r#"name = "Bayside"#,
        r#"id = "maple"
name = "Bayside"#,
        &[
            r#"libraries/bayside.toml:1: libraries/maple.toml is the library "maple" already. Give each library an id of its own, which then stays for ever."#,
        ],
    ),
    (
        "an id that is none",
        r#"name = "Bayside"#,
        r#"id = "Bay Side"
name = "Bayside"#,
        &[
            r#"libraries/bayside.toml:1: "id" cannot be "Bay Side". Use small letters a to z, digits and hyphens, 64 at most."#,
        ],
    ),
    (
        "sentences that are none",
        "[hours]",
        r#"[messages.en]
ticket-opend = "x"
which-library = "Which one?"
ticket-opened = "Hello {librarian}"
[messages.fr]
[hours]"#,
        &[
            r#"libraries/bayside.toml:8: no sentence of Callslip's is called "ticket-opend". Did you mean "ticket-opened"?"#,
            r#"libraries/bayside.toml:9: the sentence "which-library" cannot be worded so: "which-library" must say {choices}. Correct it, or take it away to keep Callslip's own words."#,
            r#"libraries/bayside.toml:10: the sentence "ticket-opened" cannot be worded so: "ticket-opened" knows no {librarian}, only {library}. Correct it, or take it away to keep Callslip's own words."#,
            r#"libraries/bayside.toml:11: this library does not speak "fr". Add it to languages, which are en, es, or take it away."#,
        ],
    ),
    (
        "a language that is not shipped",
        r#"["en", "es"]"#,
        r#"["en", "es", "vi"]"#,
        &[
            r#"libraries/bayside.toml:3: Callslip does not have these sentences in "vi": error, answer-late, keyword-late, ticket-opened, ticket-opened-closed and 64 more. Write them under [messages.vi], or take the language away."#,
        ],
    ),
    (
        "a list that STOP cannot name",
        "[hours]",
        r#"[[list]]
id = "all"
name = "All news"
[hours]"#,
        &[
            r#"libraries/bayside.toml:8: "STOP all" stops all texts, not this list. Give the list another id and name."#,
        ],
    ),
    (
        "sentences without language",
        "[hours]",
        r#"[messages]
ticket-opened = "x"
[hours]"#,
        &[
            r#"libraries/bayside.toml:8: "ticket-opened" in [messages] belongs to no language. Write it under [messages.en]."#,
        ],
    ),
    (
        "contacts that reach nobody",
        "[hours]",
        r#"phone = "555"
website = "our site"
email = "me"
[hours]"#,
        &[
            r#"libraries/bayside.toml:7: "555" is not a number that one could call. Write it with + and country code, such as "+12125550123"."#,
            r#"libraries/bayside.toml:8: "our site" is not a web address. Write it as in "baysidelibrary.example.org"."#,
            r#"libraries/bayside.toml:9: "me" is not an e-mail address. Write it as in "ask@baysidelibrary.example.org"."#,
        ],
    ),
    (
        "topics without a word",
        "[hours]",
        r#"[[topic]]
id = "history"
name = "History"
words = ["family tree", "?!"]
[[topic]]
id = "history"
name = "Again"
[[topic]]
name = "Nameless"
[hours]"#,
        &[
            r#"libraries/bayside.toml:10: "?!" has no word in it. Write a word or a few in a row, such as "family tree"."#,
            r#"libraries/bayside.toml:12: there is a topic "history" already. Give each topic an id of its own."#,
            r#"libraries/bayside.toml:14: "id" is missing in [[topic]]. Add a line such as id = "local-history"."#,
        ],
    ),
    (
        "lists without a name",
        "[hours]",
        r#"[[list]]
name = "x"
[[list]]
id = "A b"
name = "x"
[hours]"#,
        &[
            r#"libraries/bayside.toml:7: "id" is missing in [[list]]. Add a line such as id = "teens"."#,
            r#"libraries/bayside.toml:10: "id" cannot be "A b". Use small letters a to z, digits and hyphens, 64 at most."#,
        ],
    ),
    (
        "an invitation from a school's library",
        "[hours]\n",
        r#"[quiet]
preset = "school"

[reinvite]
months = 6
text = { en = "a", es = "b" }

[hours]
"#,
        &[
            r#"libraries/bayside.toml:10: a library with the preset "school" invites nobody back. Take [reinvite] away."#,
        ],
    ),
    (
        "an invitation in one of two languages",
        "[hours]\n",
        r#"[reinvite]
months = 6
text = "a"

[hours]
"#,
        &[
            r#"libraries/bayside.toml:9: the invitation has no words in "es". Write text = { es = "..." } with each language of the library."#,
        ],
    ),
];

#[rustfmt::skip]
pub(super) const KEYWORD_CASES: &[Case] = &[
    (
        "an unknown field",
        r#"flow = "auto-reply""#,
        r#"flwo = "auto-reply""#,
        &[
            r#"libraries/bayside.toml:18: unknown field "flwo" in [[keyword]]. Did you mean "flow"?"#,
        ],
    ),
    (
        "a wrong type",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
aliases = "NET""#,
        &[
            r#"libraries/bayside.toml:18: "aliases" is text, but must be a list. Write it in [ ], even a single one."#,
        ],
    ),
    (
        "switched on by a word",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
enabled = "yes""#,
        &[
            r#"libraries/bayside.toml:18: "enabled" is text, but must be true or false. Write it without quotes."#,
        ],
    ),
    (
        "another keyword's alias in other letters",
        r#""WIFI""#,
        r#""Open""#,
        &[
            "libraries/bayside.toml:17: Open collides with OPEN of the keyword HOURS in line 13. Choose another word for one of them; case and accents do not matter.",
        ],
    ),
    (
        "another keyword",
        r#""WIFI""#,
        r#""hours""#,
        &[
            "libraries/bayside.toml:17: hours collides with the keyword HOURS in line 12. Choose another word for one of them; case and accents do not matter.",
        ],
    ),
    (
        "another keyword with accents",
        r#""WIFI""#,
        r#""hóras""#,
        &[
            "libraries/bayside.toml:17: hóras collides with HORAS of the keyword HOURS in line 13. Choose another word for one of them; case and accents do not matter.",
        ],
    ),
    (
        "one of another keyword's any words",
        r#"word = "HOURS"
aliases = ["OPEN", { word = "HORAS", language = "es" }]
flow = "hours"

[[keyword]]
word = "WIFI""#,
        r#"word = "ROOM HIRE"
match = "any-word"
flow = "hours"

[[keyword]]
word = "ROOM"
match = "any-word""#,
        &[
            "libraries/bayside.toml:17: ROOM collides with the keyword ROOM HIRE in line 12. Choose another word for one of them; case and accents do not matter.",
        ],
    ),
    (
        "another keyword's beginning",
        r#"word = "HOURS"
aliases = ["OPEN", { word = "HORAS", language = "es" }]
flow = "hours"

[[keyword]]
word = "WIFI""#,
        r#"word = "HOUR"
match = "beginning"
flow = "hours"

[[keyword]]
word = "HOURS"
match = "beginning""#,
        &[
            "libraries/bayside.toml:17: HOURS collides with the keyword HOUR in line 12. Choose another word for one of them; case and accents do not matter.",
        ],
    ),
    (
        "an alias twice",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
aliases = ["NET", "net"]"#,
        &[
            "libraries/bayside.toml:18: net is the same to a patron as NET. Keep one of them: case and accents do not matter.",
        ],
    ),
    (
        "a consent word",
        r#""WIFI""#,
        r#""Stop""#,
        &[
            "libraries/bayside.toml:17: Stop is a consent word: it starts or stops texts, or asks for help. Choose another word.",
        ],
    ),
    (
        "how people ask that texts stop",
        r#"word = "WIFI""#,
        r#"word = "Leave me alone""#,
        &[
            r#"libraries/bayside.toml:17: "Leave me alone" is how people ask that texts stop, and then they do. Choose another word."#,
        ],
    ),
    (
        "what people in danger write",
        r#"word = "WIFI""#,
        r#"word = "Suicide""#,
        &[
            r#"libraries/bayside.toml:17: "Suicide" is what people in danger write: they get a help line. Choose another word."#,
        ],
    ),
    (
        "a stop of the library itself",
        r#"word = "WIFI""#,
        r#"word = "StopBayside""#,
        &[
            "libraries/bayside.toml:17: StopBayside stops or starts this library's own texts. Choose another word: it is read before any keyword.",
        ],
    ),
    (
        "a consent word as an alias",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
aliases = ["info"]"#,
        &[
            "libraries/bayside.toml:18: info is a consent word: it starts or stops texts, or asks for help. Choose another word.",
        ],
    ),
    (
        "a host word",
        r#""WIFI""#,
        r#""MENU""#,
        &[
            "libraries/bayside.toml:17: MENU is one of Callslip's own words and never reaches a keyword. Choose another word.",
        ],
    ),
    (
        "nothing to text",
        r#""WIFI""#,
        r#""...""#,
        &[
            r#"libraries/bayside.toml:17: "..." has nothing in it that a patron could text. Write a word, a number or an emoji."#,
        ],
    ),
    (
        "no word",
        r#"word = "WIFI"
"#,
        "",
        &[
            r#"libraries/bayside.toml:16: "word" is missing in [[keyword]]. Add a line such as word = "HOURS"."#,
        ],
    ),
    (
        "a plugin misspelt",
        r#"flow = "auto-reply""#,
        r#"flow = "autoreply""#,
        &[
            r#"libraries/bayside.toml:18: the plugin "autoreply" is not installed. Did you mean "auto-reply"?"#,
        ],
    ),
    (
        "a plugin that is not there",
        r#"flow = "auto-reply""#,
        r#"flow = "weather""#,
        &[
            r#"libraries/bayside.toml:18: the plugin "weather" is not installed. Put its .wasm file into plugins, where there is: auto-reply, hours, signup."#,
        ],
    ),
    (
        "no grants",
        r#"grants = ["lists", { profile = ["name"] }]"#,
        "",
        &[
            r#"libraries/bayside.toml:24: the flow "signup" needs the grant "lists": it may add patrons to the library's lists and take them off. To allow it, write grants = ["lists", "profile"]."#,
            r#"libraries/bayside.toml:24: the flow "signup" needs the grant "profile": it may read and change what patrons told about themselves. To allow it, write grants = ["lists", "profile"]."#,
        ],
    ),
    (
        "a missing grant",
        r#""lists", {"#,
        "{",
        &[
            r#"libraries/bayside.toml:25: the flow "signup" needs the grant "lists": it may add patrons to the library's lists and take them off. To allow it, write grants = ["lists", { profile = ["name"] }]."#,
        ],
    ),
    (
        "an unknown grant",
        r#""lists", {"#,
        r#""lists", "list", {"#,
        &[
            r#"libraries/bayside.toml:25: there is no grant "list". Did you mean "lists"?"#,
        ],
    ),
    (
        "a grant narrowed that cannot be",
        r#""lists", {"#,
        r#""lists", { lists = ["a"] }, {"#,
        &[
            r#"libraries/bayside.toml:25: the grant "lists" cannot be narrowed. Write just "lists" in the list."#,
        ],
    ),
    (
        "a needed setting missing",
        r#"text = "BaysideGuest""#,
        "",
        &[
            r#"libraries/bayside.toml:19: the flow "auto-reply" needs the setting "text". Add text = ... under [keyword.settings]."#,
        ],
    ),
    (
        "no settings",
        r#"[keyword.settings]
text = "BaysideGuest""#,
        "",
        &[
            r#"libraries/bayside.toml:16: the flow "auto-reply" needs the setting "text". Add text = ... under [keyword.settings]."#,
        ],
    ),
    (
        "an unknown setting",
        r#"text = "BaysideGuest""#,
        r#"text = "a"
txt = "b""#,
        &[
            r#"libraries/bayside.toml:21: the flow "auto-reply" knows no setting "txt". Did you mean "text"?"#,
        ],
    ),
    (
        "settings of another type",
        r#"text = "BaysideGuest""#,
        r#"text = 3
times = "x""#,
        &[
            r#"libraries/bayside.toml:20: the setting "text" of "auto-reply" must be text, or a table. Write it in one of these forms."#,
            r#"libraries/bayside.toml:21: the setting "times" of "auto-reply" must be a whole number. Write it without quotes and without a point."#,
        ],
    ),
    (
        "settings out of bounds",
        r#"text = "BaysideGuest""#,
        r#"text = "a"
times = 20
mood = "sad""#,
        &[
            r#"libraries/bayside.toml:21: the setting "times" of "auto-reply" does not fit: 20 is greater than the maximum of 9. Write it as the flow describes it."#,
            r#"libraries/bayside.toml:22: the setting "mood" of "auto-reply" cannot be "sad". Write one of these: plain, merry."#,
        ],
    ),
    (
        "settings that JSON cannot say",
        r#"text = "BaysideGuest""#,
        r#"text = "a"
times = 99999999999999999999"#,
        &[
            r#"libraries/bayside.toml:21: the setting "times" of "auto-reply" must be a whole number. Write it without quotes and without a point."#,
        ],
    ),
    (
        "an unknown variable",
        r#"text = "BaysideGuest""#,
        r#"text = { en = "At {libary}", es = 3 }"#,
        &[
            r#"libraries/bayside.toml:20: the setting "text.en" of "auto-reply" has a wrong word between braces. There may stand: {library}, {number}."#,
            r#"libraries/bayside.toml:20: the setting "text.es" of "auto-reply" must be text. Write it in quotes."#,
        ],
    ),
    (
        "a setting deep inside",
        r#"text = "BaysideGuest""#,
        r#"text = "a"
[[keyword.settings.rows]]
name = "a"
[[keyword.settings.rows]]
name = 3
nam = """#,
        &[
            r#"libraries/bayside.toml:24: the setting "rows.1.name" of "auto-reply" must be text. Write it in quotes."#,
            r#"libraries/bayside.toml:25: the flow "auto-reply" knows no setting "rows.1.nam". Did you mean "name"?"#,
        ],
    ),
    (
        "an unknown way to match",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
match = "first_word""#,
        &[
            r#"libraries/bayside.toml:18: "match" cannot be "first_word". Did you mean "first-word"?"#,
        ],
    ),
    (
        "an alias in a language not spoken",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
aliases = [{ word = "RESEAU", language = "fr" }]"#,
        &[
            r#"libraries/bayside.toml:18: this library does not speak "fr". Choose one of its languages (en, es), or add this one to them."#,
        ],
    ),
    (
        "an id twice",
        r#"word = "WIFI""#,
        r#"id = "hours"
word = "WIFI""#,
        &[
            r#"libraries/bayside.toml:17: another keyword of this library has the id "hours". Give each keyword an id of its own."#,
        ],
    ),
    (
        "storage of another keyword",
        r#"word = "WIFI""#,
        r#"word = "WIFI"
storage = "hours""#,
        &[
            r#"libraries/bayside.toml:17: the keyword HOURS keeps its data under "hours" too. Give this one another storage = "..."."#,
        ],
    ),
    (
        "a second catch-all",
        r#"word = "WIFI"
flow = "auto-reply""#,
        r#"word = "WIFI"
catch-all = true
flow = "auto-reply"
[keyword.settings]
text = "a"
[[keyword]]
word = "LAST"
flow = "auto-reply"
catch-all = true"#,
        &[
            "libraries/bayside.toml:23: the keyword WIFI is the catch-all already. Take catch-all = true away from one of them.",
        ],
    ),
    (
        "the library's own join word",
        r#""WIFI""#,
        r#""BAYSIDE""#,
        &[
            "libraries/bayside.toml:17: BAYSIDE begins with this library's join word. Choose another word: the join word alone gives the instructions.",
        ],
    ),
    (
        "the join word of a neighbour",
        r#""WIFI""#,
        r#""MAPLE WIFI""#,
        &[
            "libraries/bayside.toml:17: MAPLE WIFI begins with the join word of maple, which shares a number with this library. Choose another word.",
        ],
    ),
];
