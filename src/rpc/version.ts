// RPC layer: this release, as peers and telemetry are told of it. A test holds it to package.json.

export const version = "0.1.0";
