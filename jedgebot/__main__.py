"""`python -m jedgebot` is the same as `jedgebot`."""

from jedgebot.cli import main

if __name__ == "__main__":
    main()
