"""Files of brokers and other programs, read row by row into entries of the ledger, and written.

It knows no table, no session and no HTTP, and imports nothing but the standard library and the
ledger. `docs/import.md` has the layouts, the rules and the limits.
"""
