// Benchmark, marshalling: the values that are marshalled, in our own form, each the same in every run. Their 64-bit numbers
// are small enough for every toolkit's own form. Whatever has a default is set to something else: some toolkits leave a
// default out, others read one that was not sent.

/** A message as TypeScript has it: 64-bit numbers are `bigint`, maps are `Map`. */
export type Value = Readonly<Record<string, unknown>>;

/** Made by `push`: an array made at its full length counts as one with holes, which no program sends. */
function list<Item>(length: number, make: (index: number) => Item): Item[] {
  const items: Item[] = [];
  for (let index = 0; index < length; index++) items.push(make(index));
  return items;
}

const words =
  "amber basin cedar delta ember fjord grove haven inlet jetty knoll ledge marsh north ocean pines quarry river shore " +
  "tidal upland valley water yarrow zephyr";

/** `count` words of text, other ones for each seed. */
export function textOf(seed: number, count: number): string {
  const all = words.split(" ");
  return list(count, (index) => all[(seed * 7 + index * (seed % 5) + index * index) % all.length]).join(" ");
}

export function echoRequest(): Value {
  return { message: "abcdefghijklmnopqrstuvwxyz012345", n: 5, payload: new Uint8Array(0) };
}

export function order(): Value {
  return {
    id: "0198c1de-7f4a-7000-8000-2f6d1ac5b3e0",
    customer: "Zoë Fernández, 12 Rue de l'Église",
    placedAt: 1_700_000_000_123n,
    paid: true,
    lines: list(5, (i) => ({ sku: `SKU-00${i}-BLUE`, count: i + 1, price: 9.99 + i })),
    codes: list(12, (i) => i * i * 31),
    labels: new Map([
      ["channel", "web"],
      ["region", "eu-west-3"],
    ]),
  };
}

export function readings(): Value {
  return {
    sensor: 90_071_992_547n,
    since: 1_700_000_000_000n,
    values: list(64, (i) => Math.sin(i) * 1000),
    steps: list(64, (i) => (i % 2 === 0 ? i : i * 70_000)),
    offsets: list(64, (i) => (i % 2 === 0 ? 0 - i : i)),
  };
}

/** Thirty fields, all set: ten short strings and twenty scalars of every kind. */
export function account(): Value {
  return {
    id: "acc-7f4a8c21",
    email: "ines@example.org",
    givenName: "Inês",
    familyName: "Carvalho",
    country: "PT",
    language: "pt-PT",
    currency: "EUR",
    timeZone: "Europe/Lisbon",
    plan: "team",
    referrer: "newsletter",
    age: 41,
    logins: 1_284,
    offsetMinutes: -60,
    flags: 0x8005,
    revision: 19,
    trend: -37,
    createdAt: 1_612_137_600_000n,
    updatedAt: 1_700_000_000_123n,
    storedBytes: 7_516_192_768n,
    quotaBytes: 10_737_418_240n,
    drift: -12_345n,
    address: 0xc0a8_0117,
    trace: 4_294_967_296_123n,
    latitudeE7: 387_222_524,
    verified: true,
    locked: true,
    subscribed: true,
    score: 0.875,
    balance: 1_204.55,
    limit: 5_000.5,
  };
}

/** A directory of so many entries, every tenth a directory itself. */
export function directory(entries: number): Value {
  return {
    entries: list(entries, (i) => ({
      name: `report-${1000 + i}-${i % 10 === 0 ? "archive" : "final.pdf"}`,
      size: BigInt(4096 + i * i * 37),
      modified: { seconds: BigInt(1_700_000_000 + i * 3601), nanos: 1 + ((i * 7_919_000) % 1_000_000_000) },
      directory: i % 10 === 0,
    })),
  };
}

/** Packed numbers of seven types, 500 of each. */
export function samples(): Value {
  return {
    times: list(500, (i) => BigInt(1_700_000_000_000 + i * 1000)),
    codes: list(500, (i) => (i * i) % 70_000),
    steps: list(500, (i) => (i % 2 === 0 ? 0 - i * 3 : i * 5)),
    levels: list(500, (i) => (i % 64) / 8),
    values: list(500, (i) => Math.sin(i) * 1000),
    marks: list(500, (i) => i * 65_537),
    valid: list(500, (i) => i % 3 !== 0),
  };
}

/** Two maps of a hundred entries, of numbers and of texts. */
export function tally(): Value {
  const key = (i: number): string => `${textOf(i, 1)}/${i}`;
  return {
    counts: new Map(list(100, (i) => [key(i), BigInt(1 + i * i * 12_345)])),
    labels: new Map(list(100, (i) => [key(i), textOf(i + 3, 2)])),
  };
}

/** So many bytes. */
export function blob(size: number): Value {
  return { data: Uint8Array.from({ length: size }, (_, i) => (i * 31) & 0xff) };
}

/** Small and flat, of proto2: most of its optional fields are set, some have numbers that take two bytes. */
export function visit(): Value {
  return {
    page: "/catalogue/tents/two-person",
    referrer: "https://search.example/?q=tent",
    agent: "Mozilla/5.0 (X11; Linux x86_64)",
    status: 304,
    marks: [1_700_000_000_001n, 1_700_000_000_480n],
    secure: true,
    width: 1920,
    height: 1080,
    startedAt: 1_700_000_000_123n,
    elapsed: 479,
    client: {
      version: 128,
      patch: 3,
      system: "Linux",
      fingerprint: 987_654_321_012n,
      mobile: true,
      locale: "de-AT",
      offset: -120,
    },
    cached: false,
    first: true,
    robot: false,
    retries: 2,
    bytesIn: 612,
    bytesOut: 48_213,
    session: "s-5b1f0c",
    shard: 17,
    replica: 2,
    region: "eu-west",
    address: 0x0a00_0242,
    share: 0.25,
    cost: 0.000_31,
  };
}

/** Large, of proto2: so many groups, mostly text, each with a group of its own. */
export function visitLog(pages: number): Value {
  return {
    site: "shop.example",
    beganAt: 1_700_000_000_000n,
    endedAt: 1_700_003_600_000n,
    host: "edge-17.example",
    page: list(pages, (i) => ({
      weight: 0.5 + (i % 8),
      decay: 0.125 * (1 + (i % 16)),
      path: `/${textOf(i, 3).replaceAll(" ", "/")}/${i}`,
      title: i % 8 === 0 ? `Über ${textOf(i + 1, 4)}` : textOf(i + 1, 5),
      summary: textOf(i + 2, 40 + (i % 30)),
      status: 200 + (i % 7),
      links: list(i % 5, (link) => BigInt(1 + i * 1_000_003 + link)),
      depth: 1 + (i % 9),
      tags: list(i % 4, (tag) => textOf(i + tag, 1)),
      source: { address: `10.0.${i % 256}.1`, fetchedAt: BigInt(1_699_000_000_000 + i), attempts: 1 + (i % 3) },
      indexed: true,
    })),
    shards: list(20, (i) => i * 113),
    complete: true,
    checksum: 4_503_599_627_370_495n,
  };
}
