// HTTP/2 layer: everything a peer can make grow, and how far. One record; every default is finite.

/**
 * Limits of one connection. All are defaults; those of `limits: { http2: { ... } }` of `dial` and `serve` are in
 * their place.
 */
export interface Http2Limits {
  /** Streams a peer may have open at once; more are refused. Advertised. */
  readonly maxConcurrentStreams: number;
  /** Bytes of a new stream's body that may be on their way to us, or here and not yet read. Advertised. */
  readonly streamWindowBytes: number;
  /** How far that grows for a stream whose reader keeps pace. */
  readonly maxStreamWindowBytes: number;
  /** The same for all streams of a connection together. Streams grow only as far as this leaves room for new ones. */
  readonly connectionWindowBytes: number;
  /** The largest frame we take (RFC 9113 section 4.2: 16,384 to 16,777,215). Advertised. */
  readonly maxFrameBytes: number;
  /** Encoded bytes of one header block, over all its frames. */
  readonly maxBlockBytes: number;
  /** CONTINUATION frames of one header block. */
  readonly maxContinuations: number;
  /** One block's fields: name + value + 32 each (RFC 9113 section 6.5.2). Advertised. */
  readonly maxFieldListBytes: number;
  /** One field's name and value together. */
  readonly maxFieldBytes: number;
  /** Fields of one block, each crumb of a cookie counted. */
  readonly maxFields: number;
  /** Bytes of the HPACK table that our decoder keeps. Advertised. */
  readonly decoderTableBytes: number;
  /** Bytes of the HPACK table that our encoder keeps, whatever the peer allows. */
  readonly encoderTableBytes: number;
  /** Entries of one SETTINGS frame. */
  readonly maxSettings: number;
  /** SETTINGS frames at once. */
  readonly settingsBurst: number;
  /** How fast that comes back. */
  readonly settingsPerSecond: number;
  /** Streams that a client resets, at once (CVE-2023-44487). */
  readonly resetsBurst: number;
  /** How fast that comes back. */
  readonly resetsPerSecond: number;
  /** Streams that we reset, or answer unread, for the peer's faults, at once (CVE-2025-8671). */
  readonly faultsBurst: number;
  /** How fast that comes back. */
  readonly faultsPerSecond: number;
  /** Streams refused because `maxConcurrentStreams` are open, or their calls still run, at once. */
  readonly refusalsBurst: number;
  /** How fast that comes back. */
  readonly refusalsPerSecond: number;
  /** Answers (acknowledgements, resets) that the peer has not taken, at which we stop reading. */
  readonly maxOwedAnswers: number;
  /** The same, above which we close. */
  readonly maxOwedAnswersHard: number;
  /** Server: the least time between two PINGs of a client that has calls open. */
  readonly minPingIntervalMs: number;
  /** Server: the same of a client that has none. */
  readonly minIdlePingIntervalMs: number;
  /**
   * PINGs in a row that come too soon and are still answered; the next one ends the connection with "too_many_pings".
   */
  readonly maxPingStrikes: number;
  /** Empty DATA frames in a row that end nothing. */
  readonly maxEmptyDataFrames: number;
  /** PRIORITY frames, times one more than the streams that the peer opened. */
  readonly priorityFramesPerStream: number;
  /** HEADERS on closed streams, and a server's RST_STREAM there, times one more than the streams that were opened. */
  readonly lateFramesPerStream: number;
  /** WINDOW_UPDATE frames that the peer may send before it gets anything. */
  readonly windowUpdatesBurst: number;
  /** WINDOW_UPDATE frames for each HEADERS and DATA frame that we sent. */
  readonly windowUpdatesPerFrame: number;
  /** Frames that do nothing, at once: of unknown types, answers to no question, repeated GOAWAYs. */
  readonly idleFramesBurst: number;
  /** How fast that comes back. */
  readonly idleFramesPerSecond: number;
  /**
   * Bytes of messages of which only a part has come, on all streams: those that are larger than their windows. One at
   * least.
   */
  readonly maxPartialBytes: number;
  /**
   * Bytes of replies that wait for their client's windows, or its socket: above it no handler of the connection
   * begins.
   */
  readonly maxHeldBytes: number;
  /**
   * Time in which some of such a reply must leave, while more than half of `maxHeldBytes` is held; up to twice as
   * long.
   */
  readonly heldTimeoutMs: number;
  /** Time for the peer's preface and first SETTINGS. */
  readonly prefaceTimeoutMs: number;
  /** Time for the acknowledgement of our SETTINGS. */
  readonly settingsTimeoutMs: number;
  /** Time from the first to the last frame of a header block. */
  readonly blockTimeoutMs: number;
}

export const defaultHttp2Limits: Http2Limits = {
  maxConcurrentStreams: 100,
  streamWindowBytes: 65_535,
  maxStreamWindowBytes: 4 * 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  maxFrameBytes: 16_384,
  maxBlockBytes: 64 * 1024,
  maxContinuations: 8,
  maxFieldListBytes: 16 * 1024,
  maxFieldBytes: 8 * 1024,
  maxFields: 128,
  decoderTableBytes: 4096,
  encoderTableBytes: 4096,
  maxSettings: 32,
  settingsBurst: 10,
  settingsPerSecond: 1,
  resetsBurst: 1000,
  resetsPerSecond: 33,
  faultsBurst: 100,
  faultsPerSecond: 10,
  refusalsBurst: 1000,
  refusalsPerSecond: 100,
  maxOwedAnswers: 100,
  maxOwedAnswersHard: 1000,
  minPingIntervalMs: 5 * 60_000,
  minIdlePingIntervalMs: 2 * 3_600_000,
  maxPingStrikes: 2,
  maxEmptyDataFrames: 10,
  priorityFramesPerStream: 100,
  lateFramesPerStream: 4,
  windowUpdatesBurst: 1000,
  windowUpdatesPerFrame: 20,
  idleFramesBurst: 100,
  idleFramesPerSecond: 10,
  maxPartialBytes: 16 * 1024 * 1024,
  maxHeldBytes: 16 * 1024 * 1024,
  heldTimeoutMs: 30_000,
  prefaceTimeoutMs: 5000,
  settingsTimeoutMs: 10_000,
  blockTimeoutMs: 10_000,
};
