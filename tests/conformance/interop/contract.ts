// gRPC's interoperability tests: their contract in our own terms, as far as the cases need it, and that of load reports.
import {
  bidiStream,
  bool,
  bytes,
  clientStream,
  double,
  enumeration,
  field,
  int32,
  map,
  message,
  repeated,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";
import { Duration } from "farcall/well-known";

const PayloadType = enumeration("grpc.testing.PayloadType", { COMPRESSABLE: 0 });
const Payload = message("grpc.testing.Payload", { type: field(PayloadType, 1), body: bytes(2) });
const EchoStatus = message("grpc.testing.EchoStatus", { code: int32(1), message: string(2) });
/** A bool that knows whether it was set. */
const BoolValue = message("grpc.testing.BoolValue", { value: bool(1) });
const TestOrcaReport = message("grpc.testing.TestOrcaReport", {
  cpuUtilization: double(1),
  memoryUtilization: double(2),
  requestCost: map(string, double(3)),
  utilization: map(string, double(4)),
});

export const Empty = message("grpc.testing.Empty", {});
export const SimpleRequest = message("grpc.testing.SimpleRequest", {
  responseType: field(PayloadType, 1),
  responseSize: int32(2),
  payload: field(Payload, 3),
  responseCompressed: field(BoolValue, 6),
  responseStatus: field(EchoStatus, 7),
  expectCompressed: field(BoolValue, 8),
  fillServerId: bool(9),
  orcaPerQueryReport: field(TestOrcaReport, 11),
});
export const SimpleResponse = message("grpc.testing.SimpleResponse", {
  payload: field(Payload, 1),
  serverId: string(4),
});
export const InputRequest = message("grpc.testing.StreamingInputCallRequest", {
  payload: field(Payload, 1),
  expectCompressed: field(BoolValue, 2),
});
const InputResponse = message("grpc.testing.StreamingInputCallResponse", { aggregatedPayloadSize: int32(1) });
const ResponseParameters = message("grpc.testing.ResponseParameters", {
  size: int32(1),
  intervalUs: int32(2),
  compressed: field(BoolValue, 3),
});
const OutputRequest = message("grpc.testing.StreamingOutputCallRequest", {
  responseType: field(PayloadType, 1),
  responseParameters: repeated(field(ResponseParameters, 2)),
  payload: field(Payload, 3),
  responseStatus: field(EchoStatus, 7),
  orcaOobReport: field(TestOrcaReport, 8),
});
export const OutputResponse = message("grpc.testing.StreamingOutputCallResponse", { payload: field(Payload, 1) });

/** The service with types of one's own in the places of those whose compression counts. */
export function testService<
  Request extends typeof SimpleRequest,
  Response extends typeof SimpleResponse,
  Input extends typeof InputRequest,
  Output extends typeof OutputResponse,
>(types: { request: Request; response: Response; input: Input; output: Output }) {
  return service("grpc.testing.TestService", {
    emptyCall: unary(Empty, Empty),
    unaryCall: unary(types.request, types.response),
    streamingOutputCall: serverStream(OutputRequest, types.output),
    streamingInputCall: clientStream(types.input, InputResponse),
    fullDuplexCall: bidiStream(OutputRequest, types.output),
    halfDuplexCall: bidiStream(OutputRequest, types.output),
    unimplementedCall: unary(Empty, Empty),
  });
}

export const UnimplementedService = service("grpc.testing.UnimplementedService", {
  unimplementedCall: unary(Empty, Empty),
});

/** A server's load, as its trailer `endpoint-load-metrics-bin` and the service below tell it (gRFC A51). */
export const LoadReport = message("xds.data.orca.v3.OrcaLoadReport", {
  cpuUtilization: double(1),
  memUtilization: double(2),
  requestCost: map(string, double(4)),
  utilization: map(string, double(5)),
});
const LoadReportRequest = message("xds.service.orca.v3.OrcaLoadReportRequest", {
  reportInterval: field(Duration, 1),
  requestCostNames: repeated(string(2)),
});
export const LoadReports = service("xds.service.orca.v3.OpenRcaService", {
  streamCoreMetrics: serverStream(LoadReportRequest, LoadReport),
});

/** The metadata that servers send back, and the trailer of load reports. */
export const names = {
  initial: "x-grpc-test-echo-initial",
  trailing: "x-grpc-test-echo-trailing-bin",
  load: "endpoint-load-metrics-bin",
} as const;

/** gRPC's interoperability tests take up to 16 MiB. */
export const maxMessageBytes = 16 * 1024 * 1024;
