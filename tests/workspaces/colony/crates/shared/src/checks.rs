//! One check for each direct dependency of this crate, but for the HTTP clients: see `cloud_checks`.

use crate::net_checks;
use crate::selftest::{hex, Check, Result};
use chrono::{DateTime, TimeDelta, Utc};
use lazy_static::lazy_static;
use prometheus::{Histogram, HistogramOpts, Registry, TextEncoder};
use rand::{rngs::SmallRng, Rng, SeedableRng};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::{Deserialize, Serialize};

pub fn all() -> Vec<Check> {
    let mut checks = vec![
        Check::new("shared/serde", serde, "1,2 missing field `why`"),
        Check::new(
            "shared/serde_json",
            serde_json,
            r#"{"x":-3,"y":70000,"kind":{"deep_water":{"depth":1.5}},"creatures":[1,513]}"#,
        ),
        Check::new(
            "shared/bincode",
            bincode,
            "070600000000000000636f6c6f6e7901000000000000f43f 7 colony Some(1.25)",
        ),
        Check::new(
            "shared/prometheus",
            prometheus,
            r#"colony_tick_seconds_bucket{le="0.1"} 1; colony_tick_seconds_bucket{le="1"} 2; colony_tick_seconds_bucket{le="+Inf"} 3; colony_tick_seconds_sum 2.55; colony_tick_seconds_count 3"#,
        ),
        Check::new("shared/lazy_static", lazy_static, "10 385"),
        Check::new("shared/chrono", chrono, "2024-03-01 00:30:00 Friday 061"),
        Check::new("shared/rand", rand, "[159, 304, 295, 728] 0.539268"),
    ];
    checks.extend(net_checks::all());
    checks
}

/// A tile of the colony: what the services would send to each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    pub x: i32,
    pub y: i32,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub creatures: Vec<u16>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Grass,
    DeepWater { depth: f32 },
}

/// The tile which checks encode and decode.
pub fn sample_tile() -> Tile {
    Tile {
        x: -3,
        y: 70_000,
        kind: Kind::DeepWater { depth: 1.5 },
        creatures: vec![1, 513],
    }
}

#[derive(Debug, Deserialize)]
struct Point {
    x: i32,
    #[serde(rename = "why")]
    y: i32,
}

async fn serde() -> Result<String> {
    let fields = [("why", 2), ("x", 1)];
    let point = Point::deserialize(MapDeserializer::<_, ValueError>::new(fields.into_iter()))?;
    let missing = Point::deserialize(MapDeserializer::<_, ValueError>::new(
        [("x", 1)].into_iter(),
    ));
    let error = missing.err().ok_or("a missing field was accepted")?;
    Ok(format!("{},{} {error}", point.x, point.y))
}

async fn serde_json() -> Result<String> {
    let text = serde_json::to_string(&sample_tile())?;
    if serde_json::from_str::<Tile>(&text)? != sample_tile() {
        return Err("round trip".into());
    }
    Ok(text)
}

async fn bincode() -> Result<String> {
    let bytes = bincode::serialize(&(7u8, "colony", Some(1.25f64)))?;
    let (id, name, weight): (u8, String, Option<f64>) = bincode::deserialize(&bytes)?;
    Ok(format!("{} {id} {name} {weight:?}", hex(&bytes)))
}

async fn prometheus() -> Result<String> {
    let options = HistogramOpts::new("tick_seconds", "Ticks.").buckets(vec![0.1, 1.0]);
    let histogram = Histogram::with_opts(options)?;
    let registry = Registry::new_custom(Some("colony".into()), None)?;
    registry.register(Box::new(histogram.clone()))?;
    [0.05, 0.5, 2.0]
        .into_iter()
        .for_each(|seconds| histogram.observe(seconds));
    let text = TextEncoder::new().encode_to_string(&registry.gather())?;
    Ok(text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("; "))
}

lazy_static! {
    static ref SQUARES: Vec<u64> = (1..=10).map(|n| n * n).collect();
}

async fn lazy_static() -> Result<String> {
    lazy_static::initialize(&SQUARES);
    Ok(format!("{} {}", SQUARES.len(), SQUARES.iter().sum::<u64>()))
}

async fn chrono() -> Result<String> {
    let start: DateTime<Utc> = DateTime::parse_from_rfc3339("2024-02-28T23:30:00-01:00")?.into();
    let end = start + TimeDelta::try_days(1).ok_or("a day is too long")?;
    Ok(end.format("%Y-%m-%d %H:%M:%S %A %j").to_string())
}

async fn rand() -> Result<String> {
    let mut random = SmallRng::seed_from_u64(42);
    let numbers: [u32; 4] = std::array::from_fn(|_| random.gen_range(0..1000));
    Ok(format!("{numbers:?} {:.6}", random.gen::<f64>()))
}
