"""The manager: the one job that a cluster of workers is on Ray. Makes an actor, a host, for each that the driver asks for, and tells what
becomes of them and what the nodes have. It ends when the driver does, and Ray ends its actors with it.
"""
import json
import os
import select
import sys
import time

from .wire import Closed, Refused, Unreachable, Version, connect

# Seconds. A driver that can be reached answers at once, but Ray's processes are the last to run on a busy machine.
CALL = 15.0
PATIENCE = 30.0
LOOK = 0.1
TELL = 0.5


def main() -> None:
    orders = json.loads(os.environ["TUTTI_RAY"])
    try:
        wire = connect(orders["address"], orders["token"], {"role": "ray", "part": "manager"}, patience=CALL)
    except (Unreachable, Refused, Version) as error:
        # The driver reads it in the log of the job: it has no other way to know.
        say({"failed": type(error).__name__, "message": str(error.__cause__ or error)})
        sys.exit(3)
    try:
        manage(wire, orders)
    except Closed:
        pass
    finally:
        wire.close("the manager ends")


def manage(wire, orders: dict) -> None:
    import ray

    ray.init(logging_level="error", log_to_driver=False)

    @ray.remote(max_restarts=0, max_task_retries=0)
    class Host:
        def run(self, address: str, token: str, number: int) -> str:
            # Synchronous: Node dies with the thread that started it.
            from tutti_ray.host import serve

            return serve(address, token, number, ray.util.get_node_ip_address())

    hosts = {}
    scales = autoscaled()
    told = None
    looked = 0.0
    heard = time.monotonic()
    while True:
        ready, _, _ = select.select([wire], [], [], LOOK)
        now = time.monotonic()
        if ready:
            for body, _ in wire.receive():
                heard = now
                kind = body.get("kind")
                if kind == "host":
                    try:
                        actor = Host.options(**options(body)).remote()
                    except (ValueError, TypeError) as error:
                        # What Ray never gives, such as one and a half GPUs: the next manager would be told the same.
                        why = " ".join(" ".join(map(str, error.args)).split()).rstrip(".")
                        wire.send({"kind": "gone", "host": body["host"], "reason": f"Ray refuses what a worker takes: {why}", "failed": True})
                        continue
                    hosts[body["host"]] = (actor, actor.run.remote(orders["address"], orders["token"], body["host"]))
                elif kind == "drop" and body["host"] in hosts:
                    ray.kill(hosts.pop(body["host"])[0])
                elif kind == "bye":
                    for actor, _ in hosts.values():
                        ray.kill(actor)
                    return
        for number, reason, failed in ended(ray, hosts):
            hosts.pop(number)
            wire.send({"kind": "gone", "host": number, "reason": reason, "failed": failed})
        if now - looked >= TELL:
            looked = now
            state = nodes(ray)
            if state != told:
                told = state
                wire.send({"kind": "nodes", "nodes": state, "scales": scales})
        if now - heard > PATIENCE:
            return


def options(order: dict) -> dict:
    resources = dict(order.get("resources") or {})
    found = {"num_cpus": order["cpus"], "scheduling_strategy": "SPREAD", "name": f"tutti-{os.getpid()}-{order['host']}"}
    if "GPU" in resources:
        found["num_gpus"] = resources.pop("GPU")
    if order.get("memory"):
        found["memory"] = order["memory"]
    if resources:
        found["resources"] = resources
    return found


def ended(ray, hosts: dict) -> "list[tuple[int, str, bool]]":
    if not hosts:
        return []
    numbers = {ref: number for number, (_, ref) in hosts.items()}
    done, _ = ray.wait(list(numbers), num_returns=len(numbers), timeout=0, fetch_local=False)
    return [(numbers[ref], *reason_of(ray, ref)) for ref in done]


def reason_of(ray, ref) -> "tuple[str, bool]":
    """With whether it failed by itself, and would again."""
    try:
        return ray.get(ref), False
    except ray.exceptions.RayTaskError as error:
        return str(error.cause), True
    except ray.exceptions.RayError as error:
        return str(error).strip().split("\n")[0], False


def nodes(ray) -> "list[dict]":
    """Those that are alive, and what they have: cores, bytes, pieces."""
    try:
        free = ray._private.state.available_resources_per_node()
    except Exception:
        free = {}
    kept = lambda given: {name: value for name, value in given.items() if not name.startswith(("node:", "object_store_memory"))}
    return [
        {"address": node["NodeManagerAddress"], "total": kept(node["Resources"]), "free": kept(free.get(node["NodeID"], {}))}
        for node in ray.nodes()
        if node["Alive"]
    ]


def autoscaled() -> bool:
    """Whether Ray may add nodes. Its monitor on the head is told how; under KubeRay there is none, since the operator's own does it."""
    monitors = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if any(word.endswith((b"autoscaler/_private/monitor.py", b"autoscaler/v2/monitor.py")) for word in words):
            monitors.append(any(word.startswith(b"--autoscaling-config=") and len(word) > 21 for word in words))
    return any(monitors) or not monitors


def say(what: dict) -> None:
    print(json.dumps({"tutti": what}), flush=True)


if __name__ == "__main__":
    main()
