"""The command line: it adds tables, checks them and serves the backend."""
