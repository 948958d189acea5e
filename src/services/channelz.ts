// Services: grpc.channelz.v1.Channelz, by which tools such as grpcdebug see the channels, servers and connections of a
// runtime. The contract is third_party/grpc/grpc/channelz/v1/channelz.proto, its rules gRFC A14. It keeps nothing: each
// answer is made of pictures. The only trace is a server's: the limits that its clients have met.
import { CallError } from "../rpc/call-error.ts";
import { type Handlers, type Implementation, implement } from "../rpc/implement.ts";
import type { AddressPicture, ServerPicture } from "../rpc/picture.ts";
import type { Numbered, RuntimeView } from "../rpc/runtime-registry.ts";
import type { ServerCall } from "../rpc/server-call.ts";
import {
  channelMessage,
  connectionMessage,
  listenerMessage,
  serverMessage,
  socketRef,
  subchannelMessage,
} from "./channelz-messages.ts";
import {
  Channelz,
  type GetChannelRequest,
  type GetChannelResponseInit,
  type GetServerRequest,
  type GetServerResponseInit,
  type GetServerSocketsRequest,
  type GetServerSocketsResponseInit,
  type GetServersRequest,
  type GetServersResponseInit,
  type GetSocketRequest,
  type GetSocketResponseInit,
  type GetSubchannelRequest,
  type GetSubchannelResponseInit,
  type GetTopChannelsRequest,
  type GetTopChannelsResponseInit,
  type SocketInit,
} from "./gen/grpc/channelz/v1/channelz.ts";
import { serviceLimits } from "./limits.ts";

const { maxPage } = serviceLimits;

/**
 * Serves channelz: `serve(address, [..., channelz()])`. It tells of every channel and server that the runtime has made, with
 * the addresses of their peers, to whoever reaches the server: list it where that is meant.
 */
export function channelz(): Implementation {
  return implement(Channelz, handlers, { administrative: true });
}

const handlers: Handlers<typeof Channelz.methods> = {
  getTopChannels(
    { startChannelId, maxResults }: GetTopChannelsRequest,
    { server: { runtime } }: ServerCall,
  ): GetTopChannelsResponseInit {
    const max = pageSize(maxResults);
    // One more tells whether this is the end.
    const found = runtime.channels(Number(startChannelId), max + 1);
    const channel = found.slice(0, max).map((one) => channelMessage(one, runtime));
    return { channel, end: found.length <= max };
  },

  getServers(
    { startServerId, maxResults }: GetServersRequest,
    { server: { runtime } }: ServerCall,
  ): GetServersResponseInit {
    const max = pageSize(maxResults);
    const found = runtime.servers(Number(startServerId), max + 1);
    const server = found.slice(0, max).map((one) => serverMessage(one, runtime));
    return { server, end: found.length <= max };
  },

  getServer({ serverId }: GetServerRequest, { server: { runtime } }: ServerCall): GetServerResponseInit {
    return { server: serverMessage(findServer(runtime, serverId), runtime) };
  },

  getServerSockets(
    { serverId, startSocketId, maxResults }: GetServerSocketsRequest,
    { server: { runtime } }: ServerCall,
  ): GetServerSocketsResponseInit {
    const max = pageSize(maxResults);
    const { connections } = findServer(runtime, serverId).picture;
    const from = Number(startSocketId);
    const found = connections
      .map((picture) => ({ id: runtime.idOf(picture.identity), picture }))
      .filter(({ id }) => id >= from)
      .sort((a, b) => a.id - b.id);
    const page = found.slice(0, max).map(({ picture }) => socketRef(picture, runtime));
    return { socketRef: page, end: found.length <= max };
  },

  getChannel({ channelId }: GetChannelRequest, { server: { runtime } }: ServerCall): GetChannelResponseInit {
    const found = runtime.channels(Number(channelId), 1)[0];
    if (found?.id !== Number(channelId)) throw unknown("channel", channelId);
    return { channel: channelMessage(found, runtime) };
  },

  getSubchannel(
    { subchannelId }: GetSubchannelRequest,
    { server: { runtime } }: ServerCall,
  ): GetSubchannelResponseInit {
    for (const address of allAddresses(runtime)) {
      if (runtime.idOf(address.identity) !== Number(subchannelId)) continue;
      return { subchannel: subchannelMessage(address, runtime) };
    }
    throw unknown("subchannel", subchannelId);
  },

  getSocket({ socketId }: GetSocketRequest, { server: { runtime } }: ServerCall): GetSocketResponseInit {
    const socket = findSocket(runtime, Number(socketId));
    if (socket === undefined) throw unknown("socket", socketId);
    return { socket };
  },
};

function findServer(runtime: RuntimeView, id: bigint): Numbered<ServerPicture> {
  const found = runtime.servers(Number(id), 1)[0];
  if (found?.id === Number(id)) return found;
  throw unknown("server", id);
}

function findSocket(runtime: RuntimeView, id: number): SocketInit | undefined {
  for (const { picture } of runtime.servers(0, Number.POSITIVE_INFINITY)) {
    const listener = picture.listeners.find(({ identity }) => runtime.idOf(identity) === id);
    if (listener !== undefined) return listenerMessage(listener, runtime);
    const connection = picture.connections.find(({ identity }) => runtime.idOf(identity) === id);
    if (connection !== undefined) return connectionMessage(connection, runtime, true);
  }
  for (const { connections } of allAddresses(runtime)) {
    const connection = connections.find(({ identity }) => runtime.idOf(identity) === id);
    if (connection !== undefined) return connectionMessage(connection, runtime, false);
  }
  return undefined;
}

function allAddresses(runtime: RuntimeView): readonly AddressPicture[] {
  return runtime.channels(0, Number.POSITIVE_INFINITY).flatMap(({ picture }) => picture.addresses);
}

function pageSize(maxResults: bigint): number {
  if (maxResults < 0n) throw new CallError("INVALID_ARGUMENT", `max_results is ${maxResults}; it is never negative`);
  return maxResults === 0n || maxResults > BigInt(maxPage) ? maxPage : Number(maxResults);
}

function unknown(what: string, id: bigint): CallError {
  return new CallError("NOT_FOUND", `no ${what} here has the id ${id}`);
}
