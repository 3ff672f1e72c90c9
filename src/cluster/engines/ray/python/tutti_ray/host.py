"""A host: lives in a Ray actor, calls the driver, and runs Node for it, one worker after another.

It starts `worker/process.ts`, as the engine of processes does: orders go down a pipe, and what comes up are signs of life. Those, what
Node writes, the memory it holds and how it ended are passed on. When the driver is gone, Node is killed, and the host ends.
"""
import codecs
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import pathname2url

from . import facts
from .frames import to_text
from .wire import Closed, connect

# Seconds. A driver says something every 5.
PATIENCE = 30.0
LOOK = 0.5
SIGN = 0.2
LAST_WORDS = 0.2


def serve(address: str, token: str, number: int, node_address: str) -> str:
    """Why it ended, in words."""
    about = {"node": node_address, "pid": os.getpid(), "platform": facts.platform_name()}
    wire = connect(address, token, {"role": "ray", "part": "host", "host": number, **about})
    child = None
    heard = time.monotonic()
    try:
        while True:
            ready, _, _ = select.select([wire, *(child.files if child else [])], [], [], LOOK)
            now = time.monotonic()
            if wire in ready:
                for body, _ in wire.receive():
                    heard = now
                    kind = body.get("kind")
                    if kind == "begin":
                        child = begin(wire, body, node_address)
                    elif kind == "signal" and child:
                        child.signal(body.get("name"))
                    elif kind == "bye":
                        return "the driver let it go"
            if child:
                child.look(ready, now)
                if child.over:
                    child = None
            if now - heard > PATIENCE:
                return f"nothing was heard of the driver for {PATIENCE:.0f} s"
    except Closed as closed:
        return f"the driver is gone: {closed}"
    finally:
        if child:
            child.kill()
        wire.close("the host ends")


def begin(wire, order: dict, where: str) -> "Child | None":
    try:
        why = unfit(order["node"], order["least"], where)
        if why:
            wire.send({"kind": "ended", "reason": why})
            return None
        child = Child(wire, order)
        wire.send({"kind": "begun", "pid": child.process.pid})
        return child
    except OSError as error:
        wire.send({"kind": "ended", "reason": f"it could not be started: {error}"})
        return None


class Child:
    """Node, while it runs."""

    def __init__(self, wire, order: dict):
        code = Path.cwd()
        link_modules(code)
        self.wire = wire
        self.over = False
        self.told = 0.0
        self.measured = 0.0
        self.memory = None
        self.free = None
        self.ended = None
        own, theirs = socket.socketpair()
        with theirs:
            entry = code / order["entry"]
            args = [sys.executable, "-I", "-S", str(Path(__file__).with_name("begin.py")), str(theirs.fileno()), str(os.getpid())]
            self.process = subprocess.Popen(
                [*args, order["node"], str(entry)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env=environment(),
            )
        own.setblocking(False)
        self.line = own
        self.files = [own, self.process.stdout, self.process.stderr]
        for stream in self.files[1:]:
            os.set_blocking(stream.fileno(), False)
        self.decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in self.files[1:]}
        # Small: it fits into the socket's buffer before anybody reads.
        own.setblocking(True)
        own.sendall(to_text(spec_of(order, code)) + b"\n")
        own.setblocking(False)

    def look(self, ready, now: float) -> None:
        alive = False
        for file in [file for file in ready if file in self.files]:
            text = self.read(file)
            if text is None:
                self.files.remove(file)
            elif file is self.line:
                alive = True
            elif text:
                self.wire.send({"kind": "output", "text": text})
        if alive and now - self.told >= SIGN:
            self.tell(now)
        if self.ended is None:
            code = self.process.poll()
            if code is not None:
                self.ended = (now, signal.Signals(-code).name if code < 0 else f"exit code {code}")
        # What it wrote last is still on its way, unless a child of its own keeps the pipe open.
        if self.ended and (not self.files or now - self.ended[0] > LAST_WORDS):
            self.close()
            self.wire.send({"kind": "ended", "reason": self.ended[1]})

    def read(self, file) -> "str | None":
        """None at its end."""
        try:
            data = file.recv(65536) if file is self.line else os.read(file.fileno(), 65536)
        except BlockingIOError:
            return ""
        except OSError:
            return None
        if not data:
            return None
        return "" if file is self.line else self.decoders[file].decode(data)

    def tell(self, now: float) -> None:
        if now - self.measured >= 1.0:
            self.memory = facts.resident_memory(self.process.pid)
            self.free = facts.free_memory()
            self.measured = now
        self.told = now
        self.wire.send({"kind": "alive", "memory": self.memory, "free": self.free})

    def signal(self, name) -> None:
        if self.process.poll() is None and name in ("SIGTERM", "SIGKILL"):
            self.process.send_signal(signal.Signals[name])

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close()

    def close(self) -> None:
        self.over = True
        self.line.close()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


# Names that Node was found by.
FIT = set()


def unfit(name: str, least: int, where: str) -> "str | None":
    """Why tutti does not run on the Node of that name here: an old one would tell it in a stack of its own, and one line is enough."""
    if name in FIT:
        return None
    found = facts.node_of(name)
    advice = f"install Node {least} or newer on all nodes, or name another with 'ray.node' in tutti.config.ts"
    if "version" in found:
        if int(found["version"].split(".")[0]) >= least:
            FIT.add(name)
            return None
        return f"Node on {where} is {found['version']}: {advice}"
    if "path" in found:
        return f"{found['path']} on {where} does not tell its version ({found['why']}): {advice}"
    return f"there is no Node by the name '{name}' on {where}: {advice}"


def link_modules(code: Path) -> None:
    """Packages of npm lie in a folder of their own, which is uploaded less often: beside the code there is a link to it."""
    link = code / "node_modules"
    if link.exists():
        return
    for folder in sys.path:
        modules = Path(folder) / "tutti_modules" / "node_modules"
        if modules.is_dir():
            # Another host of this node may be doing the same.
            made = code / f".node_modules-{os.getpid()}"
            made.symlink_to(modules)
            os.replace(made, link)
            return
    raise OSError("the folder 'tutti_modules' is not there: its package was not unpacked on this node")


def spec_of(order: dict, code: Path) -> dict:
    """The worker's orders, with what lies on this node where it lies."""
    spec = dict(order["spec"])
    # What was shipped lies below; anything else has an address of its own.
    program = order["program"]
    spec["program"] = program if ":" in program.split("/")[0] else "file://" + pathname2url(str(code / program))
    places = dict(spec["places"])
    places["copies"] = [[there, str(code / here)] for there, here in places["copies"]]
    places["cache"] = str(Path(tempfile.gettempdir()) / f"tutti-data-{os.getuid()}")
    spec["places"] = places
    return spec


def environment() -> dict:
    cache = own_folder(Path(tempfile.gettempdir()) / f"tutti-compiled-{os.getuid()}")
    # What Ray puts there for Python is nothing to Node, and the driver's address and token are nobody else's.
    own = {name: value for name, value in os.environ.items() if name not in ("TUTTI_RAY", "PYTHONPATH")}
    return {**({"NODE_COMPILE_CACHE": str(cache)} if cache else {}), **own}


def own_folder(folder: Path) -> "Path | None":
    """Made for this user alone; None where it is somebody else's, who could put code there."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        return folder if stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022 else None
    except OSError:
        return None
