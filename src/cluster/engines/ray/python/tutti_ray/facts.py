"""What a host tells of its node."""
import os
import platform
import re


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
