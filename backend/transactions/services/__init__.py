"""What a user may do with transactions, and what they can be told about them."""
