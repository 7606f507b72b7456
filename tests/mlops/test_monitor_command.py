"""`mlops monitor`: files in, a table or JSON out, one clear line for what is wrong, exit codes with meaning."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from mlops.__main__ import main
from mlops.measuring.progress import progress
from mlops.monitors import saved

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a reference, the same of another day, one where `x` moved, and one that is small."""
    random = np.random.default_rng(1)
    for name, size, shift in (("reference", 9000, 0.0), ("same", 9000, 0.0), ("moved", 9000, 0.9), ("few", 40, 0.0)):
        table = pa.table({"x": random.normal(shift, 1, size), "c": random.choice(["a", "b", "c"], size)})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return tmp_path


def _run(folder: Path, *arguments: str) -> int:
    return main(["monitor", *(argument.replace("@", f"{folder}/") for argument in arguments)])


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "after", "is_shown"), [(_Terminal, 0.0, True), (_Terminal, 60.0, False), (io.StringIO, 0.0, False)]
)
def test_a_long_command_shows_how_far_it_is_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], after: float, *, is_shown: bool
) -> None:
    told = stream()
    monkeypatch.setenv("TERM", "xterm")

    with redirect_stderr(told), progress(after) as tell:
        tell(1, 4)
        tell(4, 4)

    assert ("counting columns" in told.getvalue()) is is_shown


@pytest.mark.parametrize(("current", "code"), [("same", 0), ("moved", 1), ("few", 4)])
def test_the_exit_code_says_whether_a_column_moved(folder: Path, current: str, code: int) -> None:
    assert _run(folder, "compare", "@reference.parquet", f"@{current}.parquet") == code


def test_a_later_look_has_a_smaller_share_of_the_false_alarms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All looks there will ever be share --alpha, so that a monitor may look for years."""
    shares = []
    for look in ((), ("--look", "1"), ("--look", "30")):
        _run(folder, "compare", "@reference.parquet", "@same.parquet", "--alpha", "0.05", *look, "--output", "json")
        shares.append(json.loads(capsys.readouterr().out)["alpha"])

    assert shares == [0.05, pytest.approx(0.0304, abs=1e-4), pytest.approx(3.38e-5, abs=1e-7)]


def test_saved_profiles_stand_for_their_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder, "profile", "@reference.parquet", "-o", "@r.profile") == 0
    assert _run(folder, "profile", "@moved.parquet", "--reference", "@r.profile", "-o", "@m.profile") == 0
    capsys.readouterr()
    said = []
    for reference, current in (
        ("reference.parquet", "moved.parquet"),
        ("r.profile", "moved.parquet"),
        ("r.profile", "m.profile"),
    ):
        assert _run(folder, "compare", f"@{reference}", f"@{current}", "--output", "json") == 1
        said.append(json.loads(capsys.readouterr().out))

    assert said[0] == said[1] == said[2]
    assert [(one["column"], one["kind"], one["verdict"]) for one in said[0]["columns"]] == [
        ("x", "numeric", "fail"),
        ("c", "categorical", "pass"),
    ]


def test_a_merge_is_the_profile_of_all_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run(folder, "profile", "@reference.parquet", "-o", "@r.profile")
    for name in ("same", "few"):
        _run(folder, "profile", f"@{name}.parquet", "--reference", "@r.profile", "-o", f"@{name}.profile")
    _run(folder, "profile", "@same.parquet", "@few.parquet", "--reference", "@r.profile", "-o", "@both.profile")
    capsys.readouterr()

    assert _run(folder, "merge", "@few.profile", "@same.profile", "-o", "@sum.profile") == 0

    assert capsys.readouterr().out.startswith(f"{folder}/sum.profile: 9,040 rows of 2 profiles in ")
    both, total = (saved.from_bytes((folder / f"{name}.profile").read_bytes()) for name in ("both", "sum"))
    assert (total.rows, total.sources, total.types) == (both.rows, both.sources, both.types)
    assert total.columns["c"] == both.columns["c"]
    assert total.columns["x"].rows == both.columns["x"].rows == 9040
    assert _run(folder, "merge", "@same.profile", "@same.profile", "-o", "@sum.profile") == 2


def test_the_table_names_what_moved_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run(folder, "compare", "@reference.parquet", "@moved.parquet")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["9,000", "rows", "of", "reference,", "9,000", "now:", "fail"]
    (head, first, second) = (line for line in lines if line[:1] in (["column"], ["x"], ["c"]))
    assert head == ["column", "kind", "verdict", "PSI", "distance", "p", "remarks"]
    assert (first[:3], first[4], second[:3]) == (["x", "numeric", "fail"], "*", ["c", "categorical", "pass"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "@absent.parquet", "@same.parquet"), "absent.parquet: there is no such file or folder"),
        (("compare", "@reference.parquet", "@cut.profile"), "cut.profile: the saved profile is damaged ("),
        (
            ("profile", "@same.parquet", "--reference", "@same.parquet", "-o", "@o"),
            "same.parquet: this is no saved profile",
        ),
        (
            ("profile", "@same.parquet", "-o", "@none/o.profile"),
            "o.profile: cannot be written (No such file or directory)",
        ),
        (("merge", "@gone.profile", "-o", "@o"), "gone.profile: cannot be read (No such file or directory)"),
        (
            ("compare", "@same.parquet", "@same.parquet", "--limit", "psi=1"),
            "no distance is called psi; there are popul",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    _run(folder, "profile", "@reference.parquet", "-o", "@cut.profile")
    (folder / "cut.profile").write_bytes((folder / "cut.profile").read_bytes()[:-30])
    before = sorted(folder.iterdir())
    capsys.readouterr()

    code = _run(folder, *arguments)

    told = capsys.readouterr()
    assert (code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert said in told.err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--alpha", "2"), "2 is no rate of false alarms: give one between 0 and 1, such as 0.01"),
        (("--alpha", "few"), "'few' is no number"),
        (("--look", "0"), "'0' is no number of a look: they are counted from 1"),
        (("--limit", "population_stability_index"), "is no limit: write population_stability_index=0.25"),
        (("--limit", "null_value_rate=-1"), "null_value_rate=-1: a limit is a number from 0 on"),
        (("--limit", "null_value_rate=nan"), "null_value_rate=nan: a limit is a number from 0 on"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        _run(folder, "compare", "@same.parquet", "@same.parquet", *option)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_init_proposes_what_a_project_may_hold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the terminal, or into a file; the reference is read in its own order to see how much it varies."""
    assert _run(folder, "init", "--reference", "@reference.parquet", "--rows-per-day", "300") == 0
    said = capsys.readouterr().out
    assert _run(folder, "init", "--reference", "@reference.parquet", "--rows-per-day", "300", "-o", "@m.yaml") == 0

    assert (folder / "m.yaml").read_text() == said
    assert [one["name"] for one in yaml.safe_load(said)["monitors"]] == [
        "nulls",
        "ranges",
        "volume",
        "drift",
        "drift-levels",
    ]
    random = np.random.default_rng(3)
    rising = {"x": np.sort(random.normal(size=900)), "y": np.repeat([0.0, 5.0, 0.0], 300) + random.normal(size=900)}
    pq.write_table(pa.table(rising), folder / "odd.parquet", row_group_size=70)
    capsys.readouterr()
    _run(folder, "init", "--reference", "@odd.parquet")
    found = capsys.readouterr().out
    assert "# x: goes one way from row to row" in found
    assert [one["name"] for one in yaml.safe_load(found)["monitors"]] == ["nulls", "ranges", "drift-restless"]


def test_the_report_is_one_file_that_says_what_moved_and_since_when(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three windows: nothing, then a move that stays."""
    (folder / "moved-too.parquet").write_bytes((folder / "moved.parquet").read_bytes())
    windows = ("@same.parquet", "@moved.parquet", "@moved-too.parquet")

    assert _run(folder, "report", "@reference.parquet", *windows, "-o", "@moved.html") == 0

    page = (folder / "moved.html").read_text()
    assert capsys.readouterr().out.startswith(f"{folder}/moved.html: 3 windows, ")
    rows = [
        re.findall(r"<t[dh][^>]*>(?:<a[^>]*>)?([^<]*)", row)
        for row in re.findall(r"<tr>(<th scope=.row.><a.*?)</tr>", page, re.DOTALL)
    ]
    assert [row[:3] for row in rows] == [["x", "fail", "moved"], ["c", "pass", ""]]
    assert len(re.findall("<circle class=.(pass|fail)", page)) == 6
    assert not re.search("https?://|<script|<link|@import|url\\(", page)


def test_the_report_of_a_wide_table_over_a_year_is_no_large_file(folder: Path) -> None:
    random = np.random.default_rng(2)
    for month in range(13):
        columns = {f"x{number}": random.normal(month / 20, 1, 400) for number in range(40)}
        levels = {f"c{number}": random.choice([f"level {n}" for n in range(60)], 400) for number in range(10)}
        pq.write_table(pa.table({**columns, **levels}), folder / f"{month:02}.parquet")

    _run(folder, "report", *(f"@{month:02}.parquet" for month in range(13)), "-o", "@wide.html")

    assert (folder / "wide.html").stat().st_size < 1_000_000


def test_a_comparison_needs_neither_pandas_nor_scipy_nor_the_loop(folder: Path) -> None:
    """They take longer to load than a million rows take to count."""
    program = (
        "import sys; from mlops.__main__ import main\n"
        f"main(['monitor', 'compare', '{folder}/reference.parquet', '{folder}/same.parquet', '--output', 'json'])\n"
        "slow = {'pandas', 'scipy', 'azure', 'sqlalchemy', 'rich', 'pydantic'}\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(*sorted(loaded & slow), 'mlops.ports' in sys.modules, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "False"
