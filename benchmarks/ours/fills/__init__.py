"""The fills table: a user's fills."""
