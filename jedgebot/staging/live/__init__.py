"""The staged application served on a socket, and asked for what each table promises."""
