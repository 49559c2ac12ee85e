"""JedgeBot with one more module, as `jedgebot table add` would write it."""
