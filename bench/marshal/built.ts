// Benchmark, marshalling: the types of the shapes, built in TypeScript.
import {
  bool,
  bytes,
  double,
  field,
  fixed32,
  fixed64,
  float,
  int32,
  int64,
  map,
  message,
  optional,
  repeated,
  required,
  sfixed32,
  sint32,
  sint64,
  string,
  uint32,
  uint64,
} from "farcall/idl";

export const EchoRequest = message("bench.EchoRequest", { message: string(1), n: int32(2), payload: bytes(3) });

const Line = message("bench.Line", { sku: string(1), count: int32(2), price: double(3) });

export const Order = message("bench.Order", {
  id: string(1),
  customer: string(2),
  placedAt: int64(3),
  paid: bool(4),
  lines: repeated(field(Line, 5)),
  codes: repeated(uint32(6)),
  labels: map(string, string(7)),
});

export const Readings = message("bench.Readings", {
  sensor: uint64(1),
  since: fixed64(2),
  values: repeated(double(3)),
  steps: repeated(int32(4)),
  offsets: repeated(sint32(5)),
});

export const Account = message("bench.Account", {
  id: string(1),
  email: string(2),
  givenName: string(3),
  familyName: string(4),
  country: string(5),
  language: string(6),
  currency: string(7),
  timeZone: string(8),
  plan: string(9),
  referrer: string(10),
  age: int32(11),
  logins: int32(12),
  offsetMinutes: int32(13),
  flags: uint32(14),
  revision: uint32(15),
  trend: sint32(16),
  createdAt: int64(17),
  updatedAt: int64(18),
  storedBytes: uint64(19),
  quotaBytes: uint64(20),
  drift: sint64(21),
  address: fixed32(22),
  trace: fixed64(23),
  latitudeE7: sfixed32(24),
  verified: bool(25),
  locked: bool(26),
  subscribed: bool(27),
  score: float(28),
  balance: double(29),
  limit: double(30),
});

const Moment = message("bench.Moment", { seconds: int64(1), nanos: int32(2) });

const DirectoryEntry = message("bench.DirectoryEntry", {
  name: string(1),
  size: uint64(2),
  modified: field(Moment, 3),
  directory: bool(4),
});

export const DirectoryList = message("bench.DirectoryList", { entries: repeated(field(DirectoryEntry, 1)) });

export const Samples = message("bench.Samples", {
  times: repeated(int64(1)),
  codes: repeated(uint32(2)),
  steps: repeated(sint32(3)),
  levels: repeated(float(4)),
  values: repeated(double(5)),
  marks: repeated(fixed32(6)),
  valid: repeated(bool(7)),
});

export const Tally = message("bench.Tally", { counts: map(string, int64(1)), labels: map(string, string(2)) });

export const Blob = message("bench.Blob", { data: bytes(1) });

const Client = message("bench.Visit.Client", {
  version: optional(int32(1)),
  patch: optional(int32(2)),
  system: optional(string(3)),
  fingerprint: optional(fixed64(16)),
  mobile: optional(bool(20)),
  locale: optional(string(21)),
  offset: optional(sint32(22)),
});

export const Visit = message("bench.Visit", {
  page: required(string(1)),
  referrer: optional(string(2)),
  agent: optional(string(3)),
  status: optional(int32(4, { default: 200 })),
  marks: repeated(fixed64(5), { packed: false }),
  secure: optional(bool(6)),
  width: optional(int32(7)),
  height: optional(int32(8)),
  startedAt: optional(int64(9)),
  elapsed: optional(int32(10)),
  client: field(Client, 15),
  cached: optional(bool(30, { default: true })),
  first: optional(bool(31)),
  retries: optional(int32(41, { default: 1 })),
  bytesIn: optional(int32(60)),
  bytesOut: optional(int32(67)),
  queue: optional(int32(68)),
  session: optional(string(80)),
  robot: optional(bool(81, { default: true })),
  shard: optional(int32(100)),
  replica: optional(int32(101)),
  region: optional(string(102)),
  zone: optional(string(103)),
  address: optional(fixed32(104)),
  sampled: optional(bool(130)),
  share: optional(float(150)),
  cost: optional(double(200)),
});

const Source = message("bench.VisitLog.Page.Source", {
  address: optional(string(21)),
  fetchedAt: optional(int64(22)),
  attempts: optional(int32(23)),
});

const Page = message("bench.VisitLog.Page", {
  weight: required(float(11)),
  decay: optional(float(12)),
  path: optional(string(13)),
  title: optional(string(14)),
  summary: optional(string(15)),
  status: optional(int32(16)),
  links: repeated(fixed64(17), { packed: false }),
  depth: optional(int32(18)),
  tags: repeated(string(19)),
  source: field(Source, 20, { delimited: true }),
  indexed: optional(bool(30)),
});

export const VisitLog = message("bench.VisitLog", {
  site: optional(string(1)),
  beganAt: optional(int64(2)),
  endedAt: optional(int64(3)),
  host: optional(string(4)),
  page: repeated(field(Page, 10, { delimited: true })),
  shards: repeated(int32(40), { packed: false }),
  complete: optional(bool(41)),
  checksum: optional(int64(128)),
});
