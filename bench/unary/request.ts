// Benchmark, unary calls: the message that every row sends.

/** 32 ASCII characters, a small number, no payload. */
export const echoRequest = { message: "abcdefghijklmnopqrstuvwxyz012345", n: 5, payload: new Uint8Array(0) };
