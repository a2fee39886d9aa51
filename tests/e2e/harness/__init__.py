"""What the end-to-end tests share: machines, servers, shims that count."""
