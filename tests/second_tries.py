"""A plugin for whole runs of the tests: who passes only on a second try is named, and many of them fail the run.

Twelve thousand tests with real servers, browsers and databases meet a machine that stops for a second now and then.
One such moment should not hide what all others found; but a test that needs its second try is one to mend.
"""

import pytest

MOST = 3
"""Second tries of a run that may still pass."""


def _tries(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    failed = {report.nodeid for outcome in ("failed", "error") for report in reporter.stats.get(outcome, [])}
    return [report.nodeid for report in reporter.stats.get("rerun", []) if report.nodeid not in failed]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that too many tests passed by luck."""
    if len(_tries(session.config)) > MOST and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name each, so that it is mended."""
    tries = _tries(config)
    if tries:
        terminalreporter.section(f"{len(tries)} second tries ({MOST} may be)")
        for nodeid in tries:
            terminalreporter.write_line(nodeid)
