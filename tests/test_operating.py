"""What an operator does besides the first import: rosters that grow and shrink, copies, mistyped commands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import ran
from tests.wiring.running import ROOT, copied, environment, furnished

NOTICE = str(ROOT / "samples/notice.txt")
ROSTER = ROOT / "samples/roster.csv"
OTHER = "# 秋季读书班\n2023年9月\n\n9月4日（周一）14:30 《读书方法》\n9月11日（周一）14:30 《写作》\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    furnished(folder)
    return folder


def shortened(folder: Path, keep: int) -> str:
    """The sample roster with its first *keep* people."""
    path = folder / "名单.csv"
    path.write_text("".join(ROSTER.read_text("utf-8").splitlines(keepends=True)[: keep + 1]), "utf-8")
    return str(path)


def names_there(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "qiyue.db")) as connection:
        return {row[0] for row in connection.execute("select name from person where left_at is null")}


def test_a_roster_that_most_people_lack_changes_nothing_and_names_them(
    template: Path, tmp_path: Path
) -> None:
    env = copied(template, tmp_path / "data")
    few = shortened(tmp_path, 50)
    before = names_there(tmp_path / "data")

    refused = ran("roster", few, env=env)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert (
        "没有导入，什么都没有改：《七月集中学习安排》（2023 年）现在 57 人，按这份 50 人的名单，有 7 人会离开："
        in refused.stderr
    )
    assert refused.stderr.rstrip().endswith("确实要这样改，请再加上 --yes；先看会改什么，请加上 --dry-run。")
    assert names_there(tmp_path / "data") == before


def test_a_rehearsal_shows_who_would_leave_and_yes_lets_them_go(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    few = shortened(tmp_path, 2)

    shown = ran("roster", few, "--dry-run", env=env)
    there = len(names_there(tmp_path / "data"))
    done = ran("roster", few, "--yes", env=env)

    assert (shown.returncode, there) == (0, 57)
    assert "会新增 0 人，离开 55 人。\n会离开的：" in shown.stdout
    assert " 等 55 人。\n变动的人多，真要导入请加上 --yes。\n" in shown.stdout
    assert (done.returncode, len(names_there(tmp_path / "data"))) == (0, 2)


def test_three_may_leave_without_a_question(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")

    done = ran("roster", shortened(tmp_path, 54), env=env)

    assert (done.returncode, len(names_there(tmp_path / "data"))) == (0, 54)
    assert "新增 0 人，更新 0 人，离开 3 人。" in done.stdout


def test_other_names_under_the_same_numbers_are_other_people(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    path = tmp_path / "名单.csv"
    lines = ROSTER.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], *(f"新{line}" for line in lines[1:])]), "utf-8")

    refused = ran("roster", str(path), env=env)

    assert refused.returncode == 1
    assert "人学号没变、姓名变了：" in refused.stderr
    assert "王小明→新王小明" in refused.stderr or " 等" in refused.stderr


def test_whose_role_cohort_or_group_changes_is_counted(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    path = tmp_path / "名单.csv"
    lines = ROSTER.read_text("utf-8").splitlines()
    changed = [line.replace(",研0,", ",研1,").replace(",视频压缩组,", ",新组,") for line in lines]
    path.write_text("\n".join(changed), "utf-8")

    shown = ran("roster", str(path), "--dry-run", env=env)

    assert "会新增 0 人，离开 0 人，年级变动 23 人，换组 " in shown.stdout


def test_cohorts_that_the_notice_does_not_speak_of_are_pointed_out(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    path = tmp_path / "名单.csv"
    path.write_text("姓名,年级\n王一,硕一\n王二,研一\n王三,硕士研究生一年级\n", "utf-8")

    shown = ran("roster", str(path), "--dry-run", env=env)

    assert (
        "注意：通知里没有提到 硕1（2 人），他们不会被当作必须参加；通知写的是 研0、研1、研2。" in shown.stdout
    )


def test_with_two_programmes_a_roster_must_say_which(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    notice = tmp_path / "秋季.txt"
    notice.write_text(OTHER, "utf-8")

    imported = ran("import", str(notice), "--year", "2023", env=env)
    refused = ran("roster", str(ROSTER), env=env)
    chosen = ran("roster", str(ROSTER), "--programme", "七月集中学习安排", env=env)
    wrong = ran("roster", str(ROSTER), "--programme", "没有的", env=env)

    assert imported.returncode == 0, imported.stderr
    assert "下一步：导入名单 python bot.py roster 名单文件 --programme 2023-" in imported.stdout
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "有 2 个项目，不知道名单是哪一个的，什么都没有改。请加上其中一个：\n· --programme 2023-"
    )
    assert "《七月集中学习安排》（2023 年），现在 57 人" in refused.stderr
    assert chosen.stdout.startswith("《七月集中学习安排》（2023 年）的名单 57 人")
    assert wrong.stderr.startswith("没有唯一叫“没有的”的项目，什么都没有改。")


def test_a_first_import_ends_with_the_next_step(tmp_path: Path) -> None:
    env = environment(tmp_path)

    shown = ran("import", NOTICE, "--year", "2023", "--dry-run", env=env)
    done = ran("import", NOTICE, "--year", "2023", env=env)

    assert shown.stdout.rstrip().endswith("确认没问题，去掉 --dry-run 再运行一次。")
    assert done.stdout.rstrip().endswith("下一步：导入名单 python bot.py roster 名单文件")


def test_a_copy_brings_back_what_was_there(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    copy = tmp_path / "备份.db"

    made = ran("backup", str(copy), env=env)
    ran("roster", shortened(tmp_path, 2), "--yes", env=env)
    restored = ran("restore", str(copy), env=env)
    checked = ran("check", env=env)

    assert (made.returncode, restored.returncode) == (0, 0)
    assert made.stdout.startswith(f"已备份到 {copy}（")
    assert "请另外保管一份" in made.stdout
    assert len(names_there(tmp_path / "data")) == 57
    assert (checked.returncode, checked.stdout) == (0, "数据库完好。\n")
    assert len(list((tmp_path / "data").glob("qiyue.db.before-*T??????"))) == 1


def test_a_copy_is_never_written_over_another(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    copy = tmp_path / "备份.db"
    copy.write_text("wichtig", "utf-8")

    done = ran("backup", str(copy), env=env)

    assert (done.returncode, done.stderr) == (1, f"没有备份：{copy} 已经有了，不会盖掉它。请换一个文件名。\n")
    assert copy.read_text("utf-8") == "wichtig"


@pytest.mark.parametrize("command", [("check",), ("backup", "x.db")], ids=["check", "backup"])
def test_nothing_to_look_at_is_no_new_database(command: tuple[str, ...], tmp_path: Path) -> None:
    done = ran(*command, env=environment(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith(f"还没有数据库 {tmp_path / 'qiyue.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_step_by_hand_says_what_it_did(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")

    ran("tick", "--at", "2023-07-03T08:00", env=env)
    done = ran("tick", "--at", "2023-07-03T20:30", env=env)

    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stdout.startswith("走了一步：新排 ")
    assert not done.stdout.startswith("走了一步：新排 0 条")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("imprt", "x"), "没有“imprt”这个命令，是不是 import。看用法：python bot.py --help"),
        (("roster",), "还少 名单。看用法：python bot.py roster --help"),
        (("roster", "a", "b"), "多写了“b”。看用法：python bot.py roster --help"),
        (
            ("roster", "a", "--dry"),
            "没有“--dry”这个选项，是不是 --dry-run。看用法：python bot.py roster --help",
        ),
        (("roster", "a", "--dry-run=1"), "--dry-run 后面不写内容。看用法：python bot.py roster --help"),
        (
            ("import", "x", "--year", "今年"),
            "--year 要写整数，“今年”不是。看用法：python bot.py import --help",
        ),
        (("import", "/"), "通知：“/”是文件夹，请写文件。看用法：python bot.py import --help"),
        (("serve", "--port"), "--port 后面要写内容。看用法：python bot.py serve --help"),
        (("demo", "--speed", "快"), "--speed 要写数字，“快”不是。看用法：python bot.py demo --help"),
        *(
            (
                (command, "--port", port),
                f"--port 要写 1 到 65535 的整数，“{port}”不行。看用法：python bot.py {command} --help",
            )
            for command in ("serve", "demo")
            for port in ("99999", "-1", "0")
        ),
        *(
            (
                ("demo", "--speed", speed),
                f"--speed 要写大于 0、不超过 86400 的数，“{speed}”不行。看用法：python bot.py demo --help",
            )
            for speed in ("0", "-1", "nan", "inf")
        ),
        (("--config",), "--config 后面要写内容。看用法：python bot.py --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_was_mistyped_is_one_chinese_line(typed: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = ran(*typed, env=environment(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (2, "", said + "\n")


@pytest.mark.parametrize("command", ["", "roster", "import", "serve", "restore", "person"])
def test_help_has_no_english_but_names(command: str, tmp_path: Path) -> None:
    done = ran(*command.split(), "--help", env=environment(tmp_path))

    assert done.returncode == 0
    assert done.stdout.startswith("用法：python bot.py")
    for word in ("Usage", "Options", "Commands", "Show this", "INTEGER", "TEXT", "PATH", "FILE"):
        assert word not in done.stdout


@pytest.mark.parametrize(
    "typed", [("init",), ("doctor",), ("export", "x"), ("person", "forget", "王小明")], ids=str
)
def test_what_is_not_built_says_so(typed: tuple[str, ...], tmp_path: Path) -> None:
    done = ran(*typed, env=environment(tmp_path))

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"这个版本还没有 {typed[0]}（")


@pytest.mark.parametrize("name", ["通知.docx", "名单.xlsx", "没有.xlsx"])
def test_a_damaged_file_is_named_with_the_next_step(name: str, template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    path = tmp_path / name
    if name != "没有.xlsx":
        path.write_bytes(b"PK\x03\x04" + b"\0" * 300)

    done = ran("roster" if name.endswith("xlsx") else "import", str(path), env=env)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"{name}：" in done.stderr
    assert "请" in done.stderr
