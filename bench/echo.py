"""The peer: a bare Flask + wechatpy echo as wechatpy's manual writes it for WeCom; it stores nothing."""

from __future__ import annotations

from flask import Flask, abort, request
from wechatpy.enterprise import create_reply, parse_message
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

PATH = "/wecom/callback"


def create_app(token: str, aes_key: str, corp_id: str) -> Flask:
    app = Flask(__name__)

    @app.route(PATH, methods=["GET", "POST"])
    def wechat() -> str:
        signature = request.args.get("msg_signature", "")
        timestamp = request.args.get("timestamp", "")
        nonce = request.args.get("nonce", "")
        crypto = WeChatCrypto(token, aes_key, corp_id)
        if request.method == "GET":
            echo_str = request.args.get("echostr", "")
            try:
                echo_str = crypto.check_signature(signature, timestamp, nonce, echo_str)
            except InvalidSignatureException:
                abort(403)
            return str(echo_str)
        try:
            plain = crypto.decrypt_message(request.data, signature, timestamp, nonce)
        except (InvalidSignatureException, InvalidCorpIdException):
            abort(403)
        message = parse_message(plain)
        if message.type == "text":
            reply = create_reply(message.content, message).render()
        else:
            reply = create_reply("Can not handle this for now", message).render()
        return str(crypto.encrypt_message(reply, nonce, timestamp))

    return app
