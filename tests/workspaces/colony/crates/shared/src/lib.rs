//! What the two services of the colony have in common.
//!
//! Each module leans on dependencies of this crate; `checks` calls every one of them and compares the
//! result with a known one.

pub mod checks;
pub mod cloud_checks;
pub mod http;
pub mod net_checks;
pub mod selftest;
pub mod service;
pub mod settings;
