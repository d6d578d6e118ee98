//! A form that carries a file: its parts, and the file as it was.

use bytes::Bytes;
use http_body_util::{BodyDataStream, Full};
use multer::{Constraints, Multipart, SizeLimit};

/// Of what is typed beside the file.
const FIELD_BYTES_MAX: u64 = 64 * 1024;
/// What stands around the file: its headers, the other fields.
pub(crate) const AROUND_BYTES_MAX: usize = 256 * 1024;
const PARTS_MAX: usize = 16;

#[derive(Default)]
pub(crate) struct Upload {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) file: Option<Bytes>,
}

/// None: it is no such form, or a damaged one.
pub(crate) async fn read(content_type: &str, body: Bytes) -> Option<Upload> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let whole = u64::try_from(body.len()).ok()?;
    let limits = SizeLimit::new().whole_stream(whole);
    let stream = BodyDataStream::new(Full::new(body));
    let constraints = Constraints::new().size_limit(limits);
    let mut parts = Multipart::with_constraints(stream, boundary, constraints);
    let mut upload = Upload::default();
    for _ in 0..PARTS_MAX {
        let Some(part) = parts.next_field().await.ok()? else {
            return Some(upload);
        };
        let name = part.name()?.to_owned();
        let is_file = part.file_name().is_some();
        let bytes = part.bytes().await.ok()?;
        if is_file {
            // A field of files in which none was chosen is sent, too.
            upload.file = Some(bytes).filter(|bytes| !bytes.is_empty());
        } else if bytes.len() as u64 <= FIELD_BYTES_MAX {
            let typed = String::from_utf8(bytes.to_vec()).ok()?;
            upload.fields.push((name, typed));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----x";

    async fn of(body: &str) -> Option<Upload> {
        read(KIND, Bytes::copy_from_slice(body.as_bytes())).await
    }

    #[tokio::test]
    async fn fields_and_one_file_are_read_and_nothing_half() {
        let whole = "------x\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\ntoken\r\n\
                     ------x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wasm\"\r\n\
                     Content-Type: application/wasm\r\n\r\n\0asm\r\n\r\n------x--\r\n";
        let upload = of(whole).await.unwrap();
        assert_eq!(upload.fields, [("form".to_owned(), "token".to_owned())]);
        assert_eq!(upload.file.as_deref(), Some(&b"\0asm\r\n"[..]));
        for cut in [10, 60, 90, 150, whole.len() - 12] {
            assert!(of(&whole[..cut]).await.is_none(), "{cut}");
        }
        assert!(read("multipart/form-data", Bytes::new()).await.is_none());
        assert!(read("text/plain", Bytes::from_static(b"x")).await.is_none());
        let chosen = whole.replace("\0asm\r\n", "");
        assert!(of(&chosen).await.unwrap().file.is_none());
        let many = "------x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n".repeat(20);
        assert!(of(&format!("{many}------x--\r\n")).await.is_none());
    }
}
