"""Descent Lab: the bench on which every lesson stands.

A lesson imports what it needs by name, ``from descentlab import MLP, check, descend, train``.
Nothing is loaded before it is asked for, so the import is quick and matplotlib comes only with the
first picture.
"""

from importlib import import_module

__version__ = "0.1.0"

_MODULE_OF = {
    "MLP": "network",
    "AdamState": "states",
    "AdadeltaState": "states",
    "RmsState": "states",
    "BatchNormCache": "states",
    "train": "training",
    "descend": "training",
    "History": "training",
    "load_digits": "datasets",
    "Digits": "datasets",
    "Surface": "surfaces",
    "bowl": "surfaces",
    "valley": "surfaces",
    "saddle": "surfaces",
    "plateau": "surfaces",
    "rosenbrock": "surfaces",
    "check": "checking",
    "hint": "checking",
    "solution": "checking",
    "reset": "checking",
    "lint": "checking",
    "progress": "glance",
    "panels": "plots",
    "plot_paths": "plots",
    "plot_values": "plots",
    "plot_curves": "plots",
    "plot_images": "plots",
    "describe_paths": "plots",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name):
    """Load the module that holds `name`, the first time it is asked for (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
