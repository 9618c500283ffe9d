"""The collector of cycles is out of the way inside, and afterwards as it was."""

from __future__ import annotations

import gc

import pytest

from iacdrift.model.collector import collector_paused


def test_it_is_off_inside_and_on_again_afterwards() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            pass
        assert not gc.isenabled(), "the inner one must not wake it for the outer one"
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_an_error_wakes_it_too() -> None:
    with pytest.raises(ValueError, match="no"), collector_paused():
        raise ValueError("no")
    assert gc.isenabled()


def test_who_has_turned_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_somebody_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with collector_paused():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()
