"""How a report reaches people: one port, and a file for each way."""
