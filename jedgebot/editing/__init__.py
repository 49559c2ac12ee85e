"""Edits of shared files: pure functions from a source to a changed source, as syntax trees."""
