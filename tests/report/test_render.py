"""A study's page, read as HTML."""

from __future__ import annotations

import re
import subprocess
import sys

import pandas as pd
import pytest

from dashboards.gather.frames import Frames
from dashboards.gather.numbers import typeset
from dashboards.pages.render import render_study, unbroken
from dashboards.pages.secrets import mask_secrets
from dashboards.sections.glossary import GLOSSARY, glossed
from tests.support.pages import EVIL, Reader, page_data
from tests.support.report_frames import (
    make_frames,
    make_small_frames,
    make_study,
)


def test_the_question_and_the_answer_come_first(parsed: Reader) -> None:
    headings = [words for tag, words in parsed.words if tag in ("h1", "h2")]
    assert headings[0].startswith("Decay between 0.098 and 2.1 (best 0.41, at learning rate")
    assert headings[1:4] == ["Use it", "Before you believe it", "Next"]
    assert headings[4:] == ["Evidence", "5 checks to look at, 26 passed", "Training", "Search",
                            "Machine", "Data & code"]  # fmt: skip
    assert any("How much decay" in words for words in parsed.text_of("p"))
    sentences = make_frames()["boundaries"].query("metric == 'val_loss'")["sentence"]
    whole = " ".join(words for _, words in parsed.words)
    for sentence in sentences:
        assert typeset(sentence) in whole


def test_glmnets_choices_are_said_to_be_no_boundaries(small: str) -> None:
    parsed = Reader(small)
    heading = parsed.text_of("th").index("lowest mean at, strongest within 1 SE")
    assert heading > parsed.text_of("th").index("underfitting starts")
    assert "0.12, 0.46" in parsed.text_of("td")
    (line,) = [words for words in parsed.text_of("abbr") if words == "1-SE rule"]
    assert small.index(line) < small.index("Neither is a boundary")


def test_terms_have_their_meaning_where_they_stand_and_in_a_list(parsed: Reader, page: str) -> None:
    marked = parsed.all("abbr")
    assert {str(each["title"]) for each in marked} <= set(GLOSSARY.values())
    assert len(marked) > 5
    assert set(GLOSSARY) <= set(parsed.text_of("dt"))
    assert glossed("tau & <tau> taut") == (
        f'<abbr title="{GLOSSARY["tau"]}">tau</abbr> &amp; &lt;tau&gt; taut'
    )


def test_words_of_the_engine_stand_in_machine_and_glossary_alone(page: str) -> None:
    text = re.sub(r'<section id="machine".*?</section>', "", page, flags=re.DOTALL)
    text = re.sub(r'<details class="fold" id="glossary">.*?</details>', "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|pre|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    found = re.findall(r"(?i)\b(slots?|rounds?|rungs?|ladders?|lambda\S*)\b", text)
    assert found == []


def test_nothing_on_the_page_points_outside(parsed: Reader) -> None:
    for tag, attributes in parsed.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            target = attributes.get(name)
            inside = target is None or target in ("index.html", "data:,") or target[0] == "#"
            assert inside, f"{tag} {name}={target}"
    assert not parsed.all("iframe")


def test_the_policy_lets_scripts_in_by_nonce_alone(parsed: Reader, small: str) -> None:
    policies = [m for m in parsed.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    policy = str(policies[0]["content"])
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    nonce = policy.split("'nonce-")[1].split("'")[0]
    scripts = parsed.all("script")
    assert [s["nonce"] for s in scripts if "type" not in s] == [nonce]
    assert {s.get("type") for s in scripts if "type" in s} == {"application/json", "text/plain"}
    assert "nonce-none" not in policy
    assert nonce not in small, "a nonce serves one page"


def test_charts_are_labelled_figures_with_their_data_beneath(parsed: Reader, page: str) -> None:
    figures = parsed.all("figure")
    assert len(figures) >= 12
    assert all(len(str(f["aria-label"])) > 20 for f in figures)
    charts = [str(d["id"]) for d in parsed.all("div") if d.get("class") == "chart"]
    tables = [str(d["data-table"]) for d in parsed.all("div") if d.get("class") == "unpacked"]
    stored = page_data(page)
    assert len(figures) == len(charts)
    assert charts == tables == list(stored["figures"]) == list(stored["tables"])
    assert all(table["rows"] for table in stored["tables"].values())


def test_the_page_is_small_enough_to_mail(page: str) -> None:
    assert len(page.encode()) < 850_000


def test_markup_in_names_stays_text(small: str) -> None:
    reader = Reader(small)
    assert EVIL in reader.text_of("a")
    assert not any("onmouseover" in attributes for _, attributes in reader.tags)
    assert not reader.all("b")
    assert small.count("</script>") == len(reader.all("script"))


def test_text_without_secrets_is_shown_as_it_is(parsed: Reader) -> None:
    text = make_study().text
    assert mask_secrets(text) == text
    assert text.strip() in parsed.text_of("code")


def test_a_studys_secrets_do_not_reach_its_page(small: str) -> None:
    assert "@host/db" in small
    assert "hunter2" not in small


def test_an_unfinished_study_without_results_has_a_page() -> None:
    frames = {name: frame.head(0) for name, frame in make_frames().items()}
    text = render_study(Frames(study=make_study(finished_at=None), **frames))
    assert "have not come to an end yet" in text


@pytest.mark.long
def test_a_large_study_keeps_its_best_trials() -> None:
    frames = make_small_frames()
    explore = frames["trials"].query("phase == 'explore'")
    many = pd.concat([explore] * 60, ignore_index=True)
    many["trial"] = range(1000, 1000 + len(many))
    frames["trials"] = pd.concat([frames["trials"], many], ignore_index=True)
    text = render_study(Frames(study=make_study(), **frames))
    assert len(text.encode()) < 1_600_000
    assert "every one of them is in the database" in text


def test_dates_are_written_in_utc(small: str) -> None:
    assert "2026-11-01 12:04 UTC" in small


def test_the_report_does_not_load_torch() -> None:
    code = (
        "import sys, dashboards.pages.report, dashboards.__main__; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_finished_page_says_nothing_of_a_launch(small: str) -> None:
    assert 'id="live"' not in small
    assert "data-written" not in small


def test_no_line_parts_a_number_from_its_interval() -> None:
    text = "0.0072 [0.0040, 0.011] …\n45.2 % of it"
    assert unbroken(text).replace("\N{NO-BREAK SPACE}", "_") == (
        "0.0072_[0.0040,_0.011]_…\n45.2_% of it"
    )
