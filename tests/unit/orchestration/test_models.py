"""What surrounds a run of dbt."""

from __future__ import annotations

import logging

import pytest

from orchestration.models import quiet_about_logs


class FullDisk:
    """A stream that takes nothing."""

    def write(self, _: str) -> None:
        raise OSError(28, "No space left on device")


def test_a_line_that_no_log_takes_prints_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("full")
    logger.addHandler(logging.StreamHandler(FullDisk()))
    with quiet_about_logs():
        logger.error("lost")
    assert capsys.readouterr().err == ""
    logger.error("told")
    assert "No space left on device" in capsys.readouterr().err
