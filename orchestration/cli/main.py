"""Entry point: registers the commands and turns errors into one paragraph."""

from __future__ import annotations

import importlib
import sys

from data_contracts.errors import WorkledgerError
from orchestration.cli.app import FAILED, app

# One module a group of commands; importing it registers them.
COMMANDS = ("setup", "formats", "quarantine", "run", "read", "versions", "user_interface")

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


if __name__ == "__main__":
    main()
