//! Counts by name, in the order in which the names came.

use indexmap::IndexMap;
use num_traits::{CheckedAdd, Zero};
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[derive(Debug, Error, PartialEq)]
pub enum TallyError {
    #[error("{name}: the sum does not fit")]
    Overflow { name: String },
    #[error("nothing was counted")]
    Empty,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry<T> {
    pub name: String,
    pub count: T,
}

#[derive(Default)]
pub struct Tally<T> {
    counts: IndexMap<String, T>,
}

impl<T: CheckedAdd + Zero + Copy + PartialOrd> Tally<T> {
    pub fn add(&mut self, name: &str, count: T) -> Result<(), TallyError> {
        let sum = self.counts.entry(name.to_string()).or_insert_with(T::zero);
        let overflow = || TallyError::Overflow {
            name: name.to_string(),
        };
        *sum = sum.checked_add(&count).ok_or_else(overflow)?;
        Ok(())
    }

    /// The first of the highest counts.
    pub fn highest(&self) -> Result<Entry<T>, TallyError> {
        let mut counts = self.counts.iter();
        let mut best = counts.next().ok_or(TallyError::Empty)?;
        for next in counts {
            if next.1 > best.1 {
                best = next;
            }
        }
        Ok(Entry {
            name: best.0.clone(),
            count: *best.1,
        })
    }
}
