"""Runs Synapse until its standard input closes.

Whoever starts Synapse this way holds the other end of a pipe on its standard input. When that process dies, however it
dies, the pipe closes and Synapse shuts down in order, so that no homeserver is left running unseen.
"""

import os
import signal
import sys
import threading

from synapse.app import homeserver


def stop_when_input_closes() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    # Database, media and logs are their owner's alone.
    os.umask(0o077)
    threading.Thread(target=stop_when_input_closes, daemon=True).start()
    sys.argv[0] = "synapse"
    homeserver.main()


main()
