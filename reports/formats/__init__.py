"""One file a format: a function from the report's data to bytes."""
