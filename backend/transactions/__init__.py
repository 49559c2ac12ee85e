"""The transactions table: a user's transactions."""
