//! The checks of the backend which only compute.

use bincode::Options;
use flate2::{read::ZlibDecoder, write::ZlibEncoder, Compression, Crc};
use lazy_static::lazy_static;
use noise::{Fbm, MultiFractal, NoiseFn, Perlin, Seedable};
use prometheus::{Encoder, IntCounter, IntGaugeVec, Opts, ProtobufEncoder, Registry, TextEncoder};
use rand::{rngs::SmallRng, seq::SliceRandom, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shared::checks::{sample_tile, Tile};
use shared::selftest::{hex, Check, Result};
use std::io::{Read, Write};
use std::sync::Mutex;

pub fn all() -> Vec<Check> {
    vec![
        Check::new("backend/shared", shared, "Tile { x: -3, y: 70000, kind: DeepWater { depth: 1.5 }, creatures: [1, 513] }"),
        Check::new("backend/rayon", rayon, "200003 ant+drone queen+worker"),
        Check::new("backend/bincode", bincode, "05fc000222e0013fc000000201fb0201 true"),
        Check::new("backend/rand", rand, "[8, 4, 6, 1, 0, 7, 5, 9, 2, 3] Some(7)"),
        Check::new("backend/prometheus", prometheus, r#"101 # HELP ants Ants by caste.|# TYPE ants gauge|ants{caste="queen"} 1|# HELP births_total Creatures born.|# TYPE births_total counter|births_total 3|"#),
        Check::new("backend/lazy_static", lazy_static, r#"[12, 12] ["made once"]"#),
        Check::new("backend/noise", noise, "-0.322882 0.755710 5"),
        Check::new("backend/serde", serde, "[MoveTo { x: 1, y: -1 }, Rest, Rest] unknown variant `fly`, expected one of `move-to`, `rest`, `sleep` at line 1 column 12"),
        Check::new("backend/serde_json", serde_json, r#"{"a":{"deep":"é\n"},"b":[1,18446744073709551615,null]} Some(3)"#),
        Check::new("backend/flate2", flate2, "true 78404be0 true"),
    ]
}

async fn shared() -> Result<String> {
    let value = serde_json::to_value(sample_tile())?;
    Ok(format!("{:?}", serde_json::from_value::<Tile>(value)?))
}

async fn rayon() -> Result<String> {
    let sum: u64 = (1..=100_000u64).into_par_iter().map(|n| n * n % 7).sum();
    let mut words = ["worker", "queen", "drone", "ant"];
    words.par_sort_unstable();
    let (left, right) = rayon::join(|| words[..2].join("+"), || words[2..].join("+"));
    Ok(format!("{sum} {left} {right}"))
}

async fn bincode() -> Result<String> {
    let options = bincode::DefaultOptions::new()
        .with_big_endian()
        .with_limit(64);
    let bytes = options.serialize(&sample_tile())?;
    if options.deserialize::<Tile>(&bytes)? != sample_tile() {
        return Err("round trip".into());
    }
    let refused = options.serialize(&"x".repeat(65)).is_err();
    Ok(format!("{} {refused}", hex(&bytes)))
}

async fn rand() -> Result<String> {
    let mut random = SmallRng::seed_from_u64(7);
    let mut order: Vec<u8> = (0..10).collect();
    order.shuffle(&mut random);
    Ok(format!("{order:?} {:?}", order.choose(&mut random)))
}

async fn prometheus() -> Result<String> {
    let registry = Registry::new();
    let births = IntCounter::new("births_total", "Creatures born.")?;
    let ants = IntGaugeVec::new(Opts::new("ants", "Ants by caste."), &["caste"])?;
    registry.register(Box::new(births.clone()))?;
    registry.register(Box::new(ants.clone()))?;
    births.inc_by(3);
    ants.with_label_values(&["queen"]).set(1);
    let mut binary = Vec::new();
    ProtobufEncoder::new().encode(&registry.gather(), &mut binary)?;
    let text = TextEncoder::new().encode_to_string(&registry.gather())?;
    Ok(format!("{} {}", binary.len(), text.replace('\n', "|")))
}

lazy_static! {
    static ref LOG: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    static ref GREETING: String = {
        LOG.lock().expect("no holder panics").push("made once");
        "colony".repeat(2)
    };
}

async fn lazy_static() -> Result<String> {
    let lengths = [GREETING.len(), GREETING.len()];
    let log = LOG.lock().map_err(|error| error.to_string())?;
    Ok(format!("{lengths:?} {log:?}"))
}

async fn noise() -> Result<String> {
    let height = Perlin::new(11).get([1.3, 2.7]);
    let hills = Fbm::<Perlin>::new(5).set_octaves(3).set_frequency(2.0);
    Ok(format!(
        "{height:.6} {:.6} {}",
        hills.get([0.4, 0.8, 0.1]),
        hills.seed()
    ))
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Order {
    MoveTo {
        x: i8,
        y: i8,
    },
    #[serde(alias = "sleep")]
    Rest,
}

async fn serde() -> Result<String> {
    let orders: Vec<Order> = serde_json::from_str(
        r#"[{"do": "move-to", "x": 1, "y": -1}, {"do": "sleep"}, {"do": "rest"}]"#,
    )?;
    let unknown = serde_json::from_str::<Order>(r#"{"do": "fly"}"#);
    let error = unknown.err().ok_or("an unknown order was accepted")?;
    Ok(format!("{orders:?} {error}"))
}

async fn serde_json() -> Result<String> {
    let mut value = serde_json::json!({ "b": [1, 2.5, null], "a": { "deep": "\u{e9}\n" } });
    value["b"][1] = u64::MAX.into();
    let deep = value
        .pointer("/a/deep")
        .and_then(|text| text.as_str())
        .map(str::len);
    Ok(format!("{value} {deep:?}"))
}

async fn flate2() -> Result<String> {
    let plain = "ant ".repeat(1000);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain.as_bytes())?;
    let packed = encoder.finish()?;
    let mut text = String::new();
    ZlibDecoder::new(packed.as_slice()).read_to_string(&mut text)?;
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    Ok(format!(
        "{} {:08x} {}",
        packed.len() < 100,
        crc.sum(),
        text == plain
    ))
}
