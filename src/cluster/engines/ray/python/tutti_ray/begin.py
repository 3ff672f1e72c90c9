"""Becomes Node: `begin.py FD NODE ENTRY`. Node finds its lifeline at file descriptor 3, and dies with the host, also while it is stopped.

A program of its own, because a process with threads (any Ray worker) may not safely run Python between fork and exec.
"""
import os
import sys


def main() -> None:
    lifeline, parent, node, *rest = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
    if sys.platform == "linux":
        import ctypes

        # PR_SET_PDEATHSIG with SIGKILL. Tied to the thread that started this process, which is the host's only one that does.
        ctypes.CDLL(None, use_errno=True).prctl(1, 9, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the host is gone")
    os.dup2(lifeline, 3, inheritable=True)
    try:
        os.execvp(node, [node, *rest])
    except OSError as error:
        sys.exit(f"Node could not be started as '{node}': {error.strerror}")


main()
