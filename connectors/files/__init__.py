"""Another tool's export, or recorded data, read from the workspace."""
