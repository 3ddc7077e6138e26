"""What the admin says: typed settings read from YAML with positions."""
