"""换项目: the last choice of an account counts, for as long as the caller says."""

from __future__ import annotations

from dataclasses import replace

from storage import programme_choices, programmes
from storage.database import Database
from tests.storage.samples import AT, PROGRAMME, P, later

OTHER = replace(PROGRAMME, programme_id="q", year=2024, sessions=(), occurrences=())


def test_the_last_choice_of_an_account_counts_since_a_moment(database: Database) -> None:
    database.write(lambda tx: programmes.save(tx, OTHER, AT))
    database.write(lambda tx: programme_choices.choose(tx, "wecom", "stu", P, AT))
    database.write(lambda tx: programme_choices.choose(tx, "wecom", "stu", "q", later(minutes=5)))

    def chosen(account: str, minutes: int) -> str | None:
        return database.read(
            lambda tx: programme_choices.chosen_since(tx, "wecom", account, later(minutes=minutes))
        )

    assert [chosen("stu", 0), chosen("stu", 5), chosen("stu", 6), chosen("other", 0)] == [
        "q",
        "q",
        None,
        None,
    ]
