"""JedgeBot's backend: one self-contained package per table, and `core` under them."""
