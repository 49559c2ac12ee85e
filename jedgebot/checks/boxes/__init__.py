"""The nine boxes of the guide, one per file, in the order in which a table is added."""
