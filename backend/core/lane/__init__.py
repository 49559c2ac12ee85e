"""Serves declared operations with one statement: no session, no thread, no model on the way.

The lane answers what it can answer as the plain form would, byte for byte, and leaves everything
else to it: a request that is refused, a row that clashes, a header that is rare.
"""
