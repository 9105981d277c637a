"""Hearth's policy for Synapse: default deny in the rooms that speak of the people served.

Loaded by Synapse as ``hearth_policy.HearthPolicy``. ``rules.py`` says what a room takes, ``templates.py`` how
rooms are made, ``shapes.py`` what stands in an event; all three are pure. ``module.py`` is the only file that
knows Synapse.
"""

from .module import HearthPolicy

__all__ = ["HearthPolicy"]
