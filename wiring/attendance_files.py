"""考勤图 and 考勤表 as bytes: a picture where one can be drawn and read, else the table, with the reason."""

from __future__ import annotations

from scheduler.drawing import Made, Sheet


def make_attendance_file(sheet: Sheet, is_picture: bool) -> Made:
    # Loaded with the first file that is asked for: typst and its font are no part of a start.
    from documents.attendance_picture import MOST_PEOPLE, NoChineseFont, attendance_picture

    note = ""
    if is_picture and len(sheet.grid.rows) > MOST_PEOPLE:
        note = "people"
    elif is_picture:
        try:
            picture = attendance_picture(sheet.grid, sheet.title, sheet.made_at)
            return Made("image", f"{sheet.stem}.png", picture)
        except NoChineseFont:
            note = "font"
    return table(sheet, note)


def table(sheet: Sheet, note: str) -> Made:
    from documents.attendance_table import MOST_PEOPLE, attendance_csv, attendance_xlsx

    is_long = len(sheet.grid.rows) > MOST_PEOPLE
    if is_long and not sheet.is_csv:
        note = note or "long"
    if sheet.is_csv or is_long:
        return Made("file", f"{sheet.stem}.csv", attendance_csv(sheet.grid), note)
    return Made("file", f"{sheet.stem}.xlsx", attendance_xlsx(sheet.grid, sheet.trace), note)
