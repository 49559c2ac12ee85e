"""What a table is to be: the field grammar, the frozen `TableSpec`, and its readers."""
