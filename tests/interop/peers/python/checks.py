"""What the cases of the grpcio client have in common."""

import time

import grpc
from google.protobuf import any_pb2

import probe_pb2

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


# What the metadata cases send and want back.
SENT_FIELDS = [
    ("probe-text", "one value, with a comma"),
    ("probe-many", "a"),
    ("probe-many", "b"),
    ("probe-raw-bin", bytes(range(256))),
]


def check_fields(received, place):
    for name in ("probe-text", "probe-many", "probe-raw-bin"):
        want = [value for key, value in SENT_FIELDS if key == name]
        got = [value for key, value in received if key == name]
        # Values of one name may come joined, as RFC 9110 section 5.3 permits.
        joined = name == "probe-many" and got in (["a, b"], ["a,b"])
        check(got == want or joined, f"{place} {name} is {got!r}")


def failing():
    """The request for a failure with details, google.rpc.Status by hand: its module is not among grpcio's."""
    message = ODD_MESSAGE.encode()
    detail = any_pb2.Any(type_url="type.googleapis.com/google.protobuf.StringValue", value=b"\n\nthe detail")
    inner = detail.SerializeToString()
    details = b"\x08\x09\x12" + bytes([len(message)]) + message + b"\x1a" + bytes([len(inner)]) + inner
    return probe_pb2.FailRequest(code=9, message=ODD_MESSAGE, details=details)


FAILING = failing()


def check_details(error):
    received = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    check(received == FAILING.details, f"the details came back as {received!r}")


def check_state(report, *states):
    check(report.state in states, f"the handler ended as {probe_pb2.SleepState.Name(report.state)}")


def echo(peer, message, **options):
    check(peer.probe.Echo(message, timeout=20, **options) == message, "the reply is not the request")
