"""The page of a project over HTTP, live while a build runs: what `edgewright serve` starts."""

from edgewright.server._app import app_of
from edgewright.server._run import serve
from edgewright.server._state import state

__all__ = ["app_of", "serve", "state"]
