//! The checks of dependencies which only this workspace has.

use crate::{Check, Error};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bitflags::bitflags;
use either::Either;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use semver::{Version, VersionReq};
use tally::Tally;

pub const ALL: &[Check] = &[
    Check("base64", base64, "++//AA== --__AA Invalid input length: 1"),
    Check("bitflags", bitflags, r#"["READ", "PIN"] 2 true"#),
    Check("crc32fast", crc32fast, "cbf43926 true"),
    Check("either", either, "7 none"),
    Check("memchr", memchr, "[2, 11, 31] Some(27) None"),
    Check(
        "percent-encoding",
        percent_encoding,
        "50%20%25%20of%20%C3%BCnits 50 % of ünits",
    ),
    Check("semver", semver, "true false true"),
    Check(
        "tally",
        tally,
        r#"Entry { name: "hit", count: 200 }; nothing was counted; hit: the sum does not fit"#,
    ),
];

fn base64() -> Result<String, Error> {
    let bytes = [0xfb, 0xef, 0xff, 0x00];
    if STANDARD.decode(STANDARD.encode(bytes))? != bytes {
        return Err("round trip".into());
    }
    let error = STANDARD
        .decode("a")
        .err()
        .ok_or("half a byte was accepted")?;
    Ok(format!(
        "{} {} {error}",
        STANDARD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes)
    ))
}

bitflags! {
    #[derive(Debug, PartialEq)]
    struct Rights: u8 {
        const READ = 1;
        const WRITE = 2;
        const PIN = 4;
    }
}

fn bitflags() -> Result<String, Error> {
    let rights = Rights::READ | Rights::PIN;
    let names: Vec<_> = rights.iter_names().map(|(name, _)| name).collect();
    let unknown = Rights::from_bits(8).is_none();
    Ok(format!(
        "{names:?} {} {unknown}",
        rights.complement().bits()
    ))
}

fn crc32fast() -> Result<String, Error> {
    let (mut left, mut right) = (crc32fast::Hasher::new(), crc32fast::Hasher::new());
    left.update(b"1234");
    right.update(b"56789");
    left.combine(&right);
    let sum = left.finalize();
    Ok(format!(
        "{sum:08x} {}",
        sum == crc32fast::hash(b"123456789")
    ))
}

fn either() -> Result<String, Error> {
    let numbers = |is_some| {
        if is_some {
            Either::Left(3..=4)
        } else {
            Either::Right([0u8; 0])
        }
    };
    let sum: u8 = numbers(true).into_iter().sum();
    let last = numbers(false).into_iter().last();
    Ok(format!(
        "{sum} {}",
        last.map_or("none".into(), |n| n.to_string())
    ))
}

fn memchr() -> Result<String, Error> {
    let text = b"a layer of layers and one more layer";
    let starts: Vec<usize> = memchr::memmem::find_iter(text, "layer").collect();
    Ok(format!(
        "{starts:?} {:?} {:?}",
        memchr::memrchr(b'o', text),
        memchr::memchr2(b'y', b'z', b"")
    ))
}

fn percent_encoding() -> Result<String, Error> {
    let encoded = utf8_percent_encode("50 % of \u{fc}nits", NON_ALPHANUMERIC).to_string();
    let decoded = percent_decode_str(&encoded).decode_utf8()?.into_owned();
    Ok(format!("{encoded} {decoded}"))
}

fn semver() -> Result<String, Error> {
    let request = VersionReq::parse(">=1.95, <1.101")?;
    let fits = |text: &str| Version::parse(text).map(|version| request.matches(&version));
    let order = Version::parse("1.0.0-rc.2")? < Version::parse("1.0.0-rc.10")?;
    Ok(format!(
        "{} {} {order}",
        fits("1.100.3")?,
        fits("1.96.0-beta.1")?
    ))
}

fn tally() -> Result<String, Error> {
    let mut counts = Tally::<u8>::default();
    let empty = counts.highest().err().ok_or("a highest of nothing")?;
    for (name, count) in [("miss", 9), ("hit", 200), ("miss", 20)] {
        counts.add(name, count)?;
    }
    let overflow = counts.add("hit", 100).err().ok_or("300 in a byte")?;
    Ok(format!("{:?}; {empty}; {overflow}", counts.highest()?))
}
