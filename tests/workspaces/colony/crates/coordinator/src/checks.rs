//! The checks of the coordinator which only compute.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::{DynamicImage, GenericImageView, Rgb, RgbImage};
use log::{Level, LevelFilter, Log, Record};
use rand::{rngs::StdRng, seq::index, Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use shared::selftest::{hex, Check, Result};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

pub fn all() -> Vec<Check> {
    vec![
        Check::new(
            "coordinator/shared",
            shared,
            "fdffffff70110100010000000000c03f020000000000000001000102",
        ),
        Check::new(
            "coordinator/serde",
            serde,
            r#"Shard { id: 1, rest: {"ants": 40, "zone": 2} } {"id":1,"ants":40,"zone":2}"#,
        ),
        Check::new(
            "coordinator/serde_json",
            serde_json,
            "1 [2] expected value at line 1 column 7",
        ),
        Check::new(
            "coordinator/bincode",
            bincode,
            "0200000000000000010005000000000000006e6f72746802010500000000000000736f757468 true",
        ),
        Check::new(
            "coordinator/log",
            log,
            "WARN colony step 2|INFO colony step 3 true",
        ),
        Check::new(
            "coordinator/env_logger",
            env_logger,
            "[WARN  colony] step 2|[INFO  colony] step 3|[DEBUG colony] step 4",
        ),
        Check::new("coordinator/rand", rand, "28 [46, 15, 32, 34]"),
        Check::new(
            "coordinator/image",
            image,
            "Png (3, 4) Rgba([150, 120, 128, 255])",
        ),
        Check::new("coordinator/chrono", chrono, "2025-02-27 Thu 58 true"),
    ]
}

async fn shared() -> Result<String> {
    Ok(bincode::serialize(&shared::checks::sample_tile()).map(|bytes| hex(&bytes))?)
}

#[derive(Debug, Serialize, Deserialize)]
struct Shard {
    id: u16,
    #[serde(flatten)]
    rest: BTreeMap<String, u32>,
}

async fn serde() -> Result<String> {
    let shard: Shard = serde_json::from_str(r#"{"zone": 2, "id": 1, "ants": 40}"#)?;
    Ok(format!("{shard:?} {}", serde_json::to_string(&shard)?))
}

async fn serde_json() -> Result<String> {
    let mut stream = serde_json::Deserializer::from_str("1 [2] oops").into_iter();
    let values = [stream.next(), stream.next(), stream.next()].map(
        |next: Option<serde_json::Result<serde_json::Value>>| match next {
            Some(Ok(value)) => value.to_string(),
            Some(Err(error)) => error.to_string(),
            None => "end".into(),
        },
    );
    Ok(values.join(" "))
}

async fn bincode() -> Result<String> {
    let shards = BTreeMap::from([(1u16, "north"), (258, "south")]);
    let bytes = bincode::serialize(&shards)?;
    let cut = bincode::deserialize::<BTreeMap<u16, String>>(&bytes[..bytes.len() - 1]);
    Ok(format!("{} {}", hex(&bytes), cut.is_err()))
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> Result<String> {
        let bytes = self.0.lock().map_err(|error| error.to_string())?;
        Ok(String::from_utf8(bytes.clone())?
            .trim_end()
            .replace('\n', "|"))
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .map_err(|_| std::io::ErrorKind::Other)?
            .write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &log::Metadata) -> bool {
        metadata.level() <= Level::Info
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let (level, target) = (record.level(), record.target());
            let _ = writeln!(self.clone(), "{level} {target} {}", record.args());
        }
    }

    fn flush(&self) {}
}

/// One message of each level but Error.
fn log_everything(logger: &dyn Log) {
    for level in Level::iter().skip(1) {
        let mut record = Record::builder();
        let record = record.level(level).target("colony");
        logger.log(&record.args(format_args!("step {}", level as usize)).build());
    }
}

async fn log() -> Result<String> {
    let lines = Lines::default();
    log_everything(&lines);
    let level: Level = "warn".parse()?;
    Ok(format!("{} {}", lines.text()?, level < LevelFilter::Debug))
}

async fn env_logger() -> Result<String> {
    let lines = Lines::default();
    let logger = env_logger::Builder::new()
        .parse_filters("warn,colony=debug")
        .format_timestamp(None)
        .write_style(env_logger::WriteStyle::Never)
        .target(env_logger::Target::Pipe(Box::new(lines.clone())))
        .build();
    log_everything(&logger);
    lines.text()
}

async fn rand() -> Result<String> {
    let mut random = StdRng::seed_from_u64(1);
    let heads = (0..100).filter(|_| random.gen_bool(0.25)).count();
    Ok(format!(
        "{heads} {:?}",
        index::sample(&mut random, 50, 4).into_vec()
    ))
}

async fn image() -> Result<String> {
    let square = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 30, y as u8 * 30, 128]));
    let mut png = Vec::new();
    square.write_with_encoder(PngEncoder::new(&mut png))?;
    let format = image::guess_format(&png)?;
    let decoded = DynamicImage::from_decoder(PngDecoder::new(png.as_slice())?)?;
    if decoded.to_rgb8() != square {
        return Err("a PNG round trip changed the picture".into());
    }
    let turned = decoded.rotate90().crop_imm(1, 2, 3, 4);
    let (size, pixel) = (turned.dimensions(), turned.get_pixel(2, 3));
    Ok(format!("{format:?} {size:?} {pixel:?}"))
}

async fn chrono() -> Result<String> {
    let leap = NaiveDate::from_ymd_opt(2024, 2, 29).ok_or("no such day")?;
    let monday = NaiveDate::from_isoywd_opt(2024, 53, Weekday::Mon).is_none();
    let later = leap + Duration::weeks(52);
    Ok(format!(
        "{later} {} {} {monday}",
        later.weekday(),
        later.ordinal()
    ))
}
