//! What the coordinator computes; the binary only dispatches.

pub mod checks;
pub mod web_checks;

/// Every check of the coordinator and of what it shares with the backend.
pub fn all_checks() -> Vec<shared::selftest::Check> {
    let mut all = shared::checks::all();
    all.extend(shared::cloud_checks::all());
    all.extend(checks::all());
    all.extend(web_checks::all());
    all
}
