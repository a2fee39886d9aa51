"""What the container tests share: the engine, a server, workspaces, a fake AWS."""
