// Services: what bounds those that come with the package.

/** Limits of the services. `maxWatches` and `maxListed` are options of `health`, `maxFiles` of the reflection client. */
export interface ServiceLimits {
  /** Health: watches open at once; one more ends with RESOURCE_EXHAUSTED. */
  readonly maxWatches: number;
  /** Health: services that `List` tells of; with more it ends with RESOURCE_EXHAUSTED. */
  readonly maxListed: number;
  /** Channelz: things in one answer, whatever its client asks for. */
  readonly maxPage: number;
  /** Reflection's client: files that a server may send. */
  readonly maxFiles: number;
}

export const serviceLimits: ServiceLimits = { maxWatches: 100, maxListed: 1000, maxPage: 100, maxFiles: 10_000 };
