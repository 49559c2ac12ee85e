"""Accounting rules of a portfolio: pure functions over its transactions.

The ledger knows no table, no session and no HTTP, and imports nothing but the standard library.
Services hand it rows and turn its reports and errors into answers. `docs/ledger.md` has the rules.
"""
