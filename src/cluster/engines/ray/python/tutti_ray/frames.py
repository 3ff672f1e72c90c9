"""Frames and their text: src/net/frame.ts and src/core/json.ts once more, for Python."""

from __future__ import annotations

import json
import math
import re
import struct
from typing import Any, Optional, Tuple

LIMIT = 64 * 2**20
"""Largest message, in bytes, text and data together."""
HELLO_LIMIT = 2**16
"""Of what a caller says of itself, and of a goodbye."""
MESSAGE, MESSAGE_WITH_BYTES, HELLO, GOODBYE = 1, 2, 3, 4
_HEADER = struct.Struct('<4sIII')


def _padded(length: int) -> int:
    return (length + 7) // 8 * 8


def encode(kind: int, body: Any, data: Optional[bytes], limit: int) -> bytes:
    text = to_text(body)
    beside = 0 if data is None else memoryview(data).nbytes
    size = len(text) + beside
    if size > limit:
        raise ValueError(f'A message could not be sent: a message of {size} bytes is larger than the limit of {limit}. Send less at once.')
    head = _HEADER.pack(b'tutF', kind if data is None else MESSAGE_WITH_BYTES, len(text), beside)
    parts = [head, text, bytes(_padded(len(text)) - len(text))]
    if data is not None:
        parts += [data, bytes(_padded(beside) - beside)]
    return b''.join(parts)


class NoMessage(Exception):
    """What arrived is none; its text is the reason to close with."""


class Reader:
    """Takes a stream apart into frames; makes no room for one before its header was checked."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._head: Optional[Tuple[int, int, Optional[int]]] = None
        self._buffer = bytearray(_HEADER.size)
        self._filled = 0

    def room(self) -> memoryview:
        """Where the next bytes go; never empty."""
        return memoryview(self._buffer)[self._filled :]

    def take(self, count: int) -> Optional[Tuple[int, Any, Optional[bytes]]]:
        """So many bytes were put there. The frame that they complete, if they do."""
        self._filled += count
        if self._filled < len(self._buffer):
            return None
        if self._head is None:
            self._head = _read_header(self._buffer)
            _, text, data = self._head
            self._buffer = bytearray(_padded(text) + _padded(data or 0))
            self._filled = 0
            if self._buffer:
                return None
        kind, text, data = self._head
        start = _padded(text)
        body = _from_text(self._buffer[:text])
        beside = None if data is None else bytes(memoryview(self._buffer)[start : start + data])
        self._begin()
        return kind, body, beside


def _read_header(header: bytearray) -> Tuple[int, int, Optional[int]]:
    magic, kind, text, data = _HEADER.unpack(header)
    if magic != b'tutF' or not MESSAGE <= kind <= GOODBYE or (data > 0 and kind != MESSAGE_WITH_BYTES):
        raise NoMessage('what arrived is no message')
    limit = LIMIT if kind in (MESSAGE, MESSAGE_WITH_BYTES) else HELLO_LIMIT
    if text + data > limit:
        raise NoMessage(f'a message of {text + data} bytes is larger than the limit of {limit}')
    return (MESSAGE, text, data) if kind == MESSAGE_WITH_BYTES else (kind, text, None)


# JSON that also keeps NaN, the infinities and -0.0: as {"$number": "NaN"}. An object's own key '$number' gets another '$'.

_MARK = '$number'
_LIKE_MARK = re.compile(r'\$+number', re.DOTALL)
_NUMBERS = {'NaN': math.nan, 'Infinity': math.inf, '-Infinity': -math.inf, '-0': -0.0}


def to_text(body: Any) -> bytes:
    """One line."""
    try:
        return json.dumps(_marked(body), allow_nan=False, separators=(',', ':')).encode('ascii')
    except RecursionError:
        raise ValueError('A message could not be sent: it is nested too deep, or contains itself.') from None


def _marked(entry: Any) -> Any:
    if entry is None or isinstance(entry, (str, bool, int)):
        return entry
    if isinstance(entry, float):
        if math.isnan(entry):
            return {_MARK: 'NaN'}
        if math.isinf(entry):
            return {_MARK: 'Infinity' if entry > 0 else '-Infinity'}
        return {_MARK: '-0'} if entry == 0 and math.copysign(1, entry) < 0 else entry
    if isinstance(entry, (list, tuple)):
        return [_marked(item) for item in entry]
    if isinstance(entry, dict):
        for key in entry:
            if not isinstance(key, str):
                raise ValueError(f'A message could not be sent: the key {key!r} is no text. Send plain data only.')
        return {f'${key}' if _LIKE_MARK.fullmatch(key) else key: _marked(value) for key, value in entry.items()}
    raise ValueError(f'A message could not be sent: {type(entry).__name__} is no plain data. Send None, numbers, text, lists and dicts.')


def _from_text(text: bytearray) -> Any:
    try:
        return json.loads(text.decode('utf-8'), object_hook=_unmarked, parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise NoMessage('what arrived is no message: its text is no JSON') from None


def _unmarked(entry: dict) -> Any:
    if not any(map(_LIKE_MARK.fullmatch, entry)):
        return entry
    if len(entry) == 1 and isinstance(entry.get(_MARK), str):
        return _NUMBERS[entry[_MARK]] if entry[_MARK] in _NUMBERS else _no_json(entry[_MARK])
    return {key[1:] if key != _MARK and _LIKE_MARK.fullmatch(key) else key: value for key, value in entry.items()}


def _no_json(text: str) -> Any:
    raise ValueError(f'{text!r} is no number of JSON')
