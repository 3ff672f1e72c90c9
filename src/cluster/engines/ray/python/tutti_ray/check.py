"""Looks at every node of the cluster: a job of its own, whose findings are lines of its log, because a node may not reach the driver.

Probes take no processors, so that nodes that are busy are looked at as well. The first line names all nodes, then each has one as
soon as it has answered; those that have not by the end stay without.
"""
import json
import os
import shutil
import socket
import sys
import tempfile
import time

# Seconds: for all probes, and to reach the driver.
PATIENCE = 30.0
CALL = 8.0
PINGS = 5


def main() -> None:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    # By its name in a module: pickled by what it consists of, it would not be understood by another version of Python.
    from tutti_ray.check import probe
    from tutti_ray.manager import nodes

    orders = json.loads(os.environ["TUTTI_RAY"])
    ray.init(logging_level="error", log_to_driver=False)
    alive = [node for node in ray.nodes() if node["Alive"]]
    have = {node["address"]: node for node in nodes(ray)}
    say(
        {
            "nodes": [
                {
                    "id": node["NodeID"],
                    "address": node["NodeManagerAddress"],
                    "head": "node:__internal_head__" in node["Resources"],
                    "total": have.get(node["NodeManagerAddress"], {}).get("total", {}),
                    "free": have.get(node["NodeManagerAddress"], {}).get("free", {}),
                }
                for node in alive
            ]
        }
    )
    remote = ray.remote(num_cpus=0, max_retries=0)(probe)
    asked = {
        remote.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote(orders): node["NodeID"]
        for node in alive
    }
    end = time.monotonic() + PATIENCE
    while asked and time.monotonic() < end:
        done, _ = ray.wait(list(asked), timeout=max(0.0, end - time.monotonic()))
        for ref in done:
            number = asked.pop(ref)
            try:
                say({"id": number, "facts": ray.get(ref)})
            except ray.exceptions.RayTaskError as error:
                say({"id": number, "trouble": f"{type(error.cause).__name__}: {error.cause}"})
            except (ray.exceptions.TaskUnschedulableError, ray.exceptions.NodeDiedError):
                say({"id": number, "trouble": "Ray took it for dead while it was asked"})
            except ray.exceptions.RayError as error:
                say({"id": number, "trouble": str(error).strip().split("\n")[-1]})
    say({"done": True})
    # Those that do not answer are not waited for.
    sys.stdout.flush()
    os._exit(0)


def probe(orders: dict) -> dict:
    """What a worker would find here."""
    import ray

    from tutti_ray import facts

    disk = shutil.disk_usage(tempfile.gettempdir())
    return {
        "host": socket.gethostname(),
        "ray": ray.__version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "platform": facts.platform_name(),
        "node": facts.node_of(orders["node"]),
        "processors": os.cpu_count(),
        "memory": {"total": total_memory(), "free": facts.free_memory()},
        "disk": {"folder": tempfile.gettempdir(), "total": disk.total, "free": disk.free},
        "driver": reach(orders),
    }


def total_memory() -> "int | None":
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def reach(orders: dict) -> dict:
    """The best of some round trips to the driver, in milliseconds, by the very handshake of workers; or why it is not reached."""
    import select

    from tutti_ray.wire import WireError, connect

    try:
        wire = connect(orders["address"], orders["token"], {"role": "check"}, patience=CALL)
        best = None
        try:
            for count in range(PINGS):
                began = time.perf_counter()
                wire.send({"ping": count})
                while not wire.receive():
                    if not select.select([wire], [], [], CALL)[0]:
                        return {"why": f"it answered, and then said nothing for {CALL:.0f} s"}
                took = (time.perf_counter() - began) * 1000
                best = took if best is None else min(best, took)
        finally:
            wire.close("the check is done")
        return {"ms": best}
    except (WireError, OSError, ValueError) as error:
        return {"why": str(error.__cause__ or error)}


def say(what: dict) -> None:
    print(json.dumps({"tuttiCheck": what}), flush=True)


if __name__ == "__main__":
    main()
