// IDL layer: whose comment it is. Given the text between two declarations, it tells which part trails the one before,
// which leads the one behind, and which belongs to neither, by the rules of protoc's `SourceCodeInfo`
// (https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto, message Location).

/** The comments of one gap, marks removed. */
export interface GapComments {
  readonly trailing: string | undefined;
  readonly detached: readonly string[];
  readonly leading: string | undefined;
}

/** What stands around a gap. */
export interface GapEnds {
  /** Nothing stands before it: the gap begins the file. */
  readonly atStart: boolean;
  /** The token behind it; `""` at the end of the file. */
  readonly next: string;
}

/** Sorts the comments of `gap`, which holds only blanks and comments. */
export function sortGapComments(gap: string, ends: GapEnds): GapComments {
  const pieces = splitGap(gap);
  const sorter = new Sorter(!ends.atStart);
  let index = 0;
  if (!ends.atStart) {
    const first = pieces[0];
    if (first === undefined) return sorter.finish();
    if (first.kind !== "newline") {
      sorter.comment(first);
      sorter.flush();
      index = 1;
    }
    if (pieces[index]?.kind === "newline") index++;
  }
  // What follows stands on the line on which the first comment ends.
  const crowded = !ends.atStart && pieces[0]?.kind === "block" && !pieces.slice(1).some(endsLine);
  while (index < pieces.length) {
    const piece = pieces[index++] as Piece;
    if (piece.kind === "newline") {
      sorter.flush();
      sorter.letGoOfPrevious();
      continue;
    }
    sorter.comment(piece);
    // A comment ends its line: only a second line end is a blank line.
    if (pieces[index]?.kind === "newline") index++;
  }
  const closes = ends.next === "" || ends.next === "}" || ends.next === "]" || ends.next === ")";
  if (closes) sorter.flush();
  if (crowded) sorter.letGoOfSingle();
  return sorter.finish();
}

interface Piece {
  readonly kind: "newline" | "line" | "block";
  readonly text: string;
}

function endsLine({ kind, text }: Piece): boolean {
  return kind !== "block" || text.includes("\n");
}

/** Line ends and comments in order. A line comment's own line end follows it as a piece. */
function splitGap(gap: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const pattern = /\n|\/\/([^\n]*)|\/\*([\s\S]*?)(?:\*\/|$)/g;
  for (const match of gap.matchAll(pattern)) {
    if (match[1] !== undefined) pieces.push({ kind: "line", text: match[1] });
    else if (match[2] !== undefined) pieces.push({ kind: "block", text: match[2] });
    else pieces.push({ kind: "newline", text: "" });
  }
  return pieces;
}

class Sorter {
  #trailing: string | undefined;
  readonly #detached: string[] = [];
  #open: { kind: "line" | "block"; lines: string[] } | undefined;
  #nearPrevious: boolean;

  constructor(nearPrevious: boolean) {
    this.#nearPrevious = nearPrevious;
  }

  comment(piece: Piece): void {
    const kind = piece.kind === "line" ? "line" : "block";
    if (this.#open !== undefined && (kind === "block" || this.#open.kind === "block")) this.flush();
    this.#open ??= { kind, lines: [] };
    this.#open.lines.push(...(kind === "line" ? [piece.text] : blockLines(piece.text)));
  }

  /** Ends the open comment: it trails what is before it, or belongs to nobody. */
  flush(): void {
    if (this.#open === undefined) return;
    const text = joinLines(this.#open.lines);
    if (this.#nearPrevious) this.#trailing = text;
    else if (text !== undefined) this.#detached.push(text);
    this.#nearPrevious = false;
    this.#open = undefined;
  }

  letGoOfPrevious(): void {
    this.#nearPrevious = false;
  }

  /** Nobody can tell whose a single comment between two things on one line is. */
  letGoOfSingle(): void {
    if (this.#trailing === undefined || this.#detached.length > 0 || this.#open !== undefined) return;
    this.#detached.push(this.#trailing);
    this.#trailing = undefined;
  }

  finish(): GapComments {
    const leading = this.#open === undefined ? undefined : joinLines(this.#open.lines);
    return { trailing: this.#trailing, detached: this.#detached, leading };
  }
}

/** The lines of a block comment without the column of stars that many draw at their left. */
function blockLines(text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  return [first, ...rest.map((line) => line.replace(/^\s*\*?/, ""))];
}

function joinLines(lines: readonly string[]): string | undefined {
  const bare = lines.map((line) => line.replace(/^ /, "").trimEnd());
  while (bare.length > 0 && bare[0] === "") bare.shift();
  while (bare.length > 0 && bare.at(-1) === "") bare.pop();
  return bare.length === 0 ? undefined : bare.join("\n");
}
