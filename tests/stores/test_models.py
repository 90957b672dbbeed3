"""Models as plain files."""

import numpy as np
import pytest

from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.storage.models import read_model, write_model


def test_arrays_and_card_come_back_as_written(tmp_path):
    model, card = write_model(
        tmp_path / "new", "m", {"a": np.arange(3), "names": np.array(["x", "é"])}, {"n_cells": 7}
    )
    assert (model.name, card.name) == ("m.npz", "m.json")
    arrays, beside = read_model(tmp_path / "new", "m")
    assert arrays["a"].tolist() == [0, 1, 2]
    assert arrays["names"].tolist() == ["x", "é"]
    assert beside == {"n_cells": 7}


def test_a_model_without_its_card_is_missing(tmp_path):
    write_model(tmp_path, "m", {"a": np.arange(3)}, {})
    (tmp_path / "m.json").unlink()
    with pytest.raises(PathMissing, match=r"m\.json"):
        read_model(tmp_path, "m")


def test_pickled_objects_are_not_read(tmp_path):
    write_model(tmp_path, "m", {"a": np.arange(3)}, {})
    with (tmp_path / "m.npz").open("wb") as file:
        np.savez(file, a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FileDamaged):
        read_model(tmp_path, "m")
