"""What a host tells of its node."""
import os
import platform
import re
import shutil
import subprocess


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def platform_name() -> str:
    """As Node calls it: 'linux-x64'."""
    machine = platform.machine().lower()
    names = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
    return f"{platform.system().lower()}-{names.get(machine, machine)}"


def node_of(name: str) -> dict:
    """Its path and version, or why there is none."""
    path = shutil.which(name)
    if path is None:
        return {"why": "it is not there"}
    try:
        ran = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    except (OSError, UnicodeError, subprocess.SubprocessError) as error:
        return {"path": path, "why": str(error)}
    said = (ran.stdout.strip() or ran.stderr.strip()).split("\n")[0][:200]
    if ran.returncode == 0 and re.fullmatch(r"v\d+\.\d+\.\d+\S*", said):
        return {"path": path, "version": said[1:]}
    return {"path": path, "why": said or f"it ended with exit code {ran.returncode}"}


def resident_memory(pid: int) -> "int | None":
    """Bytes that a process holds now."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", read(f"/proc/{pid}/status"), re.M)
    return int(found[1]) * 1024 if found else None


def free_memory() -> "int | None":
    """Bytes that new work may take without anybody being killed: of the machine, and of the control groups of this process."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", read("/proc/meminfo"), re.M)
    free = [int(found[1]) * 1024] if found else []
    for line in read("/proc/self/cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            free += group_memory("/sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in kinds.split(","):
            free += group_memory("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return max(0, min(free)) if free else None


def group_memory(root: str, path: str, limit: str, used: str, cached: str) -> "list[int]":
    """Of a group and all above it."""
    found = []
    parts = [part for part in path.split("/") if part]
    for depth in range(len(parts) + 1):
        group = os.path.join(root, *parts[:depth])
        most, now = read(f"{group}/{limit}").strip(), read(f"{group}/{used}").strip()
        if not (most.isdigit() and now.isdigit()):
            continue
        files = re.search(rf"^{cached} (\d+)", read(f"{group}/memory.stat"), re.M)
        found.append(int(most) - int(now) + (int(files[1]) if files else 0))
    return found
