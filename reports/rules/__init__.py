"""Findings: facts that someone can act on, one file each with its cases beside it."""
