"""Entry point: registers the commands and turns errors into one paragraph."""

from __future__ import annotations

import errno
import importlib
import os
import sqlite3
import sys

from data_contracts.errors import WorkledgerError
from orchestration.cli.app import FAILED, app

__all__ = ["app", "main"]

# One module a group of commands; importing it registers them.
COMMANDS = (
    "setup",
    "formats",
    "quarantine",
    "run",
    "read",
    "worklist",
    "versions",
    "close",
    "contributor",
    "people",
    "erase",
    "differences",
    "user_interface",
)

for _name in COMMANDS:
    importlib.import_module(f"orchestration.cli.{_name}")


def main() -> None:
    """Run the command line; a user's mistake ends in one paragraph on stderr and exit code 1."""
    try:
        app()
    except WorkledgerError as error:
        print(f"workledger: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        print("workledger: stopped. Nothing half-done is readable.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        told = _of_the_machine(error)
        if told is None:
            raise
        print(f"workledger: {told}", file=sys.stderr)
        sys.exit(FAILED)


REMEDIES = {
    errno.EACCES: "Give this user the right to it, or run as the user who has it.",
    errno.EPERM: "Give this user the right to it, or run as the user who has it.",
    errno.EROFS: "The disk is mounted read only.",
    errno.ENOSPC: "The disk is full. Nothing half-done is readable; make room and run it again.",
    errno.EDQUOT: "The quota is used up. Nothing half-done is readable; make room and run it again.",
    errno.ENOTDIR: "A file lies where a folder is expected.",
    errno.EEXIST: "A file lies where a folder is expected.",
}


def _of_the_machine(error: Exception) -> WorkledgerError | None:
    """Files, folders and disks that do not do as they should, told in one paragraph; None where it is a fault of ours."""
    if isinstance(error, OSError):
        remedy = REMEDIES.get(error.errno or 0, "")
        return WorkledgerError(error.strerror or str(error), where=str(error.filename or ""), remedy=remedy)
    # duckdb is imported by the commands that need it: only they can have raised its errors.
    duckdb = sys.modules.get("duckdb")
    if duckdb is not None and isinstance(error, duckdb.Error) and os.strerror(errno.ENOSPC) in str(error):
        # Whatever DuckDB calls it: a commit that found no room is an error of the transaction.
        return WorkledgerError(os.strerror(errno.ENOSPC), remedy=REMEDIES[errno.ENOSPC])
    if duckdb is not None and isinstance(error, duckdb.IOException):
        return WorkledgerError(str(error).strip().removeprefix("IO Error: ").splitlines()[0])
    if isinstance(error, sqlite3.OperationalError):
        return WorkledgerError(
            f"The ledger cannot be used: {error}",
            where="data/ledger.db",
            remedy="See that the workspace's data folder is there, may be written and is not on a full disk.",
        )
    return None


if __name__ == "__main__":
    main()
