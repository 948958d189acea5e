"""The cases of how streams and connections end, as a grpcio client runs them."""

import time

import grpc

import probe_pb2
from checks import FAILING, check, check_details, check_state, failure, unique
from streamcases import (
    READER_SLEEP,
    SLOW_BYTES,
    SLOW_PARTS,
    Pipe,
    check_end,
    check_summary,
    exchange,
    parts_of,
    read_some,
)


def check_ended(peer, stream_id, *states):
    """Waits until the server's handler has ended in one of the states."""
    check_state(peer.streams.LastStream(probe_pb2.SleepQuery(id=stream_id, over=True), timeout=20), *states)


def case_error_mid_stream(peer):
    call = peer.streams.Feed(probe_pb2.Order(count=5, payload_bytes=10, ending=FAILING), timeout=20)
    read_some(call, 0, 5, 10)
    check_details(failure(lambda: next(call), grpc.StatusCode.FAILED_PRECONDITION))


def case_stream_deadline(peer):
    stream_id = unique("late")
    call = peer.streams.Feed(probe_pb2.Order(id=stream_id, count=3, hold=True), timeout=0.5)
    read_some(call, 0, 3, 0)
    failure(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)
    check_ended(peer, stream_id, probe_pb2.DEADLINE, probe_pb2.CANCELLED)


def case_cancel_down(peer):
    stream_id = unique("cancel-down")
    call = peer.streams.Feed(probe_pb2.Order(id=stream_id, count=3, hold=True), timeout=20)
    read_some(call, 0, 3, 0)
    call.cancel()
    failure(lambda: next(call), grpc.StatusCode.CANCELLED)
    check_ended(peer, stream_id, probe_pb2.CANCELLED)


def case_cancel_up(peer):
    stream_id = unique("cancel-up")
    pipe = Pipe()
    call = peer.streams.Collect.future(pipe, timeout=20)
    for part in parts_of(3, 10, probe_pb2.Order(id=stream_id, hold=True)):
        pipe.send(part)
    peer.streams.LastStream(probe_pb2.SleepQuery(id=stream_id), timeout=20)
    call.cancel()
    check(call.cancelled(), "the call is not cancelled")
    pipe.end()
    check_ended(peer, stream_id, probe_pb2.CANCELLED)


def case_cancel_bidi(peer):
    stream_id = unique("cancel-bidi")
    pipe = Pipe()
    call = peer.streams.Chat(pipe, timeout=20)
    exchange(pipe, call, 0, 3, probe_pb2.Order(id=stream_id, hold=True))
    call.cancel()
    failure(lambda: next(call), grpc.StatusCode.CANCELLED)
    pipe.end()
    check_ended(peer, stream_id, probe_pb2.CANCELLED)


def case_early_ok(peer):
    """Answered after three parts, while the client could still send."""
    pipe = Pipe()
    call = peer.streams.Collect.future(pipe, timeout=20)
    for part in parts_of(3, 10, probe_pb2.Order(answer_after=3)):
        pipe.send(part)
    check_summary(call.result(), 3, 10)
    check(call.code() == grpc.StatusCode.OK, f"the call ended with {call.code()}")
    pipe.end()


def case_early_error(peer):
    """Fails after three parts, while the client goes on sending."""
    order = probe_pb2.Order(answer_after=3, ending=FAILING)
    requests = parts_of(SLOW_PARTS, SLOW_BYTES, order)
    error = failure(lambda: peer.streams.Collect(requests, timeout=20), grpc.StatusCode.FAILED_PRECONDITION)
    check_details(error)
    check(next(requests, None) is not None, "all parts were sent")


def served(peer):
    """A call that waits until there is a server."""
    peer.probe.Echo(probe_pb2.EchoMessage(), wait_for_ready=True, timeout=20)


def case_drain_idle(peer):
    peer.streams.Drain(probe_pb2.Nothing(), timeout=20)
    time.sleep(READER_SLEEP)
    served(peer)


def case_drain_open(peer):
    pipe = Pipe()
    call = peer.streams.Chat(pipe, timeout=20)
    exchange(pipe, call, 0, 3)
    peer.streams.Drain(probe_pb2.Nothing(), timeout=20)
    time.sleep(READER_SLEEP)
    exchange(pipe, call, 3, 6)
    pipe.end()
    check_end(call)
    served(peer)


def case_tls_name(peer):
    failure(lambda: peer.probe.Echo(probe_pb2.EchoMessage(), timeout=20), grpc.StatusCode.UNAVAILABLE)
