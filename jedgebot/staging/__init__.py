"""A new table tried in a copy of the project, in a process of its own."""
