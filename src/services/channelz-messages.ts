// Services: pictures of channels, servers and connections as the messages of channelz.
import { parseEndpoint } from "../host/endpoint.ts";
import { parseIpv4, parseIpv6 } from "../host/ip.ts";
import type { MetLimit } from "../rpc/limit-log.ts";
import type {
  AddressPicture,
  CallFigures,
  ChannelPicture,
  ChannelState,
  ConnectionPicture,
  ListenerPicture,
  ServerPicture,
} from "../rpc/picture.ts";
import type { Numbered, RuntimeView } from "../rpc/runtime-registry.ts";
import type {
  AddressInit,
  ChannelDataInit,
  ChannelInit,
  ChannelTraceInit,
  ServerDataInit,
  ServerInit,
  SocketInit,
  SocketRefInit,
  SubchannelInit,
} from "./gen/grpc/channelz/v1/channelz.ts";

/** What knows the numbers of things. */
type Numbers = Pick<RuntimeView, "idOf">;

const states = {
  idle: "IDLE",
  resolving: "CONNECTING",
  connecting: "CONNECTING",
  ready: "READY",
  backoff: "TRANSIENT_FAILURE",
  draining: "SHUTDOWN",
  closed: "SHUTDOWN",
} as const satisfies Readonly<Record<ChannelState, string>>;

export function channelMessage({ id, picture }: Numbered<ChannelPicture>, numbers: Numbers): ChannelInit {
  const { target, state, calls, addresses } = picture;
  const subchannelRef = addresses.map(({ identity, address }) => ({
    subchannelId: numbers.idOf(identity),
    name: address,
  }));
  return { ref: { channelId: id, name: target }, data: channelData(target, state, calls), subchannelRef };
}

export function subchannelMessage(picture: AddressPicture, numbers: Numbers): SubchannelInit {
  const { identity, address, state, calls, connections } = picture;
  return {
    ref: { subchannelId: numbers.idOf(identity), name: address },
    data: channelData(address, state, calls),
    socketRef: connections.map((connection) => socketRef(connection, numbers)),
  };
}

export function serverMessage({ id, picture }: Numbered<ServerPicture>, numbers: Numbers): ServerInit {
  const { listeners, calls, limitsMet } = picture;
  return {
    ref: { serverId: id, name: listeners.map(({ address }) => address).join(", ") },
    data: { ...callFigures(calls), ...(limitsMet.length > 0 && { trace: limitsTrace(limitsMet) }) },
    listenSocket: listeners.map(({ identity, address }) => ({ socketId: numbers.idOf(identity), name: address })),
  };
}

export function socketRef({ identity, local, remote }: ConnectionPicture, numbers: Numbers): SocketRefInit {
  return { socketId: numbers.idOf(identity), name: `${local} -> ${remote}` };
}

/** `isServer`: the other end begins the streams. */
export function connectionMessage(picture: ConnectionPicture, numbers: Numbers, isServer: boolean): SocketInit {
  const { local, remote, isSecure, calls } = picture;
  const newest = timestamp(calls?.lastStartedAt);
  return {
    ref: socketRef(picture, numbers),
    local: addressMessage(local),
    remote: addressMessage(remote),
    data: {
      streamsStarted: calls?.started ?? 0,
      streamsSucceeded: calls?.succeeded ?? 0,
      streamsFailed: calls?.failed ?? 0,
      messagesSent: calls?.messagesSent ?? 0,
      messagesReceived: calls?.messagesReceived ?? 0,
      [isServer ? "lastRemoteStreamCreatedTimestamp" : "lastLocalStreamCreatedTimestamp"]: newest,
    },
    ...(isSecure && { security: { model: { kind: "tls", value: {} } } }),
  };
}

export function listenerMessage({ identity, address }: ListenerPicture, numbers: Numbers): SocketInit {
  return { ref: { socketId: numbers.idOf(identity), name: address }, local: addressMessage(address), data: {} };
}

/** The limits that clients of a server have met: one event a limit, that of the last time. */
function limitsTrace(limitsMet: readonly MetLimit[]): ChannelTraceInit {
  const events = limitsMet.map(({ limit, count, lastAt, lastRemote, lastReason }) => ({
    description: `${limit}, ${count} times, last by ${lastRemote}: ${lastReason}`,
    severity: "CT_WARNING" as const,
    timestamp: timestamp(lastAt),
  }));
  return { numEventsLogged: limitsMet.reduce((sum, { count }) => sum + count, 0), events };
}

function channelData(target: string, state: ChannelState, calls: CallFigures | undefined): ChannelDataInit {
  return { target, state: { state: states[state] }, ...callFigures(calls) };
}

function callFigures(calls: CallFigures | undefined): ServerDataInit {
  if (calls === undefined) return {};
  const { started, succeeded, failed, lastStartedAt } = calls;
  return {
    callsStarted: started,
    callsSucceeded: succeeded,
    callsFailed: failed,
    lastCallStartedTimestamp: timestamp(lastStartedAt),
  };
}

function timestamp(ms: number | undefined): { readonly seconds: number; readonly nanos: number } | undefined {
  if (ms === undefined) return undefined;
  const whole = Math.floor(ms);
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 };
}

function addressMessage(text: string): AddressInit {
  try {
    const endpoint = parseEndpoint(text, "connect");
    if (endpoint.kind === "unix") return { address: { kind: "udsAddress", value: { filename: endpoint.path } } };
    if (endpoint.kind === "tcp" || endpoint.kind === "tls") {
      const ipAddress = ipBytes(endpoint.host);
      if (ipAddress !== undefined) {
        return { address: { kind: "tcpipAddress", value: { ipAddress, port: endpoint.port } } };
      }
    }
  } catch {
    // An end without an address of its own, such as that of a client on a Unix-domain socket.
  }
  return { address: { kind: "otherAddress", value: { name: text } } };
}

/** The 4 or 16 bytes of an IP address; undefined for a name. */
function ipBytes(host: string): Uint8Array | undefined {
  const four = parseIpv4(host);
  if (four !== undefined) return Uint8Array.from(four);
  const six = parseIpv6(host);
  return six && Uint8Array.from(six.groups.flatMap((group) => [group >> 8, group & 0xff]));
}
