//! One check for each direct dependency, and for what the build script wrote.

use crate::zlib;
use anyhow::Context;
use once_cell::unsync::OnceCell;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::{Deserialize, Serialize};
use smallvec::{smallvec, SmallVec};
use std::fmt;
use typenum::{Exp, Gcf, Unsigned, U10, U12, U18, U3};
use util::{Check, Crate, Error};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

pub const ALL: &[Check] = &[
    Check("build.rs", build_script, "restore=7 layer=5 recipe=6"),
    Check("anyhow", anyhow, "outer: middle: inner 3"),
    Check("cfg-if", cfg_if, "unix 64"),
    Check("itoa", itoa, "-9223372036854775808 255"),
    Check("libz-sys", libz_sys, "1.3.2 ce14a02d true Some(-5)"),
    Check(
        "macros",
        macros,
        r#"["left", "right"] ["name", "downloads"]"#,
    ),
    Check("once_cell", once_cell, "first first true"),
    Check(
        "serde",
        serde,
        r#"PARTIAL-HIT Crate { name: "itoa", downloads: 0 } unknown field `stars`, expected `name` or `downloads`"#,
    ),
    Check("smallvec", smallvec, "false true [4, 3, 9, 2, 1]"),
    Check("typenum", typenum, "6 1000"),
    Check("util", util, "1 2 1"),
    #[cfg(feature = "fast-hash")]
    Check("fnv", fnv, "af63dc4c8601ec8c"),
];

fn build_script() -> Result<String, Error> {
    let words = WORDS
        .iter()
        .map(|(word, length)| format!("{word}={length}"));
    Ok(words.collect::<Vec<_>>().join(" "))
}

fn anyhow() -> Result<String, Error> {
    let inner: anyhow::Result<()> = Err(anyhow::anyhow!("inner {}", 3));
    let error = inner
        .context("middle")
        .context("outer")
        .err()
        .ok_or("no error")?;
    if error.root_cause().to_string() != "inner 3" {
        return Err("another root cause".into());
    }
    Ok(format!("{error:#}"))
}

fn cfg_if() -> Result<String, Error> {
    cfg_if::cfg_if! {
        if #[cfg(windows)] {
            let family = "windows";
        } else if #[cfg(unix)] {
            let family = "unix";
        } else {
            let family = "other";
        }
    }
    Ok(format!("{family} {}", usize::BITS))
}

fn itoa() -> Result<String, Error> {
    let (mut first, mut second) = (itoa::Buffer::new(), itoa::Buffer::new());
    Ok(format!(
        "{} {}",
        first.format(i64::MIN),
        second.format(255u8)
    ))
}

fn libz_sys() -> Result<String, Error> {
    let plain = b"layer ".repeat(500);
    let packed = zlib::compress(&plain).map_err(|code| format!("compress: {code}"))?;
    let back = zlib::uncompress(&packed, 3000).map_err(|code| format!("uncompress: {code}"))?;
    let short = zlib::uncompress(&packed, 2999).err();
    let is_small = packed.len() < 100;
    Ok(format!(
        "{} {:08x} {is_small} {short:?}",
        zlib::version(),
        zlib::crc32(&back)
    ))
}

fn macros() -> Result<String, Error> {
    #[allow(dead_code)]
    #[derive(macros::FieldNames)]
    struct Pair<'a, T: Copy> {
        left: &'a T,
        right: T,
    }
    Ok(format!(
        "{:?} {:?}",
        Pair::<u8>::FIELD_NAMES,
        Crate::FIELD_NAMES
    ))
}

fn once_cell() -> Result<String, Error> {
    let cell = OnceCell::new();
    let first = *cell.get_or_init(|| "first");
    let second = *cell.get_or_init(|| "second");
    Ok(format!("{first} {second} {}", cell.set("third").is_err()))
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum Outcome {
    PartialHit,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(formatter)
    }
}

fn serde() -> Result<String, Error> {
    let parse = |fields: &[(&'static str, &'static str)]| {
        let fields = MapDeserializer::<_, ValueError>::new(fields.iter().copied());
        Crate::deserialize(fields)
    };
    let known = parse(&[("name", "itoa")])?;
    let unknown = parse(&[("name", "itoa"), ("stars", "5")]).err();
    let error = unknown.ok_or("an unknown field was accepted")?;
    Ok(format!("{} {known:?} {error}", Outcome::PartialHit))
}

fn smallvec() -> Result<String, Error> {
    let mut numbers: SmallVec<[u16; 4]> = smallvec![4, 3, 2, 1];
    let before = numbers.spilled();
    numbers.insert(2, 9);
    Ok(format!(
        "{before} {} {:?}",
        numbers.spilled(),
        numbers.as_slice()
    ))
}

fn typenum() -> Result<String, Error> {
    Ok(format!(
        "{} {}",
        Gcf::<U12, U18>::to_u32(),
        Exp::<U10, U3>::to_u32()
    ))
}

fn util() -> Result<String, Error> {
    let counts = ["a", "b"].map(util::remember);
    Ok(format!(
        "{} {} {}",
        counts[0],
        counts[1],
        util::remember("b") - 1
    ))
}

#[cfg(feature = "fast-hash")]
fn fnv() -> Result<String, Error> {
    use std::hash::Hasher;
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(b"a");
    Ok(format!("{:016x}", hasher.finish()))
}
