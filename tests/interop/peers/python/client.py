"""The client half of the grpcio peer: runs the cases of the interop matrix and reports each."""

import json
import os

import grpc

import cases
import endingcases
import probe_pb2_grpc
import streamcases
from checks import Wrong
from streams import OPTIONS


class Peer:
    """The stubs of a server's services."""

    def __init__(self, channel):
        self.probe = probe_pb2_grpc.ProbeStub(channel)
        self.absent = probe_pb2_grpc.AbsentStub(channel)
        self.streams = probe_pb2_grpc.StreamsStub(channel)


def connect(address):
    """A channel; it trusts the tests' authority where TLS is asked for."""
    folder = os.environ.get("INTEROP_TLS")
    if not folder:
        return grpc.insecure_channel(address, OPTIONS)
    with open(f"{folder}/authority.crt", "rb") as file:
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()), OPTIONS)


def run_cases(address, names):
    """Prints {"case", "ok", "detail"} for each case named, or for every case."""
    found = [item for module in (cases, streamcases, endingcases) for item in vars(module).items()]
    with connect(address) as channel:
        peer = Peer(channel)
        for key, run in found:
            name = key.removeprefix("case_").replace("_", "-")
            if not key.startswith("case_") or (names and name not in names):
                continue
            detail = ""
            try:
                run(peer)
            except (Wrong, grpc.RpcError) as error:
                detail = str(error) or type(error).__name__
            print(json.dumps({"case": name, "ok": detail == "", "detail": detail}), flush=True)
