"""Revisions that create one table: made, reviewed, proved, applied."""
