import pytest

import swiftnn


def test_a_missing_file_is_what_python_calls_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.h5") as caught:
        swiftnn.load_model(tmp_path / "nothing.h5")
    assert isinstance(caught.value, swiftnn.FileError)
    with pytest.raises(swiftnn.FileError) as caught:
        swiftnn.load_model(tmp_path)
    assert not isinstance(caught.value, FileNotFoundError)
