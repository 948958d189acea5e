"""What the cases of the grpcio client have in common."""

import time

import grpc
from google.protobuf import wrappers_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

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
    """A failure with details, one of them google.rpc's."""
    sent = status_pb2.Status(code=9, message=ODD_MESSAGE)
    sent.details.add().Pack(wrappers_pb2.StringValue(value="the detail"))
    violation = error_details_pb2.BadRequest.FieldViolation(field="path", description=ODD_MESSAGE)
    sent.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    return sent


SENT_STATUS = failing()
FAILING = probe_pb2.FailRequest(code=9, message=ODD_MESSAGE, details=SENT_STATUS.SerializeToString())


def check_details(error):
    received = rpc_status.from_call(error)
    check(received == SENT_STATUS, f"the details came back as {received!r}")
    unpacked = error_details_pb2.BadRequest()
    check(received.details[1].Unpack(unpacked), "the second detail is of another type")
    check(unpacked.field_violations[0].field == "path", f"it came back as {unpacked!r}")


def check_state(report, *states):
    check(report.state in states, f"the handler ended as {probe_pb2.SleepState.Name(report.state)}")


def echo(peer, message, **options):
    check(peer.probe.Echo(message, timeout=20, **options) == message, "the reply is not the request")
