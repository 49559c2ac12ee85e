"""The staged application on a free port, in a process of its own."""

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.settings import load_settings
from jedgebot import listening
from jedgebot.serving import server_config

_SECRET_KEY = "signs the tokens of a proof, on a database that is thrown away"  # noqa: S105 - so it is
_LIMITS = {"registration_limit_per_address", "login_limit_per_address", "login_limit_per_account"}
_NO_LIMIT = "1000000 per minute"


@contextmanager
def served(database_url: str) -> Iterator[str]:
    """The address of a server like that of `jedgebot serve --workers 1`.

    Args:
        database_url: of a database at head.

    Raises:
        Failure: no port can be had.
    """
    listener = listening.bind("127.0.0.1", 0)
    listener.listen()  # a request that comes before the server is ready waits
    process = os.fork()
    if process == 0:
        try:
            settings = {
                "database_url": database_url,
                "secret_key": _SECRET_KEY,
                "log_level": "error",
                **dict.fromkeys(_LIMITS, _NO_LIMIT),
            }
            os.environ |= {f"JEDGEBOT_{name.upper()}": text for name, text in settings.items()}
            listening.run(server_config(load_settings(), workers=1), listener)
        except BaseException:  # noqa: BLE001 - whoever asks the server gets no answer, and says so
            traceback.print_exc()
        finally:
            os._exit(0)
    try:
        yield listening.url(listener)
    finally:
        listener.close()
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
