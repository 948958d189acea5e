"""The streaming half of the grpcio server: interop.Streams."""

import threading
import time

import grpc
from google.rpc import status_pb2
from grpc_status import rpc_status

import probe_pb2
import probe_pb2_grpc

# A window that stays as it is: otherwise it grows to some 20 MB, and no writer is held back by what the cases send.
OPTIONS = [("grpc.http2.bdp_probe", 0)]

# Every payload is a piece of it: that of part n begins at n % 251.
PATTERN = bytes(range(251)) * (4 * 1024 * 1024 // 251 + 2)


def part_of(n, payload_bytes, order=None):
    return probe_pb2.Part(n=n, payload=PATTERN[n % 251 : n % 251 + payload_bytes], order=order)


def is_part(part, n):
    """Whether a part is the one for that place."""
    return part.n == n and part.payload == PATTERN[n % 251 : n % 251 + len(part.payload)]


def returned_fields(context):
    """The metadata that comes back to the caller. Replies are compressed where it asks for that."""
    returned = [(key, value) for key, value in context.invocation_metadata() if key.startswith("probe-")]
    if any(key == "probe-gzip" for key, _ in returned):
        context.set_compression(grpc.Compression.Gzip)
    return returned


def fail(request, context):
    """Ends the call with the failure that a request asks for."""
    codes = {code.value[0]: code for code in grpc.StatusCode}
    if request.details:
        context.abort_with_status(rpc_status.to_status(status_pb2.Status.FromString(request.details)))
    context.abort(codes[request.code], request.message)


class Stream:
    """What the server knows of one streaming call."""

    def __init__(self):
        self.begun = threading.Event()
        self.over = threading.Event()
        # Set by `Release`, and by the end of the call.
        self.released = threading.Event()
        self.report = probe_pb2.StreamReport()
        self.order = probe_pb2.Order()

    def begin(self, order, context):
        self.order = order
        self.report.state = probe_pb2.SLEEPING
        self.begun.set()
        if not context.add_callback(self.released.set):
            self.released.set()

    def end(self, context):
        """Notes how the call ended, and ends it as it was ordered."""
        state = probe_pb2.DONE
        if not context.is_active():
            remaining = context.time_remaining()
            late = remaining is not None and remaining <= 0
            state = probe_pb2.DEADLINE if late else probe_pb2.CANCELLED
        self.report.state = state
        self.over.set()
        if state == probe_pb2.DONE and self.order.HasField("ending"):
            fail(self.order.ending, context)

    def own_parts(self):
        """The parts that the order asks for."""
        for n in range(self.order.count):
            time.sleep(self.order.pause_ms / 1000)
            yield part_of(n, self.order.payload_bytes)
            self.report.sent += 1


class StreamServer(probe_pb2_grpc.StreamsServicer):
    def __init__(self, drain):
        self._drain = drain
        self._lock = threading.Lock()
        self._streams = {}

    def _find(self, stream_id):
        if not stream_id:
            return Stream()
        with self._lock:
            return self._streams.setdefault(stream_id, Stream())

    def _read(self, parts, context, on_begin):
        """Yields parts until the client ends or has sent as many as the order says; the first of them has the order."""
        stream = None
        for count, part in enumerate(parts, 1):
            if stream is None:
                stream = self._find(part.order.id)
                stream.begin(part.order, context)
                on_begin(stream)
            stream.report.received += 1
            yield part
            if count == stream.order.answer_after:
                return

    def Feed(self, order, context):
        returned = returned_fields(context)
        context.send_initial_metadata(returned)
        context.set_trailing_metadata(returned)
        stream = self._find(order.id)
        stream.begin(order, context)
        try:
            yield from stream.own_parts()
            if order.hold:
                stream.released.wait()
        finally:
            stream.end(context)

    def Collect(self, parts, context):
        returned = returned_fields(context)
        context.send_initial_metadata(returned)
        context.set_trailing_metadata(returned)
        streams = [Stream()]
        summary = probe_pb2.Summary()
        try:
            for part in self._read(parts, context, streams.append):
                summary.wrong += not is_part(part, summary.count)
                summary.count += 1
                summary.bytes += len(part.payload)
                if summary.count == 1 and part.order.hold:
                    streams[-1].released.wait()
        finally:
            streams[-1].end(context)
        return summary

    def Chat(self, parts, context):
        returned = returned_fields(context)
        context.send_initial_metadata(returned)
        context.set_trailing_metadata(returned)
        streams = [Stream()]
        kept = []
        reader = None
        try:
            reading = self._read(parts, context, streams.append)
            for part in reading:
                if streams[-1].order.count > 0:
                    reader = threading.Thread(target=lambda: all(True for _ in reading))
                    reader.start()
                    yield from streams[-1].own_parts()
                    break
                if streams[-1].order.after_end:
                    kept.append(part)
                else:
                    yield part
            if reader:
                reader.join()
            if streams[-1].order.hold:
                streams[-1].released.wait()
            yield from kept
        finally:
            streams[-1].end(context)

    def LastStream(self, request, context):
        stream = self._find(request.id)
        reached = stream.over if request.over else stream.begun
        if not reached.wait(10):
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "that stream has not come so far")
        return stream.report

    def Release(self, request, _):
        self._find(request.id).released.set()
        return probe_pb2.Nothing()

    def Drain(self, *_):
        self._drain()
        return probe_pb2.Nothing()
