// HTTP layer: header and trailer fields as protocols see them, whatever HTTP version carried them. Knows no bytes.

/**
 * One received block of fields, in order. The same object may be handed out again when a peer repeats a block, so it is
 * immutable but for `memo`, where a protocol keeps what it understood of it.
 */
export class Fields {
  /** Names and values in turn: `[name, value, name, value, ...]`. Names are lower-case; bytes above 127 are one char each. */
  readonly list: readonly string[];
  /** What the protocol that reads these fields made of them; its own business. */
  memo: unknown = undefined;

  constructor(list: readonly string[]) {
    this.list = list;
  }

  /** The first value of `name`, or undefined. */
  get(name: string): string | undefined {
    const { list } = this;
    for (let index = 0; index < list.length; index += 2) if (list[index] === name) return list[index + 1];
    return undefined;
  }
}

/**
 * Fields that are sent again and again, such as the head of every call to one method. A connection may keep their
 * encoded form per template object, so make one template and keep it.
 */
export class FieldTemplate {
  /** Names and values in turn, pseudo-fields first. */
  readonly list: readonly string[];

  constructor(list: readonly string[]) {
    this.list = list;
  }
}
