"""A made-up company with two loopback trackers."""
