"""The cases of the interop matrix, as a grpcio client runs them."""

import json
import time

import grpc
from google.protobuf import any_pb2

import probe_pb2
import probe_pb2_grpc

# Needs percent-encoding: accents, a percent sign, a line break, characters of two, three and four bytes.
ODD_MESSAGE = "100% häßlich\n✓ 𝄞 end"
# The encoded size of the largest message: a little under the usual limit of 4 MiB.
LARGE_BYTES = 4 * 1024 * 1024 - 64


class Wrong(Exception):
    """The peer answered, but not as the case demands."""


def check(holds, text):
    if not holds:
        raise Wrong(text)


def unique(name):
    return f"python-{name}-{time.monotonic_ns()}"


def failure(call, code):
    """The error of a call that must fail with `code`."""
    try:
        call()
    except grpc.RpcError as error:
        check(error.code() == code, f"code {error.code()} instead of {code}: {error.details()}")
        return error
    raise Wrong(f"no failure where {code} was due")


def echo(probe, message):
    check(probe.Echo(message, timeout=20) == message, "the reply is not the request")


def case_echo(probe, _):
    echo(probe, probe_pb2.EchoMessage(message=ODD_MESSAGE, n=-5, payload=bytes(range(256))))


def case_empty(probe, _):
    echo(probe, probe_pb2.EchoMessage())


def case_metadata(probe, _):
    sent = [
        ("probe-text", "one value, with a comma"),
        ("probe-many", "a"),
        ("probe-many", "b"),
        ("probe-raw-bin", bytes(range(256))),
    ]
    _, call = probe.Echo.with_call(probe_pb2.EchoMessage(), metadata=sent, timeout=20)
    for place, received in (("header", call.initial_metadata()), ("trailer", call.trailing_metadata())):
        for name in ("probe-text", "probe-many", "probe-raw-bin"):
            want = [value for key, value in sent if key == name]
            got = [value for key, value in received if key == name]
            # Values of one name may come joined, as RFC 9110 section 5.3 permits.
            joined = name == "probe-many" and got in (["a, b"], ["a,b"])
            check(got == want or joined, f"{place} {name} is {got!r}")


def case_status(probe, _):
    for code in grpc.StatusCode:
        if code is grpc.StatusCode.OK:
            continue
        request = probe_pb2.FailRequest(code=code.value[0], message=ODD_MESSAGE)
        error = failure(lambda sent=request: probe.Fail(sent, timeout=20), code)
        check(error.details() == ODD_MESSAGE, f"{code} came with the message {error.details()!r}")


def case_details(probe, _):
    # google.rpc.Status by hand: code 9, message, one Any. The module that declares it is not among grpcio's.
    message = ODD_MESSAGE.encode()
    detail = any_pb2.Any(type_url="type.googleapis.com/google.protobuf.StringValue", value=b"\n\nthe detail")
    inner = detail.SerializeToString()
    details = b"\x08\x09\x12" + bytes([len(message)]) + message + b"\x1a" + bytes([len(inner)]) + inner
    request = probe_pb2.FailRequest(code=9, message=ODD_MESSAGE, details=details)
    error = failure(lambda: probe.Fail(request, timeout=20), grpc.StatusCode.FAILED_PRECONDITION)
    received = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    check(received == details, f"the details came back as {received!r}")


def case_deadline_client(probe, _):
    sleep_id = unique("late")
    request = probe_pb2.SleepRequest(id=sleep_id, ms=20_000)
    failure(lambda: probe.Sleep(request, timeout=0.2), grpc.StatusCode.DEADLINE_EXCEEDED)
    report = probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id, over=True), timeout=20)
    ended = report.state in (probe_pb2.DEADLINE, probe_pb2.CANCELLED)
    check(ended, f"the handler ended as {probe_pb2.SleepState.Name(report.state)}")


def case_deadline_server(probe, _):
    # Some clients round a timeout up to a coarser unit.
    seen = probe.Sleep(probe_pb2.SleepRequest(id=unique("long")), timeout=9).deadline_ms
    check(5_000 <= seen <= 9_500, f"of 9000 ms the server saw {seen}")
    seen = probe.Sleep(probe_pb2.SleepRequest(id=unique("none"))).deadline_ms
    check(seen == -1, f"without a deadline the server saw {seen} ms")


def case_cancel(probe, _):
    sleep_id = unique("cancel")
    call = probe.Sleep.future(probe_pb2.SleepRequest(id=sleep_id, ms=20_000))
    probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id), timeout=20)
    call.cancel()
    check(call.cancelled(), "the call is not cancelled")
    report = probe.LastSleep(probe_pb2.SleepQuery(id=sleep_id, over=True), timeout=20)
    cancelled = report.state == probe_pb2.CANCELLED
    check(cancelled, f"the handler ended as {probe_pb2.SleepState.Name(report.state)}")


def case_large(probe, _):
    message = probe_pb2.EchoMessage(payload=b"\xa5" * (LARGE_BYTES - 5))
    check(message.ByteSize() == LARGE_BYTES, f"the message has {message.ByteSize()} bytes")
    echo(probe, message)


def case_unimplemented_method(probe, _):
    failure(lambda: probe.Missing(probe_pb2.Nothing(), timeout=20), grpc.StatusCode.UNIMPLEMENTED)


def case_unimplemented_service(_, absent):
    failure(lambda: absent.Call(probe_pb2.Nothing(), timeout=20), grpc.StatusCode.UNIMPLEMENTED)


def case_concurrent(probe, _):
    messages = [probe_pb2.EchoMessage(n=n, message=str(n)) for n in range(1000)]
    calls = [probe.Echo.future(message, timeout=20) for message in messages]
    for message, call in zip(messages, calls):
        check(call.result() == message, "a reply is not its request")


def run_cases(address, names):
    """Prints {"case", "ok", "detail"} for each case named, or for every case."""
    with grpc.insecure_channel(address) as channel:
        probe = probe_pb2_grpc.ProbeStub(channel)
        absent = probe_pb2_grpc.AbsentStub(channel)
        for key, run in list(globals().items()):
            name = key.removeprefix("case_").replace("_", "-")
            if not key.startswith("case_") or (names and name not in names):
                continue
            detail = ""
            try:
                run(probe, absent)
            except (Wrong, grpc.RpcError) as error:
                detail = str(error) or type(error).__name__
            print(json.dumps({"case": name, "ok": detail == "", "detail": detail}), flush=True)
