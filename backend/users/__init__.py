"""The users table: who may log in, and with which password."""
