"""How much is done, by hand or in CI, and the figures that a run has to show for it."""

import os

DEEP = os.environ.get("SWITCHBOARD_DEEP") == "1"

_figures = []


def amount(in_ci, deep):
    """A count: `deep` when SWITCHBOARD_DEEP=1, else `in_ci`."""
    return deep if DEEP else in_ci


def figure(name, value):
    """Notes a figure, to be printed when the run has ended."""
    _figures.append((name, value))


def figures():
    return list(_figures)
