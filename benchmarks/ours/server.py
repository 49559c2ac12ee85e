"""Serves the application of the benchmark on a port, as `jedgebot serve` serves the backend."""

import sys

from backend.core.settings import load_settings
from jedgebot import listening
from jedgebot.serving import server_config

if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    config = server_config(
        load_settings(), workers=workers, application="benchmarks.ours.application:create_app"
    )
    listening.run(config, listening.bind("127.0.0.1", port))
