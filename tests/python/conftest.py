# SPDX-License-Identifier: Apache-2.0
import pathlib

import numpy as np
import pytest

import openkpu

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture(params=["golden", pytest.param("both", marks=pytest.mark.skipif(
    not openkpu.has_rtl(), reason="built without the RTL"))])
def engine(request):
    """Each engine that this build has."""
    return request.param


@pytest.fixture
def examples():
    return ROOT / "examples"
