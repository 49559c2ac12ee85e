"""The commands: each reads, plans, applies and reports."""
