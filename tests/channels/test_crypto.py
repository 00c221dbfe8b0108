"""The envelope cipher: recorded vectors, wechatpy as a second opinion, and every way to be wrong."""

from __future__ import annotations

import binascii
import threading
import time

import pytest
from wechatpy.enterprise.crypto import PrpCrypto

from channels.channel import Refused
from channels.crypto import Keyring, Seal, signature_of
from tests.channels.vectors import Vector, vector_id, vectors
from tests.channels.wire import CORP, KEY, OLD_SEAL, SEAL, TOKEN, signed_query

ENCRYPTED = vectors("encrypted_public")
SIGNED = [vector for vector in ENCRYPTED if vector["signature"]]
TEXTS = ["", "签到", "0", "a" * 31, "a" * 32, "科研论文写作 " * 300, "\U0001f44d]]>\n"]


def seal_of(vector: Vector) -> Seal:
    return Seal(vector["token"] or "", vector["encoding_aes_key"], vector["receiveid"])


@pytest.mark.parametrize("vector", ENCRYPTED, ids=vector_id)
def test_a_recorded_ciphertext_opens_to_its_plaintext(vector: Vector) -> None:
    assert seal_of(vector).open(vector["encrypt"]) == vector["plaintext"].encode()


@pytest.mark.parametrize("vector", ENCRYPTED, ids=vector_id)
def test_a_recorded_plaintext_with_its_random_bytes_closes_to_the_same_ciphertext(vector: Vector) -> None:
    random16 = bytes.fromhex(vector["random16_hex"])

    assert seal_of(vector).close_with(random16, vector["plaintext"].encode()) == vector["encrypt"]


@pytest.mark.parametrize("vector", SIGNED, ids=vector_id)
def test_a_recorded_signature_is_right(vector: Vector) -> None:
    signed = (vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert seal_of(vector).is_signed(*signed)


@pytest.mark.parametrize("vector", vectors("signatures"), ids=lambda vector: vector["use"])
def test_a_signature_is_the_hash_of_the_sorted_parts(vector: Vector) -> None:
    assert signature_of(*vector["parts"]) == vector["sha1"]


@pytest.mark.parametrize("text", TEXTS)
def test_wechatpy_opens_what_we_close(text: str) -> None:
    closed = SEAL.close(text.encode())

    assert PrpCrypto(binascii.a2b_base64(KEY + "=")).decrypt(closed, CORP) == text


@pytest.mark.parametrize("text", TEXTS)
def test_we_open_what_wechatpy_closes(text: str) -> None:
    closed = PrpCrypto(binascii.a2b_base64(KEY + "=")).encrypt(text, CORP).decode()

    assert SEAL.open(closed) == text.encode()


def test_an_empty_receive_id_opens_only_with_an_empty_receive_id() -> None:
    aibot = Seal(TOKEN, KEY, "")

    assert aibot.open(aibot.close(b"{}")) == b"{}"
    with pytest.raises(Refused):
        SEAL.open(aibot.close(b"{}"))
    with pytest.raises(Refused):
        aibot.open(SEAL.close(b"{}"))


def test_two_closings_of_one_text_differ() -> None:
    assert SEAL.close(b"x") != SEAL.close(b"x")


def test_messages_of_many_threads_do_not_mix() -> None:
    start = threading.Barrier(8)
    wrong: list[bytes] = []

    def talk(thread: int) -> None:
        start.wait()
        for number in range(200):
            said = f"{thread}:{number}".encode() * (number + 1)
            if SEAL.open(SEAL.close(said)) != said:
                wrong.append(said)

    threads = [threading.Thread(target=talk, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_the_random_bytes_of_frames_in_a_row_are_all_different() -> None:
    decryptor = PrpCrypto(binascii.a2b_base64(KEY + "=")).cipher

    heads = {decryptor.decrypt(binascii.a2b_base64(SEAL.close(b"x")))[:16] for _ in range(100)}

    assert len(heads) == 100


def test_every_wrong_padding_is_refused() -> None:
    encryptor = SEAL._cipher.encryptor  # the frame is built by hand to be wrong in one byte
    frame = b"r" * 16 + (3).to_bytes(4, "big") + b"abc" + CORP.encode()
    size = 32 - len(frame) % 32
    wrong = [bytes([0]) * size, bytes([33]) * 33, bytes([255]) * size, b"\x05" + bytes([size]) * (size - 1)]

    for padding in wrong:
        padded = frame + padding
        padded = b"\0" * (-len(padded) % 16) + padded
        sealing = encryptor()
        data = binascii.b2a_base64(sealing.update(padded) + sealing.finalize(), newline=False).decode()
        with pytest.raises(Refused):
            SEAL.open(data)


@pytest.mark.parametrize("length", [4, 2**31, 2**32 - 1])
def test_a_length_beyond_the_frame_is_refused(length: int) -> None:
    frame = b"r" * 16 + length.to_bytes(4, "big") + b"abc" + CORP.encode()
    padding = 32 - len(frame) % 32
    sealing = SEAL._cipher.encryptor()
    data = sealing.update(frame + bytes([padding]) * padding) + sealing.finalize()

    with pytest.raises(Refused):
        SEAL.open(binascii.b2a_base64(data, newline=False).decode())


@pytest.mark.parametrize(
    "encrypted", ["", "=", "====", "QUJD", "@@@@", "签到", "QUJD\nQUJD", "QUJDR" * 16, "A" * 64]
)
def test_what_is_no_ciphertext_is_refused(encrypted: str) -> None:
    with pytest.raises(Refused):
        SEAL.open(encrypted)


@pytest.mark.parametrize(
    "key", ["", "a" * 42, "a" * 44, "a" * 42 + "+", "a" * 42 + "=", "a" * 43 + "\n", "键" * 43]
)
def test_a_key_that_is_not_43_letters_and_digits_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Seal(TOKEN, key, CORP)


@pytest.mark.parametrize("signature", ["", "错" * 40, "0" * 40, "\ud800", "a" * 5000])
def test_a_wrong_signature_is_wrong_whatever_it_is_made_of(signature: str) -> None:
    assert not SEAL.is_signed(signature, "1", "2", "abc")


def test_the_repr_of_a_seal_tells_no_secret() -> None:
    assert repr(SEAL) == "Seal(…)"


def test_a_keyring_answers_with_the_generation_that_opened_the_message() -> None:
    keyring = Keyring(SEAL, OLD_SEAL)
    new, old = SEAL.close(b"new"), OLD_SEAL.close(b"old")

    assert keyring.open(*signed(new, SEAL)) == (SEAL, b"new")
    assert keyring.open(*signed(old, OLD_SEAL)) == (OLD_SEAL, b"old")


def test_a_previous_generation_may_have_had_another_token() -> None:
    old = Seal("anothertoken", KEY, CORP)
    closed = old.close(b"old")

    assert Keyring(SEAL, old).open(*signed(closed, old)) == (old, b"old")


def test_without_a_previous_generation_its_messages_are_refused() -> None:
    with pytest.raises(Refused):
        Keyring(SEAL).open(*signed(OLD_SEAL.close(b"old"), OLD_SEAL))


def test_a_signature_of_one_generation_does_not_open_the_other() -> None:
    other = Seal("anothertoken", OLD_SEAL_KEY, CORP)
    closed = other.close(b"x")

    with pytest.raises(Refused):
        Keyring(SEAL, other).open(*signed(closed, SEAL))


OLD_SEAL_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def signed(encrypted: str, seal: Seal) -> tuple[str, str, str, str]:
    query = signed_query(encrypted, seal)
    return query["msg_signature"], query["timestamp"], query["nonce"], encrypted


def test_opening_64_kilobytes_takes_milliseconds() -> None:
    closed = SEAL.close(b"x" * 48_000)
    started = time.perf_counter()

    SEAL.open(closed)

    assert time.perf_counter() - started < 0.1
