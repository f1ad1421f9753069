"""No test of a whole connection may leave a file descriptor or a thread behind."""

from tests.scenarios.leaks import leaves_nothing

__all__ = ["leaves_nothing"]
