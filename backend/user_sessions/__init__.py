"""The user_sessions table: where a user is logged in, and who a request comes from."""
