"""The grpcio (Python) peer of the interop matrix.

`server` serves interop.Probe on a free loopback port until standard input ends; `client HOST:PORT [CASE...]` runs the
cases against another server and prints one JSON line for each; `version` prints grpcio's version. With a folder of
certificates in INTEROP_TLS both speak TLS.
"""

import os
import sys
import threading
from concurrent import futures

import grpc

import probe_pb2
import probe_pb2_grpc
from client import run_cases
from streams import OPTIONS, StreamServer, fail, returned_fields


class Sleep:
    """What the server knows of one Sleep call."""

    def __init__(self):
        self.begun = threading.Event()
        self.over = threading.Event()
        self.report = probe_pb2.SleepReport()


class ProbeServer(probe_pb2_grpc.ProbeServicer):
    def __init__(self):
        self._lock = threading.Lock()
        self._sleeps = {}

    def _find(self, sleep_id):
        with self._lock:
            return self._sleeps.setdefault(sleep_id, Sleep())

    def Echo(self, request, context):
        returned = returned_fields(context)
        context.send_initial_metadata(returned)
        context.set_trailing_metadata(returned)
        return request

    def Fail(self, request, context):
        fail(request, context)

    def Sleep(self, request, context):
        record = self._find(request.id)
        left = context.time_remaining()
        # A call without a deadline has an absurdly distant one in grpcio.
        left_ms = -1 if left is None or left > 10**8 else int(left * 1000)
        ended = threading.Event()
        listening = context.add_callback(ended.set)
        record.report = probe_pb2.SleepReport(state=probe_pb2.SLEEPING, deadline_ms=left_ms)
        record.begun.set()
        state = probe_pb2.DONE
        if not listening or ended.wait(request.ms / 1000):
            remaining = context.time_remaining()
            late = remaining is not None and remaining <= 0
            state = probe_pb2.DEADLINE if late else probe_pb2.CANCELLED
        record.report = probe_pb2.SleepReport(state=state, deadline_ms=left_ms)
        record.over.set()
        # An interrupted sleep is no success: its client may not have noticed its own deadline yet.
        if state != probe_pb2.DONE:
            late = state == probe_pb2.DEADLINE
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED, "the sleep was ended")
        return record.report

    def LastSleep(self, request, context):
        record = self._find(request.id)
        reached = record.over if request.over else record.begun
        if not reached.wait(10):
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "that sleep has not come so far")
        return record.report


def read_file(folder, name):
    with open(f"{folder}/{name}", "rb") as file:
        return file.read()


def start(address, drain):
    """Starts a server of both services; returns it with its port."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=200), options=OPTIONS)
    probe_pb2_grpc.add_ProbeServicer_to_server(ProbeServer(), server)
    probe_pb2_grpc.add_StreamsServicer_to_server(StreamServer(drain), server)
    folder = os.environ.get("INTEROP_TLS")
    if folder:
        identity = (read_file(folder, "server.key"), read_file(folder, "server.crt"))
        port = server.add_secure_port(address, grpc.ssl_server_credentials([identity]))
    else:
        port = server.add_insecure_port(address)
    server.start()
    return server, port


def serve():
    drained = threading.Event()
    server, port = start("127.0.0.1:0", drained.set)
    print(f"LISTENING {port}", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while drained.wait():
        drained.clear()
        # Each open call has so many seconds to end.
        server.stop(10).wait()
        server, _ = start(f"127.0.0.1:{port}", drained.set)


if __name__ == "__main__":
    if len(sys.argv) >= 2 and sys.argv[1] == "server":
        serve()
    elif len(sys.argv) >= 3 and sys.argv[1] == "client":
        run_cases(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:] == ["version"]:
        print(grpc.__version__)
    else:
        sys.exit("usage: peer.py server | client HOST:PORT [CASE...] | version")
