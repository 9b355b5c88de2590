"""No password and no option of a database's URL is in a log, a traceback, a report or a row."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from sweep.errors import StoreError
from sweep.store.store import open_store
from tests.cli.test_app import call
from tests.system.test_full_disk import STUDY


def shown(error: BaseException) -> str:
    """As Python prints it in a notebook, with what was behind it; without the lines of tests."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(line for line in lines if not line.startswith("    "))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sweep.db", "write sqlite:///"),
        ("postgres://me:hunter2@host/db", "write postgresql://"),
        ("mysql://me:hunter2@host/db", "found mysql://"),
        ("postgresql://me:x@hunter2@host/db", "as %40"),
        ("postgresql://me:x/y@hunter2@host/db", ""),
        ("postgresql://me:hunter2@host:notaport/db", "write postgresql://user@host:5432"),
        ("sqlite://", "found a database in memory"),
        ("sqlite://sweep.db", "two slashes; write sqlite:///"),
        ("sqlite:///sweep.db?mode=ro&key=hunter2", "without options, found key, mode; leave out"),
        ("sqlite+aiosqlite:///sweep.db", "found sqlite+aiosqlite://"),
        ("host=db user=me password=hunter2 dbname=x", "write sqlite:///"),
    ],
)
def test_a_bad_url_gets_one_line_without_its_secret(url: str, words: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert words in str(caught.value)
    assert "hunter2" not in shown(caught.value)
    assert "\n" not in str(caught.value)


def test_the_url_that_is_shown_has_no_secret() -> None:
    store = open_store("postgresql://me:hunter2@host/db?sslpassword=hunter3")
    assert "hunter" not in store.masked_url


@pytest.mark.parametrize("option", ["sslmode=hunter2", "sslpassword=hunter2&password=hunter2"])
def test_the_drivers_own_words_show_no_value_of_the_urls_options(option: str) -> None:
    store = open_store(f"postgresql://me:hunter2@127.0.0.1:1/db?{option}")
    with pytest.raises(StoreError) as caught:
        store.study_names()
    assert option.partition("=")[0] in str(caught.value)
    assert "hunter2" not in shown(caught.value)


def test_a_sweep_leaves_no_secret_of_its_url_anywhere(
    postgres: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every logger is heard, down to the statements of the database."""
    server = sa.make_url(postgres).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE secrets")
    engine.dispose()
    url = server.set(database="secrets", password="hunter2").update_query_dict(
        {"application_name": "hunter3", "options": "-c work_mem=12345kB"}
    )
    secrets = ("hunter2", "hunter3", "12345kB")
    (tmp_path / "full.toml").write_text(STUDY)
    database = ("--database", url.render_as_string(hide_password=False))
    reports, wrong = str(tmp_path / "reports"), tmp_path / "wrong.toml"
    wrong.write_text(STUDY.replace("epochs = 2", "epochs = 3"))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
        said = [
            call("run", str(tmp_path / "full.toml"), *database),
            call("status", *database),
            call("export", "full", "--to", str(tmp_path / "tables"), *database),
            call("best", "full", "--out", str(tmp_path / "best.pt"), *database),
            call("--out", reports, *database, module="dashboards"),
            call("run", str(wrong), *database),
        ]
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert [done.returncode for done in said] == [0, 0, 0, 0, 0, 2], said
    assert "INSERT INTO regsweep_run" in caplog.text
    engine = sa.create_engine(server.set(database="secrets"))
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [repr(connection.execute(sa.select(t)).all()) for t in tables.sorted_tables]
    engine.dispose()
    assert len(rows) > 12
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 8
    for secret in secrets:
        assert secret not in caplog.text
        assert not any(secret in done.stdout + done.stderr for done in said)
        assert not any(secret in row for row in rows)
        assert not any(secret.encode() in content for content in files)
