"""The lake's promises, one suite for both kinds."""

import builtins
import runpy
import shutil
import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from batteryloop.errors import FileDamaged, InputWrong, NotKnown, OptionWrong
from batteryloop.record import BatteryIdentity
from batteryloop.storage import open_lake

BY = ["battery_id", "time", "current_a"]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "keep_a_lake.py"


def everything(lake):
    frames = list(lake.frames())
    return pl.concat(frames, how="diagonal").sort(BY) if frames else None


def of_rules(compacted):
    return [finding.rule for finding in compacted.findings]


# --- append and read


def test_what_is_appended_is_read_again(lake, samples):
    lake.append(samples("B1", soc_frac=0.5, cell_voltages_v=[3.0, 3.1]))
    (recording,) = lake.recordings()
    expected = samples("B1", soc_frac=0.5, cell_voltages_v=[3.0, 3.1])
    assert_frame_equal(
        recording.frame.select("soc_frac", "cell_voltages_v"),
        expected.select("soc_frac", pl.col("cell_voltages_v").cast(pl.List(pl.Float32))),
    )
    assert recording.source.format == f"batteryloop-lake-{lake.kind}"
    assert not recording.source.is_simulated


def test_readings_that_are_missing_from_a_list_stay_missing(lake, samples):
    lists = [[3.0, None], None, [3.1, 3.2]]
    frame = samples("B1", 3).with_columns(
        pl.Series("cell_voltages_v", lists, dtype=pl.List(pl.Float32))
    )
    lake.append(frame)
    lake.append(samples("B2", 3, cell_voltages_v=[3.0, 3.1]))
    read = everything(lake).select("cell_voltages_v")
    assert_frame_equal(read.head(3), frame.select("cell_voltages_v"))
    assert read.tail(3).to_series().null_count() == 0


def test_an_empty_lake_has_no_batteries(lake):
    assert lake.battery_ids() == []
    assert list(lake.recordings()) == []
    assert lake.n_parts == 0
    assert lake.scan().collect().is_empty()
    assert lake.compact().n_files_after == 0


def test_a_frame_without_rows_adds_no_file(lake, samples):
    lake.append(samples(n=0))
    assert lake.files() == []


def test_rows_of_one_battery_from_several_appends_come_as_one(lake, samples):
    lake.append(samples("B1", 3, start_s=3))
    lake.append(samples("B2", 2))
    lake.append(samples("B1", 3, start_s=0))
    assert_frame_equal(
        everything(lake), pl.concat([samples("B1", 6), samples("B2", 2)]), check_row_order=True
    )


def test_a_column_that_comes_later_is_null_before(lake, samples):
    lake.append(samples("B1", 2))
    lake.append(samples("B1", 2, start_s=2, soc_frac=0.25))
    for _ in range(2):
        (frame,) = lake.frames()
        assert frame["soc_frac"].to_list() == [None, None, 0.25, 0.25]
        assert lake.scan().collect().sort("time")["soc_frac"].null_count() == 2
        lake.compact()


def test_a_column_that_is_no_quantity_is_refused_with_the_nearest(lake, samples):
    with pytest.raises(NotKnown, match="did you mean soc_frac"):
        lake.append(samples().with_columns(soc_fra=pl.lit(0.5)))
    assert lake.files() == []


@pytest.mark.parametrize("name", ["battery_id", "time"])
def test_rows_of_nobody_or_of_no_time_are_refused(lake, samples, name):
    frame = samples().with_columns(pl.when(pl.col("current_a") > 2).then(pl.col(name)).alias(name))
    with pytest.raises(InputWrong, match="3 rows have no battery or no time"):
        lake.append(frame)


def test_names_with_any_letters_are_kept(lake, samples):
    names = ["Zelle Ä/1", "电池", 'a "b", c', "*", "../x"]
    for name in names:
        lake.append(samples(name, 2))
    lake.compact()
    assert lake.battery_ids() == sorted(names)
    assert lake.scan(["*"]).collect()["battery_id"].to_list() == ["*", "*"]


# --- scan


def test_a_scan_takes_only_what_is_asked_for(lake, samples, day):
    lake.append(samples("B1", 10))
    lake.append(samples("B2", 10, soc_frac=0.5))
    found = lake.scan(
        ["B1"], ["time", "current_a"], day.replace(second=3), day.replace(second=5)
    ).collect()
    assert found["current_a"].to_list() == [3.0, 4.0]
    assert found.columns == ["time", "current_a"]


def test_a_column_that_only_other_batteries_have_is_null(lake, samples):
    lake.append(samples("B1", 2))
    lake.append(samples("B2", 2, soc_frac=0.5))
    assert lake.scan(["B1"], ["soc_frac"]).collect()["soc_frac"].to_list() == [None, None]


def test_a_column_that_nobody_has_is_named(lake, samples):
    lake.append(samples())
    with pytest.raises(NotKnown, match="did you mean current_a"):
        lake.scan(columns=["curent_a"])


def test_a_scan_of_a_battery_that_is_not_there_is_empty(lake, samples):
    lake.append(samples("B1"))
    assert lake.scan(["B9"]).collect().is_empty()


# --- compaction


def test_after_a_compaction_each_battery_is_whole_in_one_sorted_zstd_file(lake, samples):
    for start_s in (6, 0, 3):
        for battery in ("B3", "B1", "B2"):
            lake.append(samples(battery, 3, start_s=start_s))
    lake.compact(target_rows=9)
    assert sorted(tuple(e.rows) for e in lake.files()) == [("B1",), ("B2",), ("B3",)]
    for entry in lake.files():
        path = lake.root / entry.name
        frame = pl.read_parquet(path)
        assert frame.equals(frame.sort("battery_id", "time"))
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_batteries_share_a_file_up_to_the_target_and_are_never_cut(lake, samples):
    for battery, n in (("A", 4), ("B", 4), ("C", 30), ("D", 4)):
        lake.append(samples(battery, n))
    lake.compact(target_rows=10)
    assert sorted(tuple(e.rows) for e in lake.files()) == [("A", "B"), ("C",), ("D",)]


def test_rows_that_are_there_twice_are_taken_out_and_reported(lake, samples):
    lake.append(samples("B1", 5))
    lake.append(samples("B1", 5, start_s=3))
    lake.append(samples("B2", 5))
    done = lake.compact()
    assert (done.n_duplicates, done.n_rows) == (2, 13)
    (finding,) = done.findings
    assert (finding.rule, finding.battery_id, finding.n_rows) == ("rows-twice", "B1", 2)


def test_rows_of_one_moment_that_differ_are_kept_in_their_order(lake, samples):
    step = samples("B1", 1).with_columns(current_a=pl.lit(5.0))
    frame = pl.concat([samples("B1", 1), step, samples("B1", 1, start_s=1)])
    lake.append(frame)
    assert lake.compact().n_duplicates == 0
    (kept,) = lake.frames()
    assert kept["current_a"].to_list() == [0.0, 5.0, 1.0]


def test_a_second_compaction_changes_nothing(lake, samples):
    for battery in ("A", "B", "C"):
        lake.append(samples(battery, 10))
    lake.compact(target_rows=20)
    before = {e.name for e in lake.files()}
    done = lake.compact(target_rows=20)
    assert {e.name for e in lake.files()} == before
    assert done.n_files_before == done.n_files_after == 2


def test_only_files_with_something_new_are_written_again(lake, samples):
    for battery in ("A", "B"):
        lake.append(samples(battery, 10))
    lake.compact(target_rows=10)
    of = {next(iter(e.rows)): e.name for e in lake.files()}
    lake.append(samples("B", 1, start_s=99))
    lake.compact(target_rows=10)
    now = {next(iter(e.rows)): e.name for e in lake.files()}
    assert now["A"] == of["A"]
    assert now["B"] != of["B"]


def test_files_of_one_battery_without_a_date_are_told_of_when_mixed(lake, samples):
    undated = samples("B1", 3).with_columns(pl.col("time") - pl.duration(days=19844))
    for _ in range(2):
        lake.append(undated)
    assert "undated-files-mixed" in of_rules(lake.compact())
    (recording,) = lake.recordings()
    assert recording.source.is_time_relative


def test_replaced_files_can_be_kept_for_who_still_reads_them(lake, samples):
    lake.append(samples("B1"))
    lake.append(samples("B1", start_s=5))
    lazy = lake.scan()
    lake.compact(keeps_replaced=True)
    assert len(lazy.collect()) == 10
    assert len(everything(lake)) == 10


def test_a_battery_is_given_once_though_a_compaction_comes_between(lake, samples):
    for battery in ("A", "B", "C"):
        for start_s in (0, 5):
            lake.append(samples(battery, 5, start_s=start_s))
    reading = open_lake(lake.root, target_rows=10).recordings()
    first = next(reading)
    lake.compact(target_rows=20)
    lake.append(samples("D", 5))
    rest = list(reading)
    whose = [b for part in [first, *rest] for b in part.frame["battery_id"].unique().to_list()]
    assert sorted(b for b in whose if b != "D") == ["A", "B", "C"]
    assert all(len(part.frame.filter(pl.col("battery_id") != "D")) % 10 == 0 for part in rest)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    appends=st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 6), st.integers(0, 12), st.booleans()),
        min_size=1,
        max_size=5,
    ),
    target_rows=st.integers(1, 20),
    compacts_after=st.integers(0, 5),
)
def test_appends_in_any_order_then_compacted_are_the_sorted_union(
    tmp_path, kind, samples, appends, target_rows, compacts_after
):
    shutil.rmtree(tmp_path / "any", ignore_errors=True)
    lake = open_lake(tmp_path / "any", kind=kind)
    frames = []
    for number, (battery, n, start_s, has_soc) in enumerate(appends):
        frames.append(samples(battery, n, start_s, **({"soc_frac": 0.5} if has_soc else {})))
        lake.append(frames[-1])
        if number == compacts_after:
            lake.compact(target_rows=target_rows)
    lake.compact(target_rows=target_rows)
    union = pl.concat(frames, how="diagonal").unique()
    names = union.columns
    order = [*BY, *(n for n in names if n == "soc_frac")]
    assert_frame_equal(everything(lake).select(names).sort(order), union.sort(order))
    assert sum(len(e.rows) for e in lake.files()) == len(lake.battery_ids())


# --- simulated and measured


def test_simulated_samples_say_so_in_name_and_foot_and_never_share_a_file(lake, samples):
    lake.append(samples("B1"))
    lake.append(samples("S1"), is_simulated=True)
    lake.append(samples("S1", start_s=5), is_simulated=True)
    for _ in range(2):
        for entry in lake.files():
            foot = pl.read_parquet_metadata(lake.root / entry.name)
            says = foot["batteryloop_is_simulated"] == "true"
            assert says == entry.is_simulated == ("SIMULATED" in entry.name) == ("S1" in entry.rows)
            assert foot["batteryloop_schema_version"] == "1"
        told = {r.frame["battery_id"][0]: r.source.is_simulated for r in lake.recordings()}
        assert told == {"B1": False, "S1": True}
        lake.compact()


# --- opening


def test_a_lake_is_found_again_by_what_is_in_it(lake, samples):
    lake.append(samples("B1"))
    again = open_lake(lake.root)
    assert (again.kind, again.battery_ids()) == (lake.kind, ["B1"])


def test_a_lake_is_opened_and_read_without_writing(lake, samples):
    lake.append(samples("B1"))
    before = {p: p.stat().st_mtime_ns for p in lake.root.rglob("*")} | {
        lake.root: lake.root.stat().st_mtime_ns
    }
    again = open_lake(lake.root)
    assert len(everything(again)) == 5
    assert again.scan().collect().height == 5
    assert again.identities() == {}
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())


def test_a_lake_of_another_kind_is_refused(lake):
    other = "delta" if lake.kind == "parquet" else "parquet"
    with pytest.raises(OptionWrong, match=f"is a {lake.kind} lake; allowed: a {other} lake"):
        open_lake(lake.root, kind=other)


def test_a_folder_of_other_things_is_no_lake(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OptionWrong, match="is no lake"):
        open_lake(tmp_path)
    with pytest.raises(OptionWrong, match="is no lake"):
        open_lake(tmp_path / "letter.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_without_the_extra_a_delta_lake_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_deltalake(name, *args, **kwargs):
        if name.split(".")[0] == "deltalake":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for name in [m for m in sys.modules if m.split(".")[0] == "deltalake"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_deltalake)
    with pytest.raises(OptionWrong, match=r'pip install "batteryloop\[delta\]"'):
        open_lake(tmp_path / "lake", kind="delta")


def test_other_delta_tools_read_the_same_samples(tmp_path, samples):
    lake = open_lake(tmp_path / "lake", kind="delta")
    lake.append(samples("B1", 3))
    lake.append(samples("B2", 3, soc_frac=0.5))
    for _ in range(2):
        theirs = pl.scan_delta(str(lake.root)).collect()
        assert_frame_equal(
            theirs.sort(BY), everything(lake), check_column_order=False, check_row_order=True
        )
        lake.compact()


def test_a_file_that_another_delta_tool_wrote_is_read_too(tmp_path, samples):
    from deltalake import write_deltalake

    lake = open_lake(tmp_path / "lake", kind="delta")
    lake.append(samples("B1", 3))
    write_deltalake(str(lake.root), samples("B1", 3, start_s=3), mode="append")
    write_deltalake(str(lake.root), samples("B2", 3), mode="append", schema_mode="merge")
    assert len(everything(lake)) == 9
    lake.compact()
    assert [dict(e.rows) for e in lake.files()] == [{"B1": 6, "B2": 3}]


# --- identities


def test_what_is_known_of_batteries_is_kept_beside_the_samples(lake):
    first = BatteryIdentity("B1", "LFP", 105.5, 96)
    lake.remember({"B1": first, "B2": BatteryIdentity("B2")})
    lake.remember({"B2": BatteryIdentity("B2", "NMC622")})
    assert open_lake(lake.root).identities() == {
        "B1": first,
        "B2": BatteryIdentity("B2", "NMC622"),
    }


def test_a_lake_that_nothing_was_said_about_knows_nothing(lake):
    assert lake.identities() == {}


def test_a_line_that_is_no_battery_is_named(lake):
    lake.remember({"B1": BatteryIdentity("B1", "LFP", 100.0)})
    path = lake.root / "_batteries.csv"
    path.write_text(path.read_text().replace("100.0", "-3"))
    with pytest.raises(FileDamaged, match="line 2 is no battery"):
        lake.identities()


# --- the manual


def test_the_example_of_the_manual_runs(capsys):
    runpy.run_path(str(EXAMPLE))
    assert "files became 1" in capsys.readouterr().out
