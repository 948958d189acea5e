// The table of the interop matrix: what every case came to with every peer, in both directions, and which cells cannot be.
import { type Group, groups } from "./cases/groups.ts";

export type Direction = "our client" | "our server";
type Outcome = "ok" | "FAIL" | "n/a";

/** What a toolkit cannot do in one case and direction, and why. */
interface Exception {
  readonly peer: string;
  readonly name: string;
  readonly direction: Direction;
  readonly why: string;
}

const exceptions: readonly Exception[] = [
  {
    peer: "grpc-js",
    name: "gzip-replies",
    direction: "our client",
    why: "the server of grpc-js compresses no replies",
  },
  {
    peer: "connect-es",
    name: "headers-first",
    direction: "our client",
    why: "the server of connect-es sends its headers with the first message, never before",
  },
];

const nameWidth = 23;
const minCellWidth = "FAIL FAIL".length;

export class Matrix {
  readonly #titles: readonly string[];
  readonly #outcomes = new Map<string, Outcome>();

  /** A column for each peer. */
  constructor(titles: readonly string[]) {
    this.#titles = titles;
  }

  note(peer: string, name: string, direction: Direction, passed: boolean): void {
    this.#outcomes.set(`${peer} ${name} ${direction}`, passed ? "ok" : "FAIL");
  }

  /** Why the peer cannot have this case; it is noted. Undefined: it can. */
  exception(peer: string, name: string, direction: Direction): string | undefined {
    const found = exceptions.find((one) => one.peer === peer && one.name === name && one.direction === direction);
    if (found !== undefined) this.#outcomes.set(`${peer} ${name} ${direction}`, "n/a");
    return found?.why;
  }

  /** A row a case, a column a peer; in a cell our client with its server, then its client with our server. */
  format(): string {
    const widths = this.#titles.map((title) => Math.max(title.length, minCellWidth));
    const row = (name: string, cells: readonly string[]): string =>
      [name.padEnd(nameWidth), ...cells.map((cell, index) => cell.padEnd(widths[index] ?? 0))].join("  ").trimEnd();
    const rows = ({ title, cases }: Group): string[] => [
      title,
      ...[...cases.keys()].map((name) =>
        row(
          `  ${name}`,
          this.#titles.map((peer) => this.#cell(peer, name)),
        ),
      ),
    ];
    const applied = exceptions.filter(({ peer, name, direction }) => this.#outcome(peer, name, direction) === "n/a");
    const notes = applied.map(({ peer, name, direction, why }) => `n/a  ${peer}, ${name}, ${direction}: ${why}`);
    const head = "gRPC interop: our client with its server, its client with our server";
    return [head, row("", this.#titles), ...groups.flatMap(rows), ...notes].join("\n");
  }

  #outcome(peer: string, name: string, direction: Direction): string {
    return this.#outcomes.get(`${peer} ${name} ${direction}`) ?? "-";
  }

  #cell(peer: string, name: string): string {
    return `${this.#outcome(peer, name, "our client").padEnd(4)} ${this.#outcome(peer, name, "our server")}`;
  }
}
