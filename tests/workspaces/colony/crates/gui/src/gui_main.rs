//! Present so that the workspace is whole. No test builds it: images are made without the gui.

fn main() {}
