"""The door for pytest: fixtures over one scan a session, shared by all tests and by xdist's workers.

Loaded by every run of pytest where iacdrift is installed, so nothing but pytest is imported until a fixture asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from iacdrift.drift.report import DriftReport
    from iacdrift.pytest_session import NetworkHost
    from iacdrift.surface.expected import ExpectedSurface

NO_SCAN = "--iacdrift-no-scan: nothing is sent, so nothing can be said of the network"
OPTIONS = {
    "from": ("append", "a source: a state, a plan, a cdktf.out, KIND:PATH; repeatable"),
    "vantage": ("append", "where the scan stands: auto, internet, an address, a resource"),
    "ports": ("store", "declared, common, all, or Nmap's form"),
    "scope": ("append", "allow-list: an address outside it is refused; repeatable"),
    "control": ("append", "a host that answers, or refuses every port, from here; repeatable"),
    "fail-on": ("store", "the least severity that is drift: critical, high, medium, low"),
}
"""Options of `iacdrift check` that are pytest's too, as `--iacdrift-NAME` and `iacdrift_NAME` in the ini file; the rest stands in
`iacdrift.toml` and in the environment."""
_FIXTURES = frozenset({"network_drift", "assert_no_network_drift", "network_host"})
_REPORTED = pytest.StashKey["str"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--iacdrift-…` on the command line, `iacdrift_…` in the ini file."""
    group = parser.getgroup("iacdrift", "iacdrift: the network against the code")
    for name, (action, text) in OPTIONS.items():
        group.addoption(f"--iacdrift-{name}", action=action, default=None, metavar=name.upper(), help=text)
        kind: Any = "linelist" if action == "append" else "string"
        parser.addini(f"iacdrift_{name.replace('-', '_')}", text, type=kind, default=[] if action == "append" else "")
    group.addoption("--iacdrift-config", metavar="FILE", help="the options file; by default iacdrift.toml or pyproject.toml here")
    group.addoption("--iacdrift-no-scan", action="store_true", help="skip what needs a scan; nothing is sent")


def arguments(config: pytest.Config) -> list[str]:
    """The words for `iacdrift check`: the command line wins, then the environment, then the ini file, then iacdrift.toml."""
    words = ["--config", str(config.getoption("iacdrift_config"))] if config.getoption("iacdrift_config") else []
    for name in OPTIONS:
        key = name.replace("-", "_")
        value = config.getoption(f"iacdrift_{key}")
        if value is None and f"IACDRIFT_{key.upper()}" not in os.environ:
            value = config.getini(f"iacdrift_{key}")
        words += [word for item in ([value] if isinstance(value, str) else value or ()) if item for word in (f"--{name}", item)]
    return words


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item a host for tests that take `network_host`. Reads the sources and sends nothing."""
    if "network_host" in metafunc.fixturenames:
        from iacdrift.pytest_session import host_keys

        keys = host_keys(metafunc.config)
        metafunc.parametrize("network_host", keys, ids=[key.id for key in keys], indirect=True, scope="session")


@pytest.fixture(scope="session")
def expected_surface(request: pytest.FixtureRequest) -> ExpectedSurface:
    """What must, may and must not answer, as `iacdrift expect` tells it; nothing is sent."""
    from iacdrift.pytest_session import part_of_session

    return part_of_session(request.config).surface


@pytest.fixture(scope="session")
def _network_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DriftReport:
    """The report of this session's one scan, whatever its verdict."""
    if request.config.getoption("iacdrift_no_scan"):
        pytest.skip(NO_SCAN)
    from iacdrift.pytest_session import report_of_session

    report = report_of_session(request.config, tmp_path_factory.getbasetemp())
    request.config.stash[_REPORTED] = report.to_json()
    return report


@pytest.fixture(scope="session")
def network_drift(_network_report: DriftReport) -> DriftReport:
    """The session's report: in sync or drift. Where something wasn't learnt the fixture's setup raises, which is an error."""
    from iacdrift.pytest_session import refuse_incomplete

    __tracebackhide__ = True
    refuse_incomplete(_network_report)
    return _network_report


@pytest.fixture(scope="session")
def assert_no_network_drift(network_drift: DriftReport, request: pytest.FixtureRequest) -> Callable[[], DriftReport]:
    """Call it: the network is what the code says, or the counterexample is raised."""

    def check() -> DriftReport:
        __tracebackhide__ = True
        from iacdrift.pytest_session import refuse_drift

        refuse_drift(network_drift, request.config)
        return network_drift

    return check


@pytest.fixture(scope="session")
def network_host(request: pytest.FixtureRequest, _network_report: DriftReport) -> NetworkHost:
    """One host of the model with what was found on it. A test that takes it fails where the host has drifted, whatever it does."""
    from iacdrift.pytest_session import NetworkHost

    __tracebackhide__ = True
    return NetworkHost.of(request.param, _network_report, request.config)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test that takes `network_host` and passes otherwise fails on that host's drift: as a failure of the test, not of its setup."""
    __tracebackhide__ = True
    result = yield
    host = pyfuncitem.funcargs.get("network_host")
    if host is not None and hasattr(host, "assert_in_sync"):
        host.assert_in_sync()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """The verdict among the properties of each test that rests on it, those whose setup fails included."""
    try:
        return (yield)
    finally:
        told = item.config.stash.get(_REPORTED, None)
        if told is not None and _FIXTURES & set(getattr(item, "fixturenames", ())):
            from iacdrift.pytest_session import properties

            item.user_properties.extend(properties(told))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The whole report among the properties of JUnit's file; a worker hands it to the process that writes that."""
    told = session.config.stash.get(_REPORTED, None)
    if told is None:
        return
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["iacdrift_report"] = told
        return
    from iacdrift.pytest_session import properties

    for plugin in session.config.pluginmanager.get_plugins():
        record: Callable[[str, str], None] | None = getattr(plugin, "add_global_property", None)
        if record is not None:
            for name, value in (*properties(told), ("iacdrift_report", told)):
                record(name, value)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker of xdist hands over."""
    told = (getattr(node, "workeroutput", None) or {}).get("iacdrift_report")
    if told is not None:
        node.config.stash[_REPORTED] = told
