"""What is printed is read again, by another's reader."""

import io
import re

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.passport.carrier import code_svg, matrix_of, qr_png
from batteryloop.passport.carrier.symbols import LONGEST, QUIET

LINK = "https://id.example.com/01/09521234543213/10/L-7/21/A%2F42"
links = st.text("ABCDEFabcdef0123456789-._~:/?=&%+", min_size=1, max_size=120)


def raster(matrix, quiet, dots=4):
    light = np.pad(np.array(matrix, dtype=np.uint8), quiet)
    return np.kron(255 * (1 - light), np.ones((dots, dots), dtype=np.uint8)).astype(np.uint8)


def read(image):
    return [(code.format.name, code.text) for code in zxingcpp.read_barcodes(image)]


def drawn(svg, dots=4):
    """Paint the SVG's own path, as a printer would."""
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    image = np.full((height, width), 255, dtype=np.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        image[int(y), int(x) : int(x) + int(length)] = 0
    return np.kron(image, np.ones((dots, dots), dtype=np.uint8))


@pytest.mark.parametrize(("symbology", "name"), [("qr", "QRCode"), ("datamatrix", "DataMatrix")])
def test_a_digital_link_is_read_again_from_the_drawing(symbology, name):
    svg = code_svg(LINK, symbology, module_mm=0.5)
    assert read(drawn(svg)) == [(name, LINK)]


def test_a_qr_code_is_read_again_from_the_png():
    assert read(Image.open(io.BytesIO(qr_png(LINK)))) == [("QRCode", LINK)]


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
@given(text=links)
@settings(max_examples=40)
def test_any_link_is_read_again(symbology, text):
    image = raster(matrix_of(text, symbology), QUIET[symbology])
    assert [found for _, found in read(image)] == [text]


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
def test_a_scratched_code_is_still_read(symbology):
    image = raster(matrix_of(LINK, symbology), QUIET[symbology])
    middle = image.shape[0] // 2
    image[middle : middle + 6, middle : middle + 24] = 255
    assert [found for _, found in read(image)] == [LINK]


def test_the_drawing_is_as_large_as_its_modules():
    svg = code_svg(LINK, "qr", module_mm=0.5)
    n_modules = len(matrix_of(LINK, "qr")) + 2 * QUIET["qr"]
    assert f'width="{n_modules * 0.5:g}mm"' in svg
    assert LINK in svg  # said to a screen reader


@pytest.mark.parametrize("text", ["", "ä", "a\n", "a" * (LONGEST + 1)])
@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
def test_a_text_that_cannot_be_a_code_is_refused(symbology, text):
    with pytest.raises(InputWrong):
        matrix_of(text, symbology)


def test_the_longest_text_still_fits():
    for symbology in QUIET:
        text = "https://id.example.com/".ljust(LONGEST, "x")
        assert read(raster(matrix_of(text, symbology), QUIET[symbology]))[0][1] == text


def test_another_symbology_gets_the_nearest():
    with pytest.raises(NotKnown, match="datamatrix"):
        matrix_of(LINK, "data-matrix")
