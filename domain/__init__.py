"""The nouns: what every other folder speaks of, without input or output."""
