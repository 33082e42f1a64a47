# SPDX-License-Identifier: Apache-2.0
"""Which KPU runs a layer. The RTL's module is imported only when it is asked for."""
from . import _golden

ENGINES = ("golden", "rtl", "both")


def _rtl_module():
    try:
        from . import _rtl
    except ImportError as error:
        raise _golden.Error(
            "engine=rtl: this openkpu was built without Verilator, expected golden") from error
    return _rtl


def has_rtl():
    """Whether the engines "rtl" and "both" are there."""
    try:
        _rtl_module()
    except _golden.Error:
        return False
    return True


def check_engine(engine):
    """Raises Error unless `engine` is one of ENGINES."""
    if engine not in ENGINES:
        raise _golden.Error(f"engine={engine}: expected one of {', '.join(ENGINES)}")


def rtl_backend(wave=None, wave_layer=0):
    """A new simulated KPU; `wave` is the FST file for the waves of KPU layer `wave_layer`."""
    return _rtl_module().make_backend("" if wave is None else str(wave), wave_layer)
