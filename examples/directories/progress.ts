// Example, directories: how far a transfer is, and how that looks on a terminal. Pure but for the bar at the end, which writes.
import type { WriteStream } from "node:tty";

/** How far a transfer is. */
export interface Progress {
  readonly bytes: number;
  /** Undefined when nobody knows how many there will be. */
  readonly totalBytes: number | undefined;
  /** Over about the last second. */
  readonly bytesPerSecond: number;
}

const windowMs = 1000;
const sampleMs = 50;

/** Counts the bytes of a transfer. Times are milliseconds of any clock that only goes forward. */
export class ProgressMeter {
  readonly #totalBytes: number | undefined;
  /** Oldest first: the first is as old as the window, or the beginning. */
  readonly #samples: { readonly at: number; readonly bytes: number }[];
  #bytes = 0;

  constructor(totalBytes: number | undefined, now: number) {
    this.#totalBytes = totalBytes;
    this.#samples = [{ at: now, bytes: 0 }];
  }

  count(bytes: number, now: number): Progress {
    this.#bytes += bytes;
    const samples = this.#samples;
    const last = samples.at(-1) as { at: number };
    if (now - last.at >= sampleMs) samples.push({ at: now, bytes: this.#bytes });
    while (samples.length > 2 && now - (samples[1] as { at: number }).at >= windowMs) samples.shift();
    const first = samples[0] as { at: number; bytes: number };
    const bytesPerSecond = now > first.at ? ((this.#bytes - first.bytes) / (now - first.at)) * 1000 : 0;
    return { bytes: this.#bytes, totalBytes: this.#totalBytes, bytesPerSecond };
  }
}

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** A number of bytes for people: "8.4 MB", in thousands as disks are sold. */
export function formatBytes(bytes: number): string {
  let [value, at] = [bytes, 0];
  // 999.95 kB would be written as 1000.0 kB.
  while (value >= 999.95 && at < units.length - 1) [value, at] = [value / 1000, at + 1];
  return `${at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** One line of at most `columns` letters: `photo.jpg  [=====>    ]  52 %  4.2 MB of 8.0 MB  95.0 MB/s  0:04 left`. */
export function formatProgress(name: string, progress: Progress, columns: number): string {
  const { bytes, totalBytes, bytesPerSecond } = progress;
  const rate = `${formatBytes(bytesPerSecond)}/s`;
  if (totalBytes === undefined) return fit(name, `  ${formatBytes(bytes)}  ${rate}`, columns);
  const share = totalBytes === 0 ? 1 : Math.min(bytes / totalBytes, 1);
  const left = bytesPerSecond > 0 ? `  ${formatSeconds((totalBytes - bytes) / bytesPerSecond)} left` : "";
  const figures = `${`${Math.floor(share * 100)}`.padStart(3)} %  ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${rate}${left}`;
  const barColumns = Math.min(30, columns - name.length - figures.length - 6);
  if (barColumns < 8) return fit(name, `  ${figures}`, columns);
  const filled = Math.floor(share * barColumns);
  const bar = `${"=".repeat(filled)}${filled < barColumns ? ">" : ""}`.padEnd(barColumns);
  return `${name}  [${bar}]  ${figures}`;
}

/** Shortens the name before the figures. */
function fit(name: string, figures: string, columns: number): string {
  const room = columns - figures.length;
  if (room < 8) return figures.trimStart().slice(0, columns);
  return `${name.length > room ? `${name.slice(0, room - 3)}...` : name}${figures}`;
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`;
}

const redrawMs = 100;

/** A progress bar, on a terminal; elsewhere it shows nothing. */
export class ProgressBar {
  readonly #stream: WriteStream;
  readonly #name: string;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(stream: WriteStream, name: string) {
    this.#stream = stream;
    this.#name = name;
  }

  readonly show = (progress: Progress): void => {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    // The last column stays free: some terminals begin a new line after it.
    this.#stream.write(`\r${formatProgress(this.#name, progress, (this.#stream.columns || 80) - 1)}\u001b[K`);
  };

  /** Takes the bar away. */
  clear(): void {
    if (this.#drawnAt > 0) this.#stream.write("\r\u001b[K");
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }
}
