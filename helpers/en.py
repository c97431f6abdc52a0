"""The names that notebooks use, in English."""

from . import __getattr__ as __getattr__
from .language import set_language

set_language("en")
