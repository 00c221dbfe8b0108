"""/u/<token>: the page on which somebody hands in files, piece by piece; /f/<token>: one file, to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.uploads import AWAY, CHUNK_BYTES, Desk, Problem, Progress, Uploads
from messages.envelope import Reply

PIECE_BYTES: Final = 16 * 1024
RETRY_AFTER_S: Final = 1
TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
OLD_UPLOAD: Final = "请回到聊天窗口，回复「交报告」再拿一个链接。"
OLD_FILE: Final = "链接过期了，或文件已经换成新的。请回到聊天窗口，再要一次。"
# A link is a key: it must not go along to another site, nor stay in a cache.
PRIVATE: Final = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def upload_pages(
    uploads: Uploads, render: Callable[[Reply], str], unavailable: tuple[type[Exception], ...]
) -> Blueprint:
    """The page, what its script calls, and files for whoever was given a link. *unavailable*: what the
    database raises while it is away; the script tries again."""
    pages = Blueprint("upload", __name__)

    def desk(token: str) -> Desk:
        found = uploads.desk(token)
        if found == "unknown":
            abort(403)
        if found == "expired":
            abort(410)
        return found

    @pages.get("/u/<token>")
    def page(token: str) -> str:
        view = uploads.view(desk(token))
        sent = [render(line) for line in view.sent]
        return render_template("upload.html", view=view, sent=sent, chunk_bytes=CHUNK_BYTES)

    @pages.post("/u/<token>/files")
    def begin(token: str) -> Response:
        found = desk(token)
        said = request.get_json(silent=True)
        said = said if isinstance(said, Mapping) else {}
        size = said.get("size")
        begun = uploads.begin(
            found,
            text(said, "part"),
            text(said, "kind"),
            text(said, "name"),
            size if isinstance(size, int) else 0,
        )
        return problem(begun) if isinstance(begun, Problem) else jsonify(upload=begun)

    @pages.put("/u/<token>/files/<upload_id>")
    def append(token: str, upload_id: str) -> Response:
        found = desk(token)
        if (request.content_length or 0) > CHUNK_BYTES:
            raise RequestEntityTooLarge
        offset = request.args.get("offset", -1, type=int)
        return shown(uploads.append(found, upload_id, offset, pieces()))

    @pages.get("/u/<token>/files/<upload_id>")
    def progress(token: str, upload_id: str) -> Response:
        return shown(uploads.progress(desk(token), upload_id))

    @pages.get("/f/<token>")
    def file(token: str) -> Response:
        found = uploads.file(token)
        if found == "unknown":
            abort(403)
        if found == "expired":
            abort(410)
        ending = found.name.rpartition(".")[2].lower()
        answer = send_file(
            found.path,
            mimetype=TYPES.get(ending, "application/octet-stream"),
            as_attachment=True,
            download_name=found.name,
            etag=False,
            max_age=0,
        )
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer

    def shown(found: Progress | Problem) -> Response:
        if isinstance(found, Problem):
            return problem(found)
        said = render(found.said) if found.said is not None else ""
        return jsonify(state=found.state, offset=found.offset, verdict=found.verdict, said=said)

    def problem(found: Problem) -> Response:
        """503 where the same request may be sent again, else 422: what is sent is at fault."""
        answer = jsonify(problem=render(found.said))
        answer.status_code = 503 if found.may_retry else 422
        if found.may_retry:
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer

    def away(_error: Exception) -> Response:
        if request.endpoint in ("upload.page", "upload.file"):
            words = render_template("sorry.html", title="现在有点忙", advice="请过几秒钟再试。")
            return Response(words, 503, {"Retry-After": str(RETRY_AFTER_S)}, mimetype="text/html")
        answer = jsonify(problem=render(AWAY))
        answer.status_code = 503
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer

    def expired(_error: Exception) -> tuple[str, int]:
        advice = OLD_FILE if request.path.startswith("/f/") else OLD_UPLOAD
        return render_template("sorry.html", title="链接已经过期", advice=advice), 410

    def private(response: Response) -> Response:
        response.headers.update(PRIVATE)
        return response

    for kind in unavailable:
        pages.register_error_handler(kind, away)
    pages.register_error_handler(410, expired)
    pages.after_request(private)
    return pages


def pieces() -> Iterator[bytes]:
    """The body as it comes in, so that what arrived before a connection broke is kept."""
    while piece := request.stream.read(PIECE_BYTES):
        yield piece


def text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
