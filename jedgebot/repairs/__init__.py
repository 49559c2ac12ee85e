"""What `jedgebot table check --fix` puts right: all of it, or nothing."""
