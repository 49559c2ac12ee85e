"""The portfolios table: a user's portfolios."""
