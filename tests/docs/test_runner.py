"""The runner of pages takes what is true and refuses what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.runner import clean_environment, read_page, run_page


def run(tmp_path: Path, *lines: str, **options: dict[str, str]) -> list[str]:
    page = tmp_path / "page.md"
    page.write_text("\n".join(["# A page", "", *lines, ""]), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    return [one.out for one in run_page(page, folder, clean_environment(tmp_path), **options)]


def console(*lines: str) -> list[str]:
    return ["```console", *lines, "```"]


def test_folder_and_environment_go_on_from_command_to_command_and_fence_to_fence(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        *console("$ mkdir -p inner && cd inner", "$ export WORD='two words'"),
        "text",
        *console('$ echo "$WORD in $(basename "$PWD")"', "two words in inner"),
    )
    assert said[-1] == "two words in inner\n"


def test_filrouge_is_the_real_one_with_and_without_a_shell(tmp_path: Path) -> None:
    run(
        tmp_path,
        *console(
            "$ filrouge init thread --organisation 'Acme & Sons'",
            "wrote thread/filrouge.yaml",
            "...",
            "$ cd thread",
            "$ filrouge check",
            "Acme & Sons: ... No faults.",
            "...",
            "$ FILROUGE_DRIFT__HORIZON=many filrouge check  # a comment",
            "FILROUGE_DRIFT__HORIZON: ...",
            "$ echo $?",
            "2",
            "$ filrouge schema mapping | head -n 1",
            "{",
        ),
    )


def test_a_file_of_the_page_is_written_where_the_reader_stands(tmp_path: Path) -> None:
    text = ["```yaml file=inner/kpi.yaml", "a: 1", "```"]
    assert run(tmp_path, *text, *console("$ cat inner/kpi.yaml", "a: 1")) == ["a: 1\n"]


def test_a_page_may_add_to_a_file_that_is_there(tmp_path: Path) -> None:
    first, more = ["```yaml file=kpi.yaml", "a: 1", "```"], ["```yaml append=kpi.yaml", "b: 2", "```"]
    assert run(tmp_path, *first, *more, *console("$ cat kpi.yaml", "a: 1", "b: 2")) == ["a: 1\nb: 2\n"]
    (tmp_path / "folder" / "kpi.yaml").unlink()
    with pytest.raises(AssertionError, match=r"page\.md:4: kpi\.yaml is not there"):
        run(tmp_path, *more)


def test_a_command_may_go_on_over_lines(tmp_path: Path) -> None:
    assert run(tmp_path, *console("$ cat <<'END'", "> one", ">", "> two", "> END", "one", "", "two")) == [
        "one\n\ntwo\n"
    ]


def test_texts_may_stand_for_others_here(tmp_path: Path) -> None:
    instead = {"db.acme.example": "here"}
    said = run(tmp_path, *console("$ echo db.acme.example", "db.acme.example"), instead=instead)
    assert said == ["here\n"]


@pytest.mark.parametrize(
    "lines",
    [
        ["$ echo one", "two"],
        ["$ printf 'one\\ntwo\\n'", "one"],
        ["$ printf 'one\\ntwo\\n'", "two"],
        ["$ echo one", "one", "..two"],
        ["$ false"],
        ["$ false | true"],
        ["$ false", "$ echo $?", "0"],
        ["$ no-such-program"],
    ],
)
def test_what_is_not_so_is_refused_with_its_line(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:[45]: "):
        run(tmp_path, *console(*lines))


def test_what_nobody_would_run_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: a fence `sh` is not run"):
        read_page("```sh\nrm -rf /\n```\n")
    with pytest.raises(ValueError, match="line 2: what is said by no command"):
        read_page("```console\nfilrouge sync\n```\n")
