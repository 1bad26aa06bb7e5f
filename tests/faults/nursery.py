"""Where the program is born many times: an interpreter that has loaded the libraries once and forks.

Loading them takes seconds, and the fault tests start the program more than a hundred times. A child does what
`python bot.py run` does (or another `command`), in its own process with its own environment; with `fresh` it is
that very command.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 65_536


def main() -> None:
    """Take orders from the socket that was handed down until it is closed."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    import bot.channels.aiogram
    import bot.log
    import bot.opening
    import bot.store_file
    import service.collection  # noqa: F401

    if os.environ.get("FAULTS") == "long":
        import bot.channels.ptb  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    while True:
        order, handed, _, _ = socket.recv_fds(orders, MOST_BYTES, 2)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _keep(json.loads(order), *handed)
        for each in handed:
            os.close(each)


def _keep(order: dict[str, Any], news: int, log: int) -> None:
    """Have one program run, and tell `news` its number first and how it ended last."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    program = os.fork()
    if program == 0:
        os.close(news)
        _run(order, log)
    os.write(news, f"{program}\n".encode())
    _, status = os.waitpid(program, 0)
    os.write(news, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run(order: dict[str, Any], log: int) -> None:
    os.environ.update(order["environment"])
    for stream in (1, 2):
        os.dup2(log, stream)
    if order["fresh"]:
        os.execv(sys.executable, [sys.executable, *order["command"]])
    sys.argv = order["command"]
    code = 1
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
