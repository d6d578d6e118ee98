//! A mail server and a webhook's receiver on this machine, which keep what they get.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What came, whole. It is kept before the sender hears that it was taken: who waited for the
/// sender finds it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn keep(&self, one: String) {
        self.0.lock().expect("no panic").push(one);
    }
}

pub(crate) struct Post {
    pub(crate) port: u16,
    got: Kept,
}

impl Post {
    /// `refusing`: so many are put off first.
    pub(crate) fn mail(refusing: usize) -> Post {
        Post::serve(refusing, talk)
    }

    pub(crate) fn hook(refusing: usize) -> Post {
        Post::serve(refusing, answer)
    }

    fn serve(mut refusing: usize, each: fn(TcpStream, bool, &Kept) -> std::io::Result<()>) -> Post {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let got = Kept::default();
        let kept = got.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let refuse = refusing > 0;
                refusing = refusing.saturating_sub(1);
                // A sender that hangs up is tried again by itself.
                let _ = each(stream, refuse, &kept);
            }
        });
        Post { port, got }
    }

    /// What came since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.got.0.lock().expect("no panic"))
    }
}

/// One SMTP conversation.
fn talk(mut stream: TcpStream, refuse: bool, kept: &Kept) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 mail.example\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.get(..4).unwrap_or_default().to_uppercase();
        let said: &[u8] = match command.as_str() {
            "EHLO" => b"250-mail.example\r\n250 8BITMIME\r\n",
            "RCPT" if refuse => b"451 come again\r\n",
            "DATA" => b"354 say it\r\n",
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 yes\r\n",
        };
        stream.write_all(said)?;
        if command == "DATA" {
            let mut whole = String::new();
            while !whole.ends_with("\r\n.\r\n") && lines.read_line(&mut whole)? > 0 {}
            kept.keep(whole);
            stream.write_all(b"250 taken\r\n")?;
        }
    }
}

/// One request.
fn answer(mut stream: TcpStream, refuse: bool, kept: &Kept) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let before = head.len();
        if lines.read_line(&mut head)? == 0 {
            return Ok(());
        }
        let line = head[before..].to_lowercase();
        if let Some(told) = line.strip_prefix("content-length: ") {
            length = told.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let status = match refuse {
        true => "503 Service Unavailable",
        false => "204 No Content",
    };
    if !refuse {
        kept.keep(head + &String::from_utf8_lossy(&body));
    }
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
}
