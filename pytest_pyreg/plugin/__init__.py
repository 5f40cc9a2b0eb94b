"""The pytest plugin: options, the marker, the fixtures, and the requests in a failed test's report.

The only room that knows pytest.  pytest imports it in every run of every user, so nothing here imports anything else at
the top: what a fixture needs is loaded when it is first used.
"""

from __future__ import annotations

from pytest_pyreg.plugin.fixtures import (
    make_pyreg,
    pyreg,
    pyreg_address,
    pyreg_clock,
    pyreg_flavour,
    pyreg_gitea,
    pyreg_gitlab,
    pyreg_options,
    pyreg_pypi,
    pyreg_world,
)
from pytest_pyreg.plugin.hiding import pytest_runtest_logreport, pytest_sessionfinish, pytest_warning_recorded
from pytest_pyreg.plugin.markers import pytest_generate_tests, pytest_runtest_setup
from pytest_pyreg.plugin.reports import pytest_runtest_call, pytest_runtest_makereport
from pytest_pyreg.plugin.settings import pytest_addoption, pytest_configure
from pytest_pyreg.plugin.shared import pyreg_shared, pytest_configure_node, pytest_sessionstart, pytest_unconfigure

__all__ = [
    "make_pyreg",
    "pyreg",
    "pyreg_address",
    "pyreg_clock",
    "pyreg_flavour",
    "pyreg_gitea",
    "pyreg_gitlab",
    "pyreg_options",
    "pyreg_pypi",
    "pyreg_shared",
    "pyreg_world",
    "pytest_addoption",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_generate_tests",
    "pytest_runtest_call",
    "pytest_runtest_logreport",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_unconfigure",
    "pytest_warning_recorded",
]
