"""What a repository holds that declares networks, and the files that connect it: `iacdrift.toml` and a pipeline. No packet, no process."""
