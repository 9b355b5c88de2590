"""The command line: check, run, status, best, export, import, migrate.

Exit codes: 0 done; 2 a mistake of the user, said in one line on stderr; 130 or 143 interrupted and
resumable; 1 a bug, with its traceback.
"""

from __future__ import annotations

import io
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from sweep.cli._leftover_threads import ending_without_threads
from sweep.cli._signals import exit_code, interrupt_behind, interruptible
from sweep.cli.console import discard_output, echo, echo_error, reporting_output_errors
from sweep.errors import StoreError, StudyError, SweepError
from sweep.records.trial import Phase, Progress
from sweep.runtime.exits import watched_exits
from sweep.runtime.files import atomic_file, reporting_file_errors
from sweep.runtime.imports import quick_imports

app = typer.Typer(
    help="How much regularization a PyTorch model needs, of which kind, on which layers.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for arguments that it does not understand: click's UsageError, which typer has
no name for. Older versions take it from click, newer ones from a copy of their own, so it can be
imported from neither place.
"""

Database = Annotated[
    str | None,
    typer.Option(help="sqlite:///FILE or postgresql://...; default SWEEP_DATABASE or sweep.db"),
]
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="the study file")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        echo(f"regsweep {metadata.version('regsweep')}")
    elif context.invoked_subcommand is None:
        echo(context.get_help())
        raise typer.Exit(2)


@app.command()
def check(study_file: StudyFile, device: Device = None) -> None:
    """Validate everything that can be known before training."""
    with quick_imports():
        from sweep.cli.progress import shown_steps
        from sweep.phases.check import check as check_study
        from sweep.study.loading import load_study

    study = load_study(study_file)
    with shown_steps():
        checked = check_study(study, device)
    first, *others = checked.lines
    echo(f"{study_file}: {first}")
    for line in others:
        echo(line)


@app.command()
def run(
    study_file: StudyFile,
    database: Database = None,
    device: Device = None,
    launcher: Annotated[str, typer.Option(help="where runs are trained: local or ray")] = "local",
    workers: Annotated[
        int | None,
        typer.Option(help="processes or Ray actors that train; by default what is fastest"),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="write the report there while the study runs"),
    ] = None,
) -> None:
    """Run a study, or what is missing of it."""
    with quick_imports():
        from sweep.cli._report_writer import written_report
        from sweep.cli.progress import shown_progress
        from sweep.store.store import default_database, open_store
        from sweep.study.loading import load_study

    study = load_study(study_file)
    store = open_store(database)
    try:
        with (
            written_report(
                study.study.name, database or default_database(), report, store.masked_url
            ) as write,
            closing(store),
            interruptible(write.finish_late, write.missed),
            shown_progress(study) as show,
        ):
            with quick_imports():
                from sweep.phases.budget import planned_runs
                from sweep.phases.driver import run_study
                from sweep.phases.winner import check_winner

            def observer(progress: Progress) -> None:
                show(progress)
                write(progress)

            sentences = run_study(
                study, store, device=device, launcher=launcher, workers=workers, observer=observer
            )
            check_winner(study, store)
    except (KeyboardInterrupt, RuntimeError, OSError) as error:
        interrupt = interrupt_behind(error)
        if interrupt is None:
            raise
        echo_error(
            f"interrupted: what ended is stored in {store.masked_url}; launch again to go on"
        )
        raise SystemExit(exit_code(interrupt)) from None
    for sentence in sentences:
        echo(sentence)
    if not sentences and planned_runs(study, 0)[Phase.PATH]:
        lower = "" if study.training.loop is not None else "lower lr, or "
        echo(
            "no boundary: no penalty has a path, since none of its trials completed; "
            f"{lower}see the notes of the runs (export)"
        )
    if write.index is not None:
        echo(f"report: {write.index}")


@app.command()
def status(
    name: Annotated[str | None, typer.Argument(help="a study; without it all are listed")] = None,
    database: Database = None,
    text: Annotated[bool, typer.Option("--text", help="print the study's stored text")] = False,
) -> None:
    """Say what is stored: trials by phase and state, and the boundaries found."""
    from sweep.store.store import open_store

    with closing(open_store(database)) as store:
        names = store.study_names() if name is None else [name]
        if not names:
            echo(f"{store.masked_url}: no study yet")
        for study in names:
            stored = store.read_study(study)
            if text:
                echo(stored.text)
                continue
            runner = store.runner_of(study)
            state = f"under way in {runner}" if runner else "finished"
            if not runner and not stored.finished_at:
                state = "not finished, and nobody runs it: launch it again to go on"
            echo(f"{study}: {state}, started {stored.created_at:%Y-%m-%d %H:%M} UTC")
            phases: dict[str, list[str]] = {}
            for (phase, trial_state), n in sorted(store.counts(study).items()):
                phases.setdefault(phase, []).append(f"{n} {trial_state}")
            for phase in Phase:
                if phase in phases:
                    echo(f"  {phase}: {', '.join(phases[phase])}")
            for sentence in store.read_sentences(study, stored.objective):
                echo(f"  {sentence}")


@app.command()
def best(
    name: Annotated[str, typer.Argument(help="the study")],
    out: Annotated[Path, typer.Option(help="where to write the weights")] = Path("best.pt"),
    database: Database = None,
    study_file: Annotated[
        Path | None,
        typer.Option("--study", help="the study file, which names the functions that are run"),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="run functions that only the database names")
    ] = False,
) -> None:
    """Retrain the winner, write its weights and all else, and print how to train with it."""
    from sweep.phases.trusted import trusted_study
    from sweep.store.store import open_store

    with closing(open_store(database)) as store:
        stored = store.read_study(name)
        if stored.source:
            raise StoreError(
                f"{store.masked_url}: a study that was trained here must be named, found {name!r}, "
                f"imported from {stored.source}; its networks are where they were trained"
            )
        if not out.parent.is_dir():
            raise StudyError(f"--out: the folder must exist, found no {out.parent}; create it")
        with reporting_file_errors("--out", out):
            folder = out.is_dir()
        if folder:
            raise StudyError(f"--out: a file must be named, found the folder {out}; add a name")
        study = trusted_study(name, stored.text, stored.folder, file=study_file, trust=trust)

        with quick_imports():
            import torch

            from sweep.phases.best import content_of, lines_to_paste, retrain_best

        winner = retrain_best(study, store)
    if winner.weights:
        weights_file = io.BytesIO()
        torch.save(content_of(study, winner), weights_file)
        with reporting_file_errors("--out", out), atomic_file(out) as partial:
            partial.write_bytes(weights_file.getvalue())
    own = (study.study.metric.validation, study.study.metric.test)
    shown = ", ".join(
        f"{key} {winner.metrics[key]:.4g}"
        for key in dict.fromkeys(("val_loss", "test_loss", "test_accuracy", *own))
        if key in winner.metrics
    )
    where = out if winner.weights else f"no model, so no {out.name}"
    echo(f"{where}: {winner.trial.penalty} at {winner.trial.strength:.3g}, {shown}")
    echo(f"    {winner.of_one_run}")
    echo(
        "    the best in validation; the report says if it beats no regularization on the test rows"
    )
    echo("the same in your own training:")
    for line in lines_to_paste(study, winner, str(out)):
        echo(f"    {line}")


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="the study")],
    to: Annotated[Path, typer.Option(help="the folder to write into")],
    database: Database = None,
    format: Annotated[str, typer.Option(help="csv or parquet")] = "csv",
) -> None:
    """Write all frames of a study as files, the checks among them."""
    from sweep.checks.frame import checks_frame
    from sweep.store import frames
    from sweep.store.store import open_store

    if format not in ("csv", "parquet"):
        raise StudyError(f"--format: csv or parquet must be given, found {format!r}; choose one")
    with closing(open_store(database)) as store:
        store.check_study(name)
        with reporting_file_errors("--to", to):
            to.mkdir(parents=True, exist_ok=True)
        kinds = ("trials", "runs", "curves", "layers", "boundaries", "occupancy", "row_losses")
        with store.snapshot():
            tables = {kind: getattr(frames, f"{kind}_frame")(store, name) for kind in kinds}
            tables["checks"] = checks_frame(store, name)
    written = []
    for kind, frame in tables.items():
        path = to / f"{kind}.{format}"
        with reporting_file_errors("--to", path), atomic_file(path) as partial:
            if format == "csv":
                frames.plain_text(frame).to_csv(partial, index=False)
            else:
                frame.to_parquet(partial, index=False)
        written.append(f"{path}: {len(frame)} rows")
    for line in written:
        echo(line)


@app.command("import")
def import_(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="runs as csv or parquet")],
    name: Annotated[str, typer.Option(help="the name of the study that it becomes")],
    strength: Annotated[str, typer.Option(help="the column of strengths")],
    seed: Annotated[
        list[str], typer.Option(help="the column of seeds or folds; given again, several; '' none")
    ] = ["seed"],  # noqa: B006
    validation: Annotated[str, typer.Option(help="the column of validation losses")] = "val_loss",
    training: Annotated[
        str, typer.Option(help="the column of training losses; '' for none")
    ] = "train_loss",
    null_loss: Annotated[
        str | None, typer.Option(help="a constant predictor's loss: a column, or a number")
    ] = None,
    strongest_is_null: Annotated[
        bool, typer.Option("--strongest-is-null", help="the strongest strength is constant")
    ] = False,
    design: Annotated[
        str | None, typer.Option(help="what a seed stands for: holdout, resample, kfold or fresh")
    ] = None,
    n_folds: Annotated[int | None, typer.Option(help="parts, under kfold")] = None,
    n_train: Annotated[int | None, typer.Option(help="training rows of a run")] = None,
    n_validation: Annotated[int | None, typer.Option(help="validation rows of a run")] = None,
    penalty: Annotated[str | None, typer.Option(help="the column of penalties, or a name")] = None,
    setting: Annotated[
        list[str], typer.Option(help="a column of something else that was set; again for more")
    ] = [],  # noqa: B006
    epoch: Annotated[str | None, typer.Option(help="the column of epochs")] = None,
    question: Annotated[str, typer.Option(help="what the study asks")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="in place of another import of that name")
    ] = False,
    database: Database = None,
) -> None:
    """Make a study of runs that were trained elsewhere, with boundaries and a report."""
    from sweep.imports.from_frame import import_frame, number_or_column
    from sweep.store.store import open_store

    with closing(open_store(database)) as store:
        sentences = import_frame(
            table,
            store,
            name=name,
            strength=strength,
            seed=[column for column in seed if column],
            validation=validation,
            training=training or None,
            null_loss=number_or_column(null_loss),
            strongest_is_null=strongest_is_null,
            design=design,
            n_folds=n_folds,
            n_train=n_train,
            n_validation=n_validation,
            penalty=penalty,
            settings=setting,
            epoch=epoch,
            question=question,
            replace=replace,
        )
    for sentence in sentences:
        echo(sentence)


@app.command()
def migrate(database: Database = None) -> None:
    """Bring a database to this version's schema."""
    from sweep.store.store import open_store

    with closing(open_store(database)) as store:
        before, copy = store.migrate()
        after = store.schema_version()
        if before == after:
            echo(f"{store.masked_url}: already at schema version {after}")
        else:
            kept = f"; the file as it was is {copy}" if copy else ""
            echo(f"{store.masked_url}: schema version {before} is now {after}{kept}")


def main() -> None:
    """Runs a command in a process of its own, which ends when the command has."""
    with ending_without_threads():
        run_command()


def run_command() -> None:
    """Runs a command and turns a mistake of the user into one line and exit code 2."""
    try:
        with reporting_output_errors(), watched_exits():
            code = app(standalone_mode=False)
        if code == 130:  # typer's word for Ctrl-C
            raise typer.Abort
        raise SystemExit(code)
    except SweepError as error:
        fault = str(error)
    except USAGE_ERROR as error:
        words = " ".join(error.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
        fault = f"command line: {words}; add --help to see what it takes"
    except typer.Abort:
        echo_error("interrupted")
        raise SystemExit(130) from None
    except BrokenPipeError:
        discard_output()
        raise SystemExit(1) from None
    echo_error(fault)
    raise SystemExit(2)
