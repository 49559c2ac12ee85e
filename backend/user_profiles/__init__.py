"""The user_profiles table: how a user appears, and the time zone they live in."""
