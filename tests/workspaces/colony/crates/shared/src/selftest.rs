//! A check computes something with one dependency and knows what must come out.

use futures_util::future::BoxFuture;
use std::future::Future;

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

pub struct Check {
    name: &'static str,
    want: &'static str,
    run: Box<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>,
}

impl Check {
    /// `name` is the dependency's; `run` must give `want` on every machine and in every profile.
    pub fn new<F, Fut>(name: &'static str, run: F, want: &'static str) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String>> + Send + 'static,
    {
        let run = Box::new(move || Box::pin(run()) as BoxFuture<'static, Result<String>>);
        Check { name, want, run }
    }
}

/// Runs the checks in their order and ends at the first wrong result. `passed` is called with each
/// name. Returns a digest of all results: equal wherever the same dependencies were linked.
pub async fn run(checks: &[Check], mut passed: impl FnMut(&str)) -> Result<String> {
    let mut digest = FNV_OFFSET;
    for Check { name, want, run } in checks {
        let got = run().await.map_err(|error| format!("{name}: {error}"))?;
        if got != *want {
            return Err(format!("{name}: got {got:?}, want {want:?}").into());
        }
        digest = fnv1a(digest, name.as_bytes());
        digest = fnv1a(digest, got.as_bytes());
        passed(name);
    }
    Ok(format!("{digest:016x}"))
}

/// Lower-case hexadecimal, for results which are bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

fn fnv1a(start: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
    bytes.iter().fold(start, step)
}
