"""A list of names opens in a spreadsheet as what it is."""

from __future__ import annotations

from documents.delivery_list import delivery_list


def test_a_list_is_marked_as_utf8_and_holds_no_formula() -> None:
    written = delivery_list([("孙八", "未绑定"), ("=1+1", "＝坏"), ('张"三,', "-1")])

    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").split("\r\n") == [
        "姓名,原因",
        "孙八,未绑定",
        "'=1+1,'＝坏",
        '"张""三,",\'-1',
        "",
    ]
