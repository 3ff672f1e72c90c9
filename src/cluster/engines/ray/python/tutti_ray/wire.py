"""Calls a listener of tutti from Python: the caller's side of its protocol over TCP and TLS, with the standard library only.

    wire = connect('tcp:10.0.0.1:4711', token, {'role': 'host'})
    wire.send({'kind': 'output', 'rank': 3}, b'bytes that are never parsed')
    while True:
        select.select([wire], [], [])
        for body, data in wire.receive():
            ...

What travels is described where the other side is written: the handshake in src/net/handshake.ts, frames in src/net/frame.ts,
numbers that JSON alone does not keep in src/core/json.ts. A whole number arrives as an int, also where it was a float.

Python 3.9 and later.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import selectors
import socket
import ssl
import struct
import threading
import time
from typing import Any, List, Optional, Tuple

from .frames import GOODBYE, HELLO, HELLO_LIMIT, LIMIT, MESSAGE, NoMessage, Reader, encode

VERSION = 1
"""Counts changes after which the two sides would not understand each other."""
CUT = 'the connection was cut'
"""The reason of a connection that ended without a word."""


class WireError(Exception):
    """Its text is a sentence for people."""


class Unreachable(WireError):
    """Nobody who speaks the protocol answered for as long as there was patience."""


class Refused(WireError):
    """The token is wrong, the certificate is another, or something else answers."""


class Version(WireError):
    """The other side speaks another version of the protocol."""


class Closed(WireError):
    """The connection has ended; its text is the reason that the other side gave, or CUT."""


def connect(address: str, token: str, hello: Any, patience: float = 10.0) -> Wire:
    """Calls until somebody answers and both sides have shown the token, or the patience, in seconds, ends.

    `address` is 'tcp:HOST:PORT' or 'tls:HOST:PORT/FINGERPRINT', with an IPv6 address in brackets. Raises ValueError for another
    address or a hello that cannot be sent, Unreachable, Refused or Version.
    """
    host, port, fingerprint = _read_address(address)
    greeting = encode(HELLO, hello, None, HELLO_LIMIT)
    end = time.monotonic() + patience
    pause = 0.01
    while True:
        try:
            return _connect_once(address, host, port, fingerprint, token, greeting, end)
        except OSError as error:
            # What failed may work in a moment: the listener may not be up yet, or its machine unknown as yet.
            if time.monotonic() + pause > end:
                why = str(error) or type(error).__name__
                raise Unreachable(
                    f'Nobody could be reached at {address} for {patience:g} s ({why}). See whether the process that should '
                    'listen there is still running, and whether a firewall is between.'
                ) from error
        time.sleep(pause)
        pause = min(2 * pause, 0.25)


class Wire:
    """A connection whose two sides know each other; made by `connect`.

    One thread receives; any may send. It can be given to `select` as it is.
    """

    def __init__(self, channel: socket.socket, peer: str) -> None:
        channel.setblocking(False)
        self.peer = peer
        self._socket = channel
        # A TLS connection must not be read and written at the same moment, nor two messages be mixed. Who needs several of these
        # takes `_sending` first and `_using` last.
        self._using = threading.Lock()
        self._sending = threading.Lock()
        self._reading = threading.Lock()
        self._reader = Reader()
        self._arrived: List[Tuple[Any, Optional[bytes]]] = []
        # Why nothing arrives any more; and why nothing goes any more, either.
        self._ended: Optional[str] = None
        self._closed: Optional[str] = None

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, body: Any, data: Optional[bytes] = None) -> None:
        """Sends a message: plain data, and bytes beside it. Waits while the other side does not read, for 30 s at most.

        Raises ValueError for what is no plain data or larger than LIMIT (nothing was sent then), and Closed.
        """
        frame = encode(MESSAGE, body, data, LIMIT)
        with self._sending:
            if self._closed is not None:
                raise Closed(self._closed)
            try:
                self._write(frame, _STALL)
            except OSError:
                # Who went may have said why.
                with self._reading:
                    self._fill()
                raise self._end(self._ended or CUT) from None

    def receive(self) -> List[Tuple[Any, Optional[bytes]]]:
        """The messages that are here whole, without waiting; none where there is none. Raises Closed once there is no other."""
        with self._reading:
            mistaken = self._fill()
            messages, self._arrived = self._arrived, []
        if mistaken:
            with self._sending:
                self._say_goodbye(self._ended or CUT)
        if messages:
            return messages
        if self._closed is not None or self._ended is not None:
            raise self._end(self._ended or CUT)
        return []

    def close(self, reason: str = 'closed') -> None:
        """Tells the other side the reason, and closes; nothing is received any more."""
        with self._sending, self._reading:
            if self._closed is None and self._ended is None:
                self._say_goodbye(reason)
            self._arrived = []
            self._end(reason)

    def _fill(self) -> bool:
        """Takes what has arrived, until there is a reason why nothing more does; whether the other side is to be told that reason."""
        if self._closed is not None or self._ended is not None:
            return False
        try:
            self._ended = self._read()
        except OSError:
            self._ended = CUT
        except NoMessage as error:
            self._ended = str(error)
            return True
        return False

    def _read(self) -> Optional[str]:
        taken = 0
        while True:
            try:
                with self._using:
                    count = self._socket.recv_into(self._reader.room())
                    # What TLS has taken from the system, no `select` sees.
                    hidden = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return None
            if count == 0:
                return CUT
            taken += count
            frame = self._reader.take(count)
            if frame is not None:
                kind, body, data = frame
                if kind == GOODBYE:
                    return body if isinstance(body, str) else CUT
                if kind == HELLO:
                    raise NoMessage('what arrived is no message: a second hello')
                self._arrived.append((body, data))
            # One who never stops sending must not keep the others waiting.
            if taken >= LIMIT and self._arrived and not hidden:
                return None

    def _write(self, frame: bytes, patience: float) -> None:
        view = memoryview(frame)
        while view:
            try:
                with self._using:
                    sent = self._socket.send(view[:_PIECE])
                view = view[sent:]
            except (BlockingIOError, ssl.SSLWantWriteError):
                if not _wait(self._socket, selectors.EVENT_WRITE, patience):
                    raise TimeoutError('the other side does not read') from None

    def _say_goodbye(self, reason: str) -> None:
        """The other side hears it even where it is still sending: what it sends is taken and dropped until it ends, for a while."""
        end = time.monotonic() + _LINGER
        try:
            self._write(encode(GOODBYE, reason[:_LONGEST_REASON], None, HELLO_LIMIT), _LINGER)
            with self._using:
                self._socket.shutdown(socket.SHUT_WR)
            # After a shutdown Python deciphers nothing more; it need not.
            while _wait(self._socket, selectors.EVENT_READ, end - time.monotonic()) and self._socket.recv(_PIECE):
                pass
        except OSError:
            pass

    def _end(self, reason: str) -> Closed:
        if self._closed is None:
            self._closed = reason
            with self._using:
                self._socket.close()
        return Closed(self._closed)


def _wait(channel: socket.socket, event: int, seconds: float) -> bool:
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(channel, event)
            return bool(selector.select(max(0.0, seconds)))
    except ValueError as error:
        # It was closed in the meantime, and has no number any more.
        raise OSError(str(error)) from None


_LONGEST_REASON = 4000
# What is written at a time, in bytes.
_PIECE = 2**16
# Seconds that one who does not read is waited for, before a message and after a goodbye.
_STALL = 30.0
_LINGER = 2.0


_ADDRESS = re.compile(r'(tcp|tls):(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([^\s:/@?#\[\]]+)):([0-9]{1,5})(?:/([0-9A-Fa-f]{64}))?')


def _read_address(address: str) -> Tuple[str, int, Optional[str]]:
    found = _ADDRESS.fullmatch(address)
    if found is not None:
        kind, version6, name, digits, fingerprint = found.groups()
        if 0 < int(digits) < 2**16 and (kind == 'tls') == (fingerprint is not None):
            return version6 or name, int(digits), fingerprint and fingerprint.lower()
    raise ValueError(
        f"'{address}' is no address that can be called. It must be 'tcp:HOST:PORT' or 'tls:HOST:PORT/FINGERPRINT', "
        'with an IPv6 address in brackets and the SHA-256 of the certificate as 64 hexadecimal digits.'
    )


def _connect_once(address: str, host: str, port: int, fingerprint: Optional[str], token: str, greeting: bytes, end: float) -> Wire:
    """Raises OSError for what is to be tried again."""
    channel = socket.create_connection((host, port), timeout=_left(end))
    try:
        _prepare(channel)
        if fingerprint is not None:
            channel = _secured(channel, address, fingerprint)
        _greet(channel, address, token, greeting, end)
        return Wire(channel, address)
    except BaseException:
        channel.close()
        raise


def _left(end: float) -> float:
    return max(0.01, end - time.monotonic())


def _prepare(channel: socket.socket) -> None:
    """Small messages go at once; beyond this machine, one that vanished without a word is noticed after 30 s."""
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if ipaddress.ip_address(channel.getpeername()[0].split('%')[0]).is_loopback:
        return
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Asks after 20 s of silence, ten times, a second apart; TCP_KEEPALIVE is what macOS calls the first. What was sent and is
    # not acknowledged ends it after 30 s (milliseconds, Linux).
    options = {'TCP_KEEPIDLE': 20, 'TCP_KEEPALIVE': 20, 'TCP_KEEPINTVL': 1, 'TCP_KEEPCNT': 10, 'TCP_USER_TIMEOUT': 30_000}
    for name, value in options.items():
        if hasattr(socket, name):
            channel.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _secured(channel: socket.socket, address: str, fingerprint: str) -> ssl.SSLSocket:
    """TLS with the one certificate that the address names: no authority is asked, and nothing is sent to anybody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        secured = context.wrap_socket(channel)
    except (ssl.SSLEOFError, ssl.SSLSyscallError, ssl.SSLZeroReturnError) as error:
        raise ConnectionError('it ended in the midst of the TLS handshake') from error
    except ssl.SSLError as error:
        raise _refused(address, f'no TLS 1.3 answers there ({error.reason or error})') from error
    shown = hashlib.sha256(secured.getpeercert(binary_form=True) or b'').hexdigest()
    if not hmac.compare_digest(shown, fingerprint):
        secured.close()
        raise _refused(address, f'it shows another certificate, of SHA-256 {shown}, than the one that the address names')
    return secured


def _greet(channel: socket.socket, address: str, token: str, greeting: bytes, end: float) -> None:
    own = secrets.token_bytes(32)
    channel.settimeout(_left(end))
    channel.sendall(_preamble(own))
    # Who says something else may say less than is waited for.
    theirs = b''
    while len(theirs) < _PREAMBLE:
        try:
            theirs += _take_some(channel, _PREAMBLE - len(theirs), end)
        except ConnectionError:
            if theirs or isinstance(channel, ssl.SSLSocket):
                raise
            raise ConnectionError("it hung up without a word; where it listens with TLS, the address begins with 'tls:'") from None
        if not theirs.startswith(_MAGIC[: len(theirs)]):
            raise _refused(address, 'something else than tutti answers there')
    version, nonce = struct.unpack('<I', theirs[8:12])[0], theirs[16:]
    if version != VERSION:
        raise Version(
            f'{address} speaks version {version} of the protocol, and this program version {VERSION}. '
            'Use the same version of tutti on both sides.'
        )
    channel.sendall(_proof(token, b'caller', own, nonce))
    answer = b''
    while len(answer) < 8 + 32:
        answer += _take_some(channel, 8 + 32 - len(answer), end)
    if answer[0] != 1:
        raise _refused(address, 'it does not accept the token')
    if not hmac.compare_digest(answer[8:], _proof(token, b'listener', own, nonce)):
        raise _refused(address, 'the other side does not know the token')
    channel.settimeout(_left(end))
    channel.sendall(greeting)


_MAGIC = b'tuttiNET'
_PREAMBLE = 48


def _preamble(nonce: bytes) -> bytes:
    return _MAGIC + struct.pack('<II', VERSION, 0) + nonce


def _proof(token: str, who: bytes, caller: bytes, listener: bytes) -> bytes:
    return hmac.new(token.encode(), who + struct.pack('<I', VERSION) + caller + listener, hashlib.sha256).digest()


def _take_some(channel: socket.socket, most: int, end: float) -> bytes:
    channel.settimeout(_left(end))
    got = channel.recv(most)
    if not got:
        raise ConnectionError('it ended too early')
    return got


def _refused(address: str, why: str) -> Refused:
    return Refused(
        f'The connection with {address} was refused: {why}. Both sides must be started by the same program, with the same token.'
    )
