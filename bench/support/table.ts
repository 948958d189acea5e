// Benchmark: tables for people. Columns are aligned, numbers to the right.

/** Lines of a table: the first row is the head; cells that begin with a digit, or with nothing but a dash, go right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumeric = (rows[1] ?? []).map((_, column) =>
    rows.slice(1).every((row) => /^([\d.<]|-$|$)/.test(row[column] ?? "")),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `1234567.8` as `1,234,568`. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "-";
}

/** At most three significant digits; whole numbers from 100 on. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? formatCount(value) : `${Number(value.toPrecision(3))}`;
}
