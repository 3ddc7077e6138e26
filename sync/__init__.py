"""One run: pull, keep, map, measure, report."""
