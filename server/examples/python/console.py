"""Printing that never ends in a traceback: not if the terminal lacks a character, nor if the reader has left."""

import os
import sys

# Names and chat are in any script; a terminal with another encoding shows ? for what it lacks.
# A stream that the caller has closed is None.
for stream in filter(None, (sys.stdout, sys.stderr)):
    stream.reconfigure(errors="replace", line_buffering=True)


def say(*values: object, **options: str) -> None:
    """Prints. When the reader has left, as after `| head -1`, or the disk is full, the program ends, after leaving the game."""
    try:
        print(*values, **options, flush=True)
    except OSError as error:
        # Python would try to write the rest at its end, and report that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0 if isinstance(error, BrokenPipeError) else f"error: cannot print: {error.strerror}")
