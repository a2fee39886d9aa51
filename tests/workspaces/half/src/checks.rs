//! The checks of dependencies which other workspaces have as well.

use crate::{Check, Error};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::fmt;
use tally::Entry;
use typenum::{Diff, Integer, N5, P3, Prod};

pub const ALL: &[Check] = &[
    Check("cfg-if", cfg_if, "little"),
    Check("itoa", itoa, "340282366920938463463374607431768211455"),
    Check("libz-sys", libz_sys, "18eb0433 true"),
    Check("serde", serde, "50 missing field `count`"),
    Check("smallvec", smallvec, "true false [120, 121] 24"),
    Check("typenum", typenum, "-15 -8"),
];

fn cfg_if() -> Result<String, Error> {
    cfg_if::cfg_if! {
        if #[cfg(target_endian = "big")] {
            Ok("big".into())
        } else {
            Ok("little".into())
        }
    }
}

fn itoa() -> Result<String, Error> {
    Ok(itoa::Buffer::new().format(u128::MAX).into())
}

fn libz_sys() -> Result<String, Error> {
    let (words, both) = ([b"half ".as_slice(), b"shared"], b"half shared");
    // SAFETY: each pointer and length are those of one slice.
    let sum = |start, bytes: &[u8]| unsafe {
        libz_sys::adler32(start, bytes.as_ptr(), bytes.len() as u32)
    };
    let [first, second] = words.map(|word| sum(1, word));
    // SAFETY: plain numbers.
    let combined = unsafe { libz_sys::adler32_combine(first, second, words[1].len() as _) };
    Ok(format!("{combined:08x} {}", combined == sum(1, both)))
}

#[derive(Serialize)]
struct Ratio(u8);

impl fmt::Display for Ratio {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(formatter)
    }
}

fn serde() -> Result<String, Error> {
    let fields = MapDeserializer::<_, ValueError>::new([("name", "hits")].into_iter());
    let error = Entry::<u8>::deserialize(fields)
        .err()
        .ok_or("no count was accepted")?;
    Ok(format!("{} {error}", Ratio(50)))
}

fn smallvec() -> Result<String, Error> {
    let mut letters: SmallVec<[u8; 2]> = b"xyz".iter().copied().collect();
    let spilled = letters.spilled();
    letters.dedup_by_key(|letter| *letter > b'x');
    letters.shrink_to_fit();
    let bytes = std::mem::size_of::<SmallVec<[u8; 16]>>();
    Ok(format!(
        "{spilled} {} {letters:?} {bytes}",
        letters.spilled()
    ))
}

fn typenum() -> Result<String, Error> {
    Ok(format!(
        "{} {}",
        Prod::<N5, P3>::to_i64(),
        Diff::<N5, P3>::to_i64()
    ))
}
