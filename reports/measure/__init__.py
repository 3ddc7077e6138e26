"""Every figure of a report, one file an idea; figures come from facts alone."""
