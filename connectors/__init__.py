"""Who we talk to: one folder for each tracker behind one port."""
