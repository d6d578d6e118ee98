//! What patrons send as a picture (d4): what is kept of it, and what is not looked into.

use std::io::Cursor;

use callslip_gateways::{PictureRefused, plain_picture};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let image = RgbImage::from_fn(width, height, |x, _| match x < width / 2 {
        true => Rgb([220, 20, 20]),
        false => Rgb([20, 20, 220]),
    });
    DynamicImage::ImageRgb8(image)
}

/// An EXIF block with a place (12° 34' 56" N) and "turn it by a quarter".
fn exif() -> Vec<u8> {
    let mut tiff = Vec::new();
    tiff.extend(b"II*\0\x08\0\0\0");
    tiff.extend(2u16.to_le_bytes());
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = Vec::new();
        entry.extend(tag.to_le_bytes());
        entry.extend(kind.to_le_bytes());
        entry.extend(count.to_le_bytes());
        entry.extend(value.to_le_bytes());
        entry
    };
    tiff.extend(entry(0x0112, 3, 1, 6));
    tiff.extend(entry(0x8825, 4, 1, 38));
    tiff.extend(0u32.to_le_bytes());
    assert_eq!(tiff.len(), 38);
    tiff.extend(2u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, u32::from(b'N')));
    tiff.extend(entry(2, 5, 3, 68));
    tiff.extend(0u32.to_le_bytes());
    for (number, of) in [(12u32, 1u32), (34, 1), (56, 1)] {
        tiff.extend(number.to_le_bytes());
        tiff.extend(of.to_le_bytes());
    }
    tiff.extend(b"HomeAddressOfThePatron");
    let mut block = b"Exif\0\0".to_vec();
    block.extend(tiff);
    block
}

/// A JPEG as a telephone makes it.
fn photograph() -> Vec<u8> {
    let plain = encoded(&halves(64, 32), ImageFormat::Jpeg);
    let block = exif();
    let mut jpeg = plain[..2].to_vec();
    jpeg.extend([0xFF, 0xE1]);
    jpeg.extend(u16::try_from(block.len() + 2).unwrap().to_be_bytes());
    jpeg.extend(block);
    jpeg.extend(&plain[2..]);
    jpeg
}

fn has(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

#[test]
fn d4_where_a_picture_was_taken_is_gone_and_it_stands_upright() {
    let file = photograph();
    assert!(has(&file, b"Exif") && has(&file, b"HomeAddress"));
    let picture = plain_picture(&file).unwrap();
    assert!(!has(&picture.jpeg, b"Exif") && !has(&picture.jpeg, b"HomeAddress"));
    // Turned by a quarter, as the camera was held.
    assert_eq!((picture.width, picture.height), (32, 64));
    let shown = image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg).unwrap();
    let shown = shown.into_rgb8();
    assert_eq!(shown.dimensions(), (32, 64));
    let (top, bottom) = (shown.get_pixel(16, 8), shown.get_pixel(16, 56));
    assert!(top[0] > 150 && top[2] < 100, "{top:?}");
    assert!(bottom[2] > 150 && bottom[0] < 100, "{bottom:?}");
}

#[test]
fn what_telephones_send_is_shown_whatever_its_name() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif] {
        let picture = plain_picture(&encoded(&halves(40, 20), format)).unwrap();
        assert_eq!((picture.width, picture.height), (40, 20), "{format:?}");
        assert!(picture.jpeg.starts_with(&[0xFF, 0xD8, 0xFF]), "{format:?}");
    }
    let webp = encoded(
        &DynamicImage::ImageRgba8(halves(40, 20).into_rgba8()),
        ImageFormat::WebP,
    );
    assert!(plain_picture(&webp).is_ok());
    // What is seen through is white.
    let clear = RgbaImage::from_pixel(8, 8, Rgba([200, 0, 0, 0]));
    let picture = plain_picture(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png));
    let shown = image::load_from_memory(&picture.unwrap().jpeg)
        .unwrap()
        .into_rgb8();
    assert!(shown.get_pixel(4, 4).0.iter().all(|part| *part > 250));
}

#[test]
fn a_large_photograph_is_made_smaller() {
    let picture = plain_picture(&encoded(&halves(4_000, 3_000), ImageFormat::Jpeg)).unwrap();
    assert_eq!((picture.width, picture.height), (1_600, 1_200));
}

#[test]
fn of_what_moves_the_first_picture_is_shown() {
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for dot in [[0, 200, 0, 255], [200, 0, 0, 255]] {
            let frame = RgbaImage::from_pixel(8, 8, Rgba(dot));
            encoder.encode_frame(image::Frame::new(frame)).unwrap();
        }
    }
    let shown = image::load_from_memory(&plain_picture(&bytes).unwrap().jpeg).unwrap();
    let dot = *shown.into_rgb8().get_pixel(4, 4);
    assert!(dot[1] > 150 && dot[0] < 60, "{dot:?}");
}

#[test]
fn a_bomb_is_not_opened() {
    // A PNG that says that it is 60,000 dots wide and high: 10 GB when it is drawn.
    let mut png = encoded(&halves(8, 8), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let sum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    assert!(matches!(plain_picture(&png), Err(PictureRefused::TooLarge)));
    // Within what is allowed in each direction, and too much in both.
    png[16..20].copy_from_slice(&11_900u32.to_be_bytes());
    png[20..24].copy_from_slice(&11_900u32.to_be_bytes());
    let sum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    assert!(matches!(plain_picture(&png), Err(PictureRefused::TooLarge)));
    let large = vec![0xFF; 10 * 1024 * 1024 + 1];
    assert!(matches!(
        plain_picture(&large),
        Err(PictureRefused::TooLarge)
    ));
}

/// PNG's own check sum.
fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let low = sum & 1;
            sum >>= 1;
            if low == 1 {
                sum ^= 0xEDB8_8320;
            }
        }
    }
    !sum
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_is_called() {
    for file in [
        &b"<!doctype html><script>alert(1)</script>"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7",
        b"MZ\x90\0",
        b"",
        b"\xFF",
    ] {
        let result = plain_picture(file);
        assert!(matches!(result, Err(PictureRefused::NoPicture)), "{file:?}");
    }
    // A beginning that is right, and nothing behind it.
    let half = &encoded(&halves(64, 64), ImageFormat::Png)[..60];
    assert!(matches!(plain_picture(half), Err(PictureRefused::Damaged)));
    let start = [0xFF, 0xD8, 0xFF, 0xE0];
    assert!(plain_picture(&start).is_err());
}

proptest::proptest! {
    /// Whatever a stranger sends, it is a picture or a refusal.
    #[test]
    fn no_file_brings_it_down(cut in 0usize..2_000, at in 0usize..2_000, byte: u8, which in 0usize..3) {
        let format = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif][which];
        let mut file = encoded(&halves(48, 48), format);
        file.truncate(cut.max(1).min(file.len()));
        let at = at % file.len();
        file[at] = byte;
        let _ = plain_picture(&file);
    }
}

/// Fetched with the account's login from the account's own pages alone.
mod fetching {
    use callslip_gateways::{Gateway as _, PictureError, Twilio};
    use tokio::net::TcpListener;

    use super::super::here;
    use crate::server::answer;
    use crate::support::{ACCOUNT, options};

    async fn twilio() -> (TcpListener, Twilio, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut options = options();
        options.api_base.clone_from(&base);
        (listener, Twilio::new(options).unwrap(), base)
    }

    #[tokio::test]
    async fn d4_media_are_asked_for_with_the_accounts_login() {
        let (listener, twilio, base) = twilio().await;
        let url = format!("{base}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1");
        let (places, outward) = (twilio.picture_places(), here(&[]));
        let asking = outward.picture(&places, &url);
        let (file, request) = tokio::join!(asking, answer(&listener, "200 OK", "a picture"));
        assert_eq!(&file.unwrap()[..], b"a picture");
        assert!(request.contains("authorization: Basic "), "{request}");
        for (head, lasting) in [
            ("404 Not Found", true),
            ("410 Gone", true),
            ("500 Internal Server Error", false),
        ] {
            let asking = outward.picture(&places, &url);
            let (file, _) = tokio::join!(asking, answer(&listener, head, ""));
            assert_eq!(file.unwrap_err().is_lasting(), lasting, "{head}");
        }
    }

    #[tokio::test]
    async fn d4_the_login_goes_to_nobody_else() {
        let (listener, twilio, base) = twilio().await;
        let (places, outward) = (twilio.picture_places(), here(&[]));
        for url in [
            format!("{base}/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages/MM1"),
            format!("{base}/2010-04-01/Accounts/{ACCOUNT}/Messages/../../x"),
            format!("{base}.evil.example/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1"),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "https://evil.example/picture.jpg".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            let result = outward.picture(&places, &url).await;
            assert!(matches!(result, Err(PictureError::Elsewhere)), "{url}");
        }
        // Twilio's own page sends us somewhere that is not Twilio's.
        let url = format!("{base}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1");
        let head = "307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/steal";
        let asking = outward.picture(&places, &url);
        let (file, _) = tokio::join!(asking, answer(&listener, head, ""));
        assert!(file.unwrap_err().is_lasting());
    }
}
