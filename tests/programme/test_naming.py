"""Whom 小李, 李老师, 王同学, a full name with last digits can mean."""

from __future__ import annotations

import pytest

from programme.naming import people_meant
from programme.people import Person, Role


def someone(name: str, number: str | None, role: Role = "student") -> Person:
    return Person(f"p{name}{number}", "2023", name, number, "研0", "甲组", frozenset({role}))


ROSTER = (
    someone("李老师", None, "lead"),
    someone("李明", "2023001"),
    someone("李四", "2023002"),
    someone("王明", "2023003"),
    someone("欧阳思宁", "2023004"),
    someone("张伟", "2023105"),
    someone("张伟", "2023206"),
    someone("张敬之", None, "mentor"),
)


@pytest.mark.parametrize(
    ("said", "last4", "names"),
    [
        ("李四", None, ["李四"]),
        ("小李", None, ["李老师", "李明", "李四"]),
        ("老王", None, ["王明"]),
        ("李老师", None, ["李老师"]),
        ("张老师", None, ["张敬之"]),
        ("张教授", None, ["张敬之"]),
        ("李同学", None, ["李明", "李四"]),
        ("小明", None, ["李明", "王明"]),
        ("思宁同学", None, ["欧阳思宁"]),
        ("思宁", None, ["欧阳思宁"]),
        ("欧阳", None, ["欧阳思宁"]),
        ("张伟", None, ["张伟", "张伟"]),
        ("张伟", "3105", ["张伟"]),
        ("张伟", "9999", []),
        ("小高", None, []),
        ("孙悟空", None, []),
        ("", None, []),
    ],
)
def test_a_name_means_everybody_who_is_called_so(said: str, last4: str | None, names: list[str]) -> None:
    found = people_meant(said, ROSTER, last4)

    assert [person.name for person in found] == names
