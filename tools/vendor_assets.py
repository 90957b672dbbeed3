"""Fetch the pages' libraries from their npm packages into `web/static/vendor`, pinned by hash.

`python tools/vendor_assets.py` needs npm; what it writes is committed, so nobody else does.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

TARGET = Path(__file__).resolve().parents[1] / "src/batteryloop/web/static/vendor"


class Package(NamedTuple):
    """One npm package: its version, the hash of its archive, the files that are wanted."""

    name: str
    version: str
    sha256: str
    files: tuple[str, ...]


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "5fba65616ca148a86d377e9771bcada7f35faee3558651feb929eea425e13b3c",
        ("dist/htmx.min.js", "LICENSE"),
    ),
    Package(
        "uplot",
        "1.6.32",
        "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d",
        ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"),
    ),
    Package(
        "leaflet",
        "1.9.4",
        "84c65a256e50657896f54c33bd857b6849ebe94c817803be818bf32a3dde0b77",
        ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"),
    ),
    Package(
        "echarts",
        "6.1.0",
        "681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481",
        ("dist/echarts.min.js", "LICENSE"),
    ),
    Package(
        "world-atlas",
        "2.0.2",
        "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
        ("countries-110m.json", "LICENSE"),
    ),
)


def main() -> int:
    """Write every wanted file; return 1 if an archive is not the pinned one."""
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
            subprocess.run(command, cwd=folder, check=True)
            (archive,) = Path(folder).glob("*.tgz")
            if hashlib.sha256(archive.read_bytes()).hexdigest() != package.sha256:
                sys.stderr.write(f"{archive.name} is not the pinned archive\n")
                return 1
            _unpack(archive, package)
    return 0


def _unpack(archive: Path, package: Package) -> None:
    home = TARGET / package.name
    home.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in package.files:
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise FileNotFoundError(name)
            content = member.read()
            if name.endswith("countries-110m.json"):
                land = outlines(json.loads(content))
                (home / "countries.geojson").write_text(json.dumps(land, separators=(",", ":")))
            else:
                (home / Path(name).name).write_bytes(content)


def outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """Return a TopoJSON of countries as GeoJSON, in degrees to a hundredth.

    Examples
    --------
    >>> square = {"type": "Topology", "transform": {"scale": [1, 1], "translate": [0, 0]},
    ...           "arcs": [[[0, 0], [2, 0], [0, 2], [-2, -2]]],
    ...           "objects": {"countries": {"geometries": [
    ...               {"type": "Polygon", "arcs": [[0]], "properties": {"name": "Square"}}]}}}
    >>> outlines(square)["features"][0]["geometry"]["coordinates"]
    [[[0, 0], [2, 0], [2, 2], [0, 0]]]
    """
    (scale_x, scale_y), (zero_x, zero_y) = topology["transform"].values()
    arcs: list[list[list[float]]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append([round(x * scale_x + zero_x, 2), round(y * scale_y + zero_y, 2)])
        arcs.append(points)

    def ring(indices: list[int]) -> list[list[float]]:
        points: list[list[float]] = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += arc if not points else arc[1:]
        return points

    features = []
    for shape in topology["objects"]["countries"]["geometries"]:
        is_one = shape["type"] == "Polygon"
        polygons = [shape["arcs"]] if is_one else shape["arcs"]
        coordinates = [[ring(r) for r in polygon] for polygon in polygons]
        geometry = {
            "type": shape["type"],
            "coordinates": coordinates[0] if is_one else coordinates,
        }
        features.append(
            {
                "type": "Feature",
                "properties": {"name": shape["properties"]["name"]},
                "geometry": geometry,
            }
        )
    return {"type": "FeatureCollection", "features": features}


if __name__ == "__main__":
    sys.exit(main())
