"""What the documentation tells a reader to type works, and docs/add-a-source.md works to the letter.

Blocks of bash run line by line in one folder that has a refreshed sample workspace as ``demo``. A block of another language whose
first line names a file (```yaml acme/workledger.yaml) is written there. ``# exit code 1`` in a line says that it is to fail.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Lines that are not run, and why.
SKIPPED = {
    "make ": "it sets up the whole environment or runs the whole of the tests, this one included",
    ".venv/bin/workledger ui": "it serves until somebody stops it",
}
Refreshed = tuple[Path, dict[str, Any]]


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the file it is to be saved as (or nothing), its text."""

    language: str
    file: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [
        Block(language, file.strip(), text) for language, file, text in BLOCK.findall(page.read_text(encoding="utf-8"))
    ]


def commands(text: str) -> Iterator[tuple[str, int]]:
    """(command, expected exit code) of a bash block, continued lines joined, comments dropped."""
    for line in text.replace("\\\n", " ").splitlines():
        expected = re.search(r"# exit code (\d+)", line)
        if words := shlex.split(line, comments=True):
            yield shlex.join(words), int(expected[1]) if expected else 0


@pytest.fixture
def folder(refreshed: Refreshed, tmp_path: Path) -> Path:
    """A folder as the reader has it: .venv, and the sample as demo."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    shutil.copytree(refreshed[0], tmp_path / "demo", symlinks=True)
    return tmp_path


def follow(page: Path, folder: Path) -> dict[str, str]:
    """Does what a page says, in order; gives what each command printed."""
    printed: dict[str, str] = {}
    for block in blocks(page):
        if block.file and block.language != "bash":
            target = folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "bash":
            for command, code in commands(block.text):
                if not command.startswith(tuple(SKIPPED)):
                    printed[command] = run(command, code, folder)
        elif block.language == "python":
            printed[block.text] = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(block.text)}", 0, folder)
    return printed


def run(command: str, code: int, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


WITH_COMMANDS = [page for page in PAGES if any(block.language in ("bash", "python") for block in blocks(page))]


@pytest.mark.parametrize(
    "page", [page for page in WITH_COMMANDS if page.name != "add-a-source.md"], ids=lambda page: str(page.name)
)
def test_the_commands_of_a_page_work(page: Path, folder: Path) -> None:
    assert follow(page, folder) or all(
        command.startswith(tuple(SKIPPED)) for block in blocks(page) for command, _ in commands(block.text)
    )


def test_add_a_source_works_to_the_letter(folder: Path) -> None:
    printed = follow(ROOT / "docs" / "add-a-source.md", folder)
    preview = "\n".join(text for command, text in printed.items() if " preview " in command)
    assert "5 rows read = 3 loaded + 0 merged + 1 quarantined + 1 filtered as total  (21.75 h loaded)" in preview
    (query,) = [text for command, text in printed.items() if " query " in command]
    assert re.findall(r"2026-01-\d\d +([\d.]+)", query) == ["7.50", "6.25", "8.00"]
    (listed,) = [text for command, text in printed.items() if command.endswith("quarantine -w acme")]
    assert "eight" in listed and "1 rows of 1 files" in listed
    retried = printed[".venv/bin/workledger quarantine retry -w acme"]
    assert "neither its format nor its source's settings have changed since" in retried


def test_the_drafted_format_of_the_page_is_only_a_draft(folder: Path) -> None:
    """The page says what the draft gets wrong: it is so, and the draft is replaced by the page's own file."""
    page = ROOT / "docs" / "add-a-source.md"
    (export,) = [block for block in blocks(page) if block.language == "csv"]
    (folder / "hours.csv").write_text(export.text, encoding="utf-8")
    draft = run(".venv/bin/workledger formats new hours.csv --name clock__hours --print", 0, folder)
    assert "duration_us" not in draft
    assert "%d.%m.%Y" in draft


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_command_is_named_in_the_documentation() -> None:
    from typer.main import get_command

    from orchestration.cli.main import app

    texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = sorted(getattr(get_command(app), "commands", {}))
    assert [name for name in names if f"workledger {name}" not in texts and f"`{name}`" not in texts] == []
