"""The house rules that no other tool can say, one per file."""
