"""The unary cases of the interop matrix, as a grpcio client runs them."""

import grpc

import probe_pb2
from checks import (
    FAILING,
    LARGE_BYTES,
    ODD_MESSAGE,
    SENT_FIELDS,
    check,
    check_details,
    check_fields,
    check_state,
    echo,
    failure,
    unique,
)


def case_echo(peer):
    echo(peer, probe_pb2.EchoMessage(message=ODD_MESSAGE, n=-5, payload=bytes(range(256))))


def case_empty(peer):
    echo(peer, probe_pb2.EchoMessage())


def case_metadata(peer):
    _, call = peer.probe.Echo.with_call(probe_pb2.EchoMessage(), metadata=SENT_FIELDS, timeout=20)
    check_fields(call.initial_metadata(), "header")
    check_fields(call.trailing_metadata(), "trailer")


def case_status(peer):
    for code in grpc.StatusCode:
        if code is grpc.StatusCode.OK:
            continue
        request = probe_pb2.FailRequest(code=code.value[0], message=ODD_MESSAGE)
        error = failure(lambda sent=request: peer.probe.Fail(sent, timeout=20), code)
        check(error.details() == ODD_MESSAGE, f"{code} came with the message {error.details()!r}")


def case_details(peer):
    error = failure(lambda: peer.probe.Fail(FAILING, timeout=20), grpc.StatusCode.FAILED_PRECONDITION)
    check_details(error)


def case_deadline_client(peer):
    sleep_id = unique("late")
    request = probe_pb2.SleepRequest(id=sleep_id, ms=20_000)
    failure(lambda: peer.probe.Sleep(request, timeout=0.2), grpc.StatusCode.DEADLINE_EXCEEDED)
    report = peer.probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id, over=True), timeout=20)
    check_state(report, probe_pb2.DEADLINE, probe_pb2.CANCELLED)


def case_deadline_server(peer):
    # Some clients round a timeout up to a coarser unit.
    seen = peer.probe.Sleep(probe_pb2.SleepRequest(id=unique("long")), timeout=9).deadline_ms
    check(5_000 <= seen <= 9_500, f"of 9000 ms the server saw {seen}")
    seen = peer.probe.Sleep(probe_pb2.SleepRequest(id=unique("none"))).deadline_ms
    check(seen == -1, f"without a deadline the server saw {seen} ms")


def case_cancel(peer):
    sleep_id = unique("cancel")
    call = peer.probe.Sleep.future(probe_pb2.SleepRequest(id=sleep_id, ms=20_000))
    peer.probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id), timeout=20)
    call.cancel()
    check(call.cancelled(), "the call is not cancelled")
    report = peer.probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id, over=True), timeout=20)
    check_state(report, probe_pb2.CANCELLED)


def case_large(peer):
    message = probe_pb2.EchoMessage(payload=b"\xa5" * (LARGE_BYTES - 5))
    check(message.ByteSize() == LARGE_BYTES, f"the message has {message.ByteSize()} bytes")
    echo(peer, message)


def case_unimplemented_method(peer):
    failure(lambda: peer.probe.Missing(probe_pb2.Nothing(), timeout=20), grpc.StatusCode.UNIMPLEMENTED)


def case_unimplemented_service(peer):
    failure(lambda: peer.absent.Call(probe_pb2.Nothing(), timeout=20), grpc.StatusCode.UNIMPLEMENTED)


def case_concurrent(peer):
    messages = [probe_pb2.EchoMessage(n=n, message=str(n)) for n in range(1000)]
    calls = [peer.probe.Echo.future(message, timeout=20) for message in messages]
    for message, call in zip(messages, calls):
        check(call.result() == message, "a reply is not its request")
