"""Keep samples in a lake: append, bring together, read whole batteries."""

from pathlib import Path
from tempfile import TemporaryDirectory

from batteryloop.readers import read
from batteryloop.samples import sample_paths
from batteryloop.storage import open_lake

with TemporaryDirectory() as folder:
    lake = open_lake(Path(folder) / "lake")
    for path in sample_paths("leaf_cell_2013"):
        lake.append(read(path).frame)
    done = lake.compact()
    print(f"{done.n_files_before} files became {done.n_files_after}, with {done.n_rows:,} rows")
    for recording in lake.recordings():
        print(recording.frame["battery_id"][0], "from", recording.source.name.split("-")[0])
