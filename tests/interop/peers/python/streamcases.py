"""The cases of streams, as a grpcio client runs them."""

import threading
import time
from concurrent import futures

import grpc

import probe_pb2
from checks import LARGE_BYTES, ODD_MESSAGE, SENT_FIELDS, check, check_fields, echo, unique
from streams import PATTERN, is_part, part_of

FEW_PARTS = 10
MANY_PARTS = 10_000
# What each side sends when both do.
FLOOD_PARTS = 2000
# What a slow reader is sent: parts of 16 KiB, of which a quarter may be on the way.
SLOW_PARTS = 1024
SLOW_BYTES = 16 * 1024
MAX_HELD_PARTS = SLOW_PARTS // 4
READER_SLEEP = 0.3


def check_part(part, n, payload_bytes):
    right = is_part(part, n) and len(part.payload) == payload_bytes
    check(right, f"part {n} came as {part.n} with {len(part.payload)} bytes")


def read_some(call, first, count, payload_bytes):
    """Reads the parts from `first` up to `count`."""
    for n in range(first, count):
        check_part(next(call), n, payload_bytes)


def check_end(call):
    part = next(call, None)
    check(part is None, "a part came behind the last one")


def read_parts(call, first, count, payload_bytes):
    """The same, and then the end of the stream."""
    read_some(call, first, count, payload_bytes)
    check_end(call)


class Pipe:
    """Requests that are sent one by one; grpcio takes them from an iterator."""

    def __init__(self):
        self._ready = threading.Condition()
        self._parts = []
        self._ended = False

    def send(self, part):
        with self._ready:
            self._parts.append(part)
            self._ready.notify()

    def end(self):
        with self._ready:
            self._ended = True
            self._ready.notify()

    def __iter__(self):
        return self

    def __next__(self):
        with self._ready:
            self._ready.wait_for(lambda: self._parts or self._ended)
            if not self._parts:
                raise StopIteration
            return self._parts.pop(0)


def parts_of(count, payload_bytes, order=None):
    """Requests, the order in the first."""
    return (part_of(n, payload_bytes, order if n == 0 else None) for n in range(count))


def feed(peer, count, payload_bytes, **options):
    order = probe_pb2.Order(count=count, payload_bytes=payload_bytes)
    read_parts(peer.streams.Feed(order, timeout=20, **options), 0, count, payload_bytes)


def check_summary(summary, count, payload_bytes):
    right = summary.count == count and summary.bytes == count * payload_bytes and summary.wrong == 0
    check(right, f"of {count} parts the server saw {summary}")


def collect(peer, count, payload_bytes, **options):
    summary = peer.streams.Collect(parts_of(count, payload_bytes), timeout=20, **options)
    check_summary(summary, count, payload_bytes)


def chat(peer, count, payload_bytes, order=None):
    read_parts(peer.streams.Chat(parts_of(count, payload_bytes, order), timeout=20), 0, count, payload_bytes)


def exchange(pipe, call, first, count, order=None):
    """Sends the parts from `first` to `count`, each after the answer to the one before."""
    for n in range(first, count):
        pipe.send(part_of(n, 10, order))
        check_part(next(call), n, 10)


def ping_pong(peer, count):
    pipe = Pipe()
    call = peer.streams.Chat(pipe, timeout=20)
    exchange(pipe, call, 0, count)
    pipe.end()
    check_end(call)


def at_once(count, run):
    """Runs so many of the same calls together."""
    with futures.ThreadPoolExecutor(max_workers=count) as pool:
        for ended in [pool.submit(run) for _ in range(count)]:
            ended.result()


def case_server_stream(peer):
    feed(peer, FEW_PARTS, 100)


def case_server_stream_empty(peer):
    feed(peer, 0, 0)


def case_client_stream(peer):
    collect(peer, FEW_PARTS, 100)


def case_client_stream_empty(peer):
    collect(peer, 0, 0)


def case_bidi(peer):
    chat(peer, FEW_PARTS, 100)


def case_bidi_empty(peer):
    chat(peer, 0, 0)


def case_half_close(peer):
    chat(peer, FEW_PARTS, 100, probe_pb2.Order(after_end=True))


def case_ping_pong(peer):
    ping_pong(peer, 100)


def case_flood(peer):
    """Both sides send as fast as they can."""
    stream_id = unique("flood")
    order = probe_pb2.Order(id=stream_id, count=FLOOD_PARTS, payload_bytes=100)
    read_parts(peer.streams.Chat(parts_of(FLOOD_PARTS, 100, order), timeout=20), 0, FLOOD_PARTS, 100)
    report = peer.streams.LastStream(probe_pb2.SleepQuery(id=stream_id, over=True), timeout=20)
    check(report.received == FLOOD_PARTS, f"of {FLOOD_PARTS} parts the server received {report.received}")


def case_many_down(peer):
    feed(peer, MANY_PARTS, 50)


def case_many_up(peer):
    collect(peer, MANY_PARTS, 50)


def case_large_down(peer):
    feed(peer, 2, LARGE_BYTES - 7)


def case_large_up(peer):
    collect(peer, 2, LARGE_BYTES - 7)


def case_slow_client(peer):
    stream_id = unique("slow-client")
    order = probe_pb2.Order(id=stream_id, count=SLOW_PARTS, payload_bytes=SLOW_BYTES)
    call = peer.streams.Feed(order, timeout=20)
    read_some(call, 0, 1, SLOW_BYTES)
    time.sleep(READER_SLEEP)
    sent = peer.streams.LastStream(probe_pb2.SleepQuery(id=stream_id), timeout=20).sent
    check(sent <= MAX_HELD_PARTS, f"the server had sent {sent} parts that nobody read")
    read_parts(call, 1, SLOW_PARTS, SLOW_BYTES)


def case_slow_server(peer):
    stream_id = unique("slow-server")
    accepted = 0

    def requests():
        nonlocal accepted
        for part in parts_of(SLOW_PARTS, SLOW_BYTES, probe_pb2.Order(id=stream_id, hold=True)):
            yield part
            accepted += 1

    call = peer.streams.Collect.future(requests(), timeout=20)
    time.sleep(READER_SLEEP)
    held = accepted
    peer.streams.Release(probe_pb2.SleepQuery(id=stream_id), timeout=20)
    check_summary(call.result(), SLOW_PARTS, SLOW_BYTES)
    check(held <= MAX_HELD_PARTS, f"{held} parts were accepted that nobody read")


def case_headers_first(peer):
    pipe = Pipe()
    call = peer.streams.Chat(pipe, metadata=SENT_FIELDS, timeout=20)
    check_fields(call.initial_metadata(), "header")
    exchange(pipe, call, 0, 1)
    pipe.end()
    check_end(call)


def case_stream_metadata(peer):
    call = peer.streams.Feed(probe_pb2.Order(count=2), metadata=SENT_FIELDS, timeout=20)
    read_parts(call, 0, 2, 0)
    check_fields(call.initial_metadata(), "header")
    check_fields(call.trailing_metadata(), "trailer")


def case_gzip_requests(peer):
    """A mebibyte by a unary call and one by a stream."""
    echo(peer, probe_pb2.EchoMessage(payload=PATTERN[: 1024 * 1024]), compression=grpc.Compression.Gzip)
    collect(peer, 8, 128 * 1024, compression=grpc.Compression.Gzip)


def case_gzip_replies(peer):
    fields = [("probe-gzip", "1")]
    echo(peer, probe_pb2.EchoMessage(payload=PATTERN[: 1024 * 1024]), metadata=fields)
    feed(peer, 8, 128 * 1024, metadata=fields)


def case_streams_64(peer):
    at_once(64, lambda: ping_pong(peer, 20))


def case_streams_150(peer):
    order = probe_pb2.Order(count=10, payload_bytes=1000, pause_ms=20)
    at_once(150, lambda: read_parts(peer.streams.Feed(order, timeout=20), 0, 10, 1000))


def case_tls_unary(peer):
    echo(peer, probe_pb2.EchoMessage(message=ODD_MESSAGE))


def case_tls_bidi(peer):
    ping_pong(peer, FEW_PARTS)
