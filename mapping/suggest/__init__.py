"""Suggestions for what no rule reaches, learnt offline from what rules, pins and tickets say, and measured."""
