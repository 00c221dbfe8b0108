"""The platforms' envelope cipher: sign, open and seal, with the previous key generation beside the current."""

from __future__ import annotations

import binascii
import hmac
import os
import re
import threading
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from channels.channel import Refused

_AES_KEY = re.compile(r"[A-Za-z0-9]{43}\Z")
# The platform pads to 32 bytes, not to the cipher's 16; a padding of 17 to 32 is half of all messages.
_BLOCK = 32
_PADDINGS = tuple(bytes([size]) * size for size in range(_BLOCK + 1))
_RANDOM_BYTES = 16
_POOL_BYTES = 4096
_HEAD_BYTES = _RANDOM_BYTES + 4


def signature_of(*parts: str) -> str:
    """sha1 over the sorted, undelimited parts, lower-case hex (developer.work.weixin.qq.com 90968)."""
    return sha1(_joined(parts), usedforsecurity=False).hexdigest()


def _joined(parts: tuple[str, ...]) -> bytes:
    # A lone surrogate cannot come from the wire, but must not crash who calls with one.
    return "".join(sorted(parts)).encode("utf-8", "replace")


class _Contexts(threading.local):
    """One running decryption and encryption per thread; a context may not be shared.

    OpenSSL's making of a context costs more than its use, so each runs on from message to message.
    In CBC that changes only the first block: it is mixed with the last block of the message before
    instead of the IV. The platform's frames begin with 16 random bytes that nobody looks at, so a
    decrypted frame is right from its 17th byte on, and an encrypted one merely carries other random
    bytes (random, mixed with something known, is as random).
    """

    def __init__(self, cipher: Cipher[CBC]) -> None:
        self.decrypt = cipher.decryptor().update
        self.encrypt = cipher.encryptor().update


class RandomPool(threading.local):
    """Random bytes drawn 4 kB at a time: each call of os.urandom lets another thread in (measured)."""

    def __init__(self) -> None:
        self._left = b""

    def draw(self, count: int) -> bytes:
        """*count* bytes (at most 4,096) from the system's generator, never given twice."""
        if len(self._left) < count:
            self._left = os.urandom(_POOL_BYTES)
        drawn, self._left = self._left[:count], self._left[count:]
        return drawn


class Seal:
    """One generation of token and EncodingAESKey for one receive id. Safe to use from many threads.

    *receive_id* is the CorpID of a WeCom app, the AppID of an Official Account, "" for an aibot.
    Raises ValueError for a key that is not 43 letters and digits.
    """

    __slots__ = ("_cipher", "_contexts", "_random", "_receive_id", "_token")

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._random = RandomPool()
        if not _AES_KEY.match(aes_key):
            raise ValueError("EncodingAESKey must be exactly 43 letters and digits")
        # 43 characters carry 258 bits; the platform's own sample key has the two spare ones set,
        # which a strict decoder refuses.
        key = binascii.a2b_base64(aes_key + "=")
        self._token = token
        self._cipher = Cipher(AES(key), CBC(key[:16]))
        self._contexts = _Contexts(self._cipher)
        self._receive_id = receive_id.encode()

    def __repr__(self) -> str:
        return "Seal(…)"

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        return signature_of(self._token, timestamp, nonce, encrypted)

    def is_signed(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> bool:
        """Compared in constant time, as bytes: compare_digest raises on non-ASCII text."""
        expected = self.sign(timestamp, nonce, encrypted).encode()
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))

    def open(self, encrypted: str) -> bytes:
        """The message inside *encrypted* (base64). Raises Refused for anything but a perfect frame."""
        frame = self._decrypted(encrypted)
        padding = frame[-1]
        if not 1 <= padding <= _BLOCK or not frame.endswith(_PADDINGS[padding]):
            raise Refused("bad_padding")
        end = len(frame) - padding
        start = _HEAD_BYTES
        stop = start + int.from_bytes(frame[_RANDOM_BYTES:start], "big")
        if start > end or stop > end:
            raise Refused("bad_length")
        if not hmac.compare_digest(frame[stop:end], self._receive_id):
            raise Refused("bad_receiveid")
        return frame[start:stop]

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            data = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:  # binascii.Error is one, non-ASCII text raises the other
            raise Refused("bad_base64") from error
        # The smallest frame is 20 bytes, padded to 32; so no padding is ever read from the first block.
        if len(data) < _BLOCK or len(data) % 16:
            raise Refused("bad_block")
        return self._contexts.decrypt(data)

    def close(self, plaintext: bytes) -> str:
        """*plaintext* in the platform's frame with fresh random bytes, encrypted, as base64."""
        frame = self._framed(self._random.draw(_RANDOM_BYTES), plaintext)
        return binascii.b2a_base64(self._contexts.encrypt(frame), newline=False).decode("ascii")

    def close_with(self, random16: bytes, plaintext: bytes) -> str:
        """What close gives when the decrypted frame is to begin with *random16*: for known answers."""
        encryptor = self._cipher.encryptor()
        data = encryptor.update(self._framed(random16, plaintext)) + encryptor.finalize()
        return binascii.b2a_base64(data, newline=False).decode("ascii")

    def _framed(self, random16: bytes, plaintext: bytes) -> bytes:
        frame = b"".join((random16, len(plaintext).to_bytes(4, "big"), plaintext, self._receive_id))
        return frame + _PADDINGS[_BLOCK - len(frame) % _BLOCK]


class Keyring:
    """The current generation and, after a change in the console, the previous one.

    Messages sealed with the old key may arrive after a change (Official Account FAQ), and each must
    be answered with the generation that opened it.
    """

    __slots__ = ("_generations",)

    def __init__(self, current: Seal, previous: Seal | None = None) -> None:
        self._generations = (current,) if previous is None else (current, previous)

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> tuple[Seal, bytes]:
        """The generation that signed and sealed *encrypted*, and the message. Raises Refused."""
        reason = Refused("bad_signature")
        for seal in self._generations:
            if not seal.is_signed(signature, timestamp, nonce, encrypted):
                continue
            try:
                return seal, seal.open(encrypted)
            except Refused as refused:
                reason = refused
        raise reason
