//! What the API keeps, in memory.

use serde::Serialize;
use std::sync::{Mutex, PoisonError};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    pub id: usize,
    pub name: String,
}

/// Numbered from 1, in the order they came. Thread-safe.
#[derive(Default)]
pub struct Items(Mutex<Vec<Item>>);

impl Items {
    pub fn add(&self, name: String) -> Item {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let item = Item {
            id: items.len() + 1,
            name,
        };
        items.push(item.clone());
        item
    }

    pub fn all(&self) -> Vec<Item> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Items;

    #[test]
    fn items_are_numbered_in_order() {
        let items = Items::default();
        items.add("first".into());
        assert_eq!(items.add("second".into()).id, 2);
        assert_eq!(items.all()[0].name, "first");
    }
}
