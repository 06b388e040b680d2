"""Python client of Plumb, an online/offline feature store server."""

from ._contract import ErrorCode, Status
from ._labels import KeysOf, ServerFile
from .answer import FeatureAnswer
from .client import Client
from .datasets import Dataset
from .errors import PlumbError
from .jobs import Job

__all__ = ["Client", "Dataset", "ErrorCode", "FeatureAnswer", "Job", "KeysOf", "PlumbError", "ServerFile", "Status"]
