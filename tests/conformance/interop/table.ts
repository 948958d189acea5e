// gRPC's interoperability tests: which cases run between whom. Every case that runs must pass; where one does not run, the
// reason stands here.

/** Client and server, in the order of the table's columns. */
export const pairs = [
  "our client, grpc-go",
  "our client, grpc-go, TLS",
  "our client, grpc-java",
  "grpc-go, our server",
  "grpc-go, our server, TLS",
  "grpc-java, our server",
  "our client, our server",
] as const;
export type Pair = (typeof pairs)[number];

type Reasons = Partial<Record<Pair, string>>;

/** The same reason for several pairs. */
const because = (reason: string, ...those: Pair[]): Reasons => Object.fromEntries(those.map((pair) => [pair, reason]));

const goServer = ["our client, grpc-go", "our client, grpc-go, TLS"] as const;
const goClient = ["grpc-go, our server", "grpc-go, our server, TLS"] as const;
const javaServer = "our client, grpc-java";

const noCompression = because("grpc-go has none of the cases of compression", ...goServer, ...goClient);
const noLook = because("grpc-java's server does not look at what came compressed", javaServer);

export const rows: readonly (readonly [name: string, notRun: Reasons])[] = [
  ["empty_unary", {}],
  ["large_unary", {}],
  ["client_streaming", {}],
  ["server_streaming", {}],
  ["ping_pong", {}],
  ["empty_stream", {}],
  ["timeout_on_sleeping_server", {}],
  ["cancel_after_begin", {}],
  ["cancel_after_first_response", {}],
  ["status_code_and_message", {}],
  ["special_status_message", {}],
  ["custom_metadata", {}],
  ["unimplemented_method", {}],
  ["unimplemented_service", {}],
  ["orca_per_rpc", {}],
  ["orca_oob", {}],
  ["rpc_soak", {}],
  ["channel_soak", {}],
  ["client_compressed_unary", { ...noCompression, ...noLook }],
  ["client_compressed_unary_noprobe", noCompression],
  ["server_compressed_unary", noCompression],
  ["client_compressed_streaming", { ...noCompression, ...noLook }],
  ["client_compressed_streaming_noprobe", noCompression],
  [
    "server_compressed_streaming",
    { ...noCompression, ...because("grpc-java's server compresses no streams", javaServer) },
  ],
  [
    "very_large_request",
    {
      ...because("grpc-go's server takes 4 MiB at most", ...goServer),
      ...because("grpc-go's client lacks the case", ...goClient),
    },
  ],
  ["pick_first_unary", because("their servers do not say who they are", ...goServer, javaServer)],
];

/** The names of the cases that run between a pair. */
export function casesOf(pair: Pair): string[] {
  return rows.filter(([, notRun]) => notRun[pair] === undefined).map(([name]) => name);
}
