"""grpcio's own health, reflection and channelz, for the tests of ours.

`server` serves interop.Probe with health and reflection on a free loopback port until standard input ends;
`client HOST:PORT` asks another server's health, reflection and channelz and prints one JSON line for each case.
"""

import json
import sys
from concurrent import futures

import grpc
from google.protobuf import descriptor_pool
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

import probe_pb2
import probe_pb2_grpc
from peer import ProbeServer


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    probe_pb2_grpc.add_ProbeServicer_to_server(ProbeServer(), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    names = [probe_pb2.DESCRIPTOR.services_by_name["Probe"].full_name, health.SERVICE_NAME, reflection.SERVICE_NAME]
    reflection.enable_server_reflection(names, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"LISTENING {port}", flush=True)
    sys.stdin.read()
    server.stop(0)


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"{actual!r} is not {wanted!r}")


def check(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    expect(stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status, health_pb2.HealthCheckResponse.SERVING)
    try:
        stub.Check(health_pb2.HealthCheckRequest(service="none"), timeout=5)
        raise AssertionError("an unknown service was checked")
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.NOT_FOUND)


def watch(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    for service, wanted in (("shop.Shop", "SERVING"), ("none", "SERVICE_UNKNOWN")):
        feed = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=5)
        status = health_pb2.HealthCheckResponse.ServingStatus.Name(next(feed).status)
        expect(status, wanted)
        feed.cancel()


def list_health(channel):
    listed = health_pb2_grpc.HealthStub(channel).List(health_pb2.HealthListRequest(), timeout=5)
    expect("shop.Shop" in listed.statuses and "" in listed.statuses, True)


def list_services(channel):
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    expect("shop.Shop" in services, True)
    expect("grpc.reflection.v1alpha.ServerReflection" in services, True)


def find_service(channel):
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    service = pool.FindServiceByName("shop.Shop")
    expect([method.name for method in service.methods][:2], ["Echo", "Fail"])
    expect([field.name for field in service.methods[0].input_type.fields], ["n", "text", "body", "big", "colour"])
    expect(pool.FindServiceByName("grpc.health.v1.Health").methods_by_name["Watch"].server_streaming, True)


def channelz(channel):
    stub = channelz_pb2_grpc.ChannelzStub(channel)
    servers = stub.GetServers(channelz_pb2.GetServersRequest(), timeout=5)
    expect((len(servers.server), servers.end), (1, True))
    server = servers.server[0]
    one = channelz_pb2.GetServerRequest(server_id=server.ref.server_id)
    expect(stub.GetServer(one, timeout=5).server.ref, server.ref)
    page = channelz_pb2.GetServerSocketsRequest(server_id=server.ref.server_id)
    sockets = stub.GetServerSockets(page, timeout=5).socket_ref
    wanted = channelz_pb2.GetSocketRequest(socket_id=sockets[-1].socket_id)
    socket = stub.GetSocket(wanted, timeout=5).socket
    expect(bytes(socket.remote.tcpip_address.ip_address), bytes([127, 0, 0, 1]))
    expect(socket.local.tcpip_address.port > 0, True)
    top = stub.GetTopChannels(channelz_pb2.GetTopChannelsRequest(), timeout=5).channel
    ready = channelz_pb2.ChannelConnectivityState.READY
    expect([one.data.state.state for one in top], [ready])
    ref = channelz_pb2.GetSubchannelRequest(subchannel_id=top[0].subchannel_ref[0].subchannel_id)
    expect(len(stub.GetSubchannel(ref, timeout=5).subchannel.socket_ref), 1)
    try:
        stub.GetChannel(channelz_pb2.GetChannelRequest(channel_id=server.ref.server_id), timeout=5)
        raise AssertionError("a server was found as a channel")
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.NOT_FOUND)


def ask(address):
    for case in (check, watch, list_health, list_services, find_service, channelz):
        name = case.__name__.replace("_", "-")
        with grpc.insecure_channel(address) as channel:
            try:
                case(channel)
                print(json.dumps({"case": name, "ok": True, "detail": ""}), flush=True)
            except Exception as error:  # Whatever it is, the test is to show it.
                print(json.dumps({"case": name, "ok": False, "detail": repr(error)}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve()
    else:
        ask(sys.argv[2])
