"""For all tests."""

import pytest
from aiohttp import web_app


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """aiohttp remembers the handlers of a thousand applications, and so keeps every one that a test opened, with all that it knows."""
    web_app._cached_build_middleware.cache_clear()
