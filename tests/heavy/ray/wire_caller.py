"""A caller for wire.test.ts: `echo` sends back what it gets with what it saw in it; `dial` says how calling went.

    wire_caller.py echo|dial ADDRESS TOKEN HELLO PATIENCE
"""

import hashlib
import json
import select
import sys
import threading

from tutti_ray import wire


def show(value):
    """What Python holds, so that nothing can be passed on without having been understood."""
    if isinstance(value, list):
        return [show(item) for item in value]
    if isinstance(value, dict):
        return sorted([key, show(item)] for key, item in value.items())
    return f'{type(value).__name__} {value!r}' if not isinstance(value, str) else value


def messages(connection):
    while True:
        select.select([connection], [], [])
        yield from connection.receive()


def echo(connection):
    for body, data in messages(connection):
        if body == 'close':
            connection.close('that is all')
            break
        if body == 'refuse':
            failures = []
            for bad in (object(), {1: 2}, [b'x'], 'x' * (64 * 2**20)):
                try:
                    connection.send(bad)
                except ValueError as error:
                    failures.append(str(error))
            connection.send(failures)
        elif body == 'many':
            senders = [threading.Thread(target=lambda me=me: [connection.send([me, i], bytes([me]) * 10_000) for i in range(100)]) for me in range(4)]
            for sender in senders:
                sender.start()
        else:
            connection.send([body, show(body), None if data is None else hashlib.sha256(data).hexdigest()], data)


mode, address, token, hello, patience = sys.argv[1:]
try:
    connection = wire.connect(address, token, json.loads(hello), float(patience))
    if mode == 'echo':
        echo(connection)
    else:
        for _ in messages(connection):
            pass
    outcome = ['done', '']
except wire.WireError as error:
    outcome = [type(error).__name__, str(error)]
except ValueError as error:
    outcome = ['ValueError', str(error)]
print(json.dumps(outcome))
