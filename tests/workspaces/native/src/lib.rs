//! Never built: its lock names what is downloaded.
