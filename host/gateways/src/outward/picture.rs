//! What patrons send as a picture, read and drawn anew: nothing of the file that came is kept but
//! its dots, so that no place, no name of a camera and nothing that is no picture goes further
//! (d4). Of what moves, the first picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

/// A larger file is not looked into.
pub(super) const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// In each direction; a telephone's camera has less.
const SIDE_MAX: u32 = 12_000;
/// While it is read; a bomb asks for more.
const MEMORY_MAX: u64 = 160 * 1024 * 1024;
/// As large as anybody looks at it.
const SHOWN_MAX: u32 = 1_600;
const QUALITY: u8 = 82;

/// A picture that may be shown. It is a JPEG without anything but its dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub jpeg: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefused {
    #[error("it is not a picture that can be shown: JPEG, PNG, WebP or GIF")]
    NoPicture,
    #[error("it is larger than is looked into")]
    TooLarge,
    #[error("it is damaged")]
    Damaged,
}

/// What the file says it is, in its name or to the gateway, is not asked. Takes some hundredths of
/// a second: not on a thread that serves.
pub fn plain_picture(file: &[u8]) -> Result<Picture, PictureRefused> {
    if file.len() > FILE_BYTES_MAX {
        return Err(PictureRefused::TooLarge);
    }
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|_| PictureRefused::Damaged)?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) => {}
        Some(_) | None => return Err(PictureRefused::NoPicture),
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX || decoder.total_bytes() > MEMORY_MAX {
        return Err(PictureRefused::TooLarge);
    }
    let turned = decoder.orientation().map_err(refused)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if image.width().max(image.height()) > SHOWN_MAX {
        image = image.thumbnail(SHOWN_MAX, SHOWN_MAX);
    }
    image.apply_orientation(turned);
    let image = on_white(image);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&image)
        .map_err(|_| PictureRefused::Damaged)?;
    Ok(Picture {
        jpeg,
        width: image.width(),
        height: image.height(),
    })
}

fn refused(error: image::ImageError) -> PictureRefused {
    match error {
        image::ImageError::Limits(_) => PictureRefused::TooLarge,
        image::ImageError::Unsupported(_) => PictureRefused::NoPicture,
        _ => PictureRefused::Damaged,
    }
}

/// A JPEG is not seen through.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut plain = RgbImage::new(image.width(), image.height());
    for (dot, from) in plain.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let over = |part: u16| {
            let mixed = (part * alpha + 255 * (255 - alpha)) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        dot.0 = [over(red), over(green), over(blue)];
    }
    plain
}
