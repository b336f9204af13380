"""A plain stand-in for Saleor's Dashboard, which hosts an App's frames as the real one does."""

from sandbox.dashboard.server import Dashboard

__all__ = ["Dashboard"]
