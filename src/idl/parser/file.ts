// IDL layer: a whole `.proto` file: syntax, package, imports, and what it declares. It looks no name up and reads no
// other file. https://protobuf.dev/reference/protobuf/proto3-spec/#proto_file
import type { Comments } from "../descriptor.ts";
import { defaultIdlLimits, type IdlLimits } from "../limits.ts";
import { Source } from "../source.ts";
import { Problems } from "../source-error.ts";
import type {
  EnumNode,
  ExtendNode,
  ImportNode,
  MessageNode,
  NameNode,
  OptionNode,
  ParsedFile,
  ServiceNode,
} from "../syntax-tree.ts";
import { Cursor, TooManyErrors } from "./cursor.ts";
import { parseEnum } from "./enum.ts";
import { parseExtend, parseMessage } from "./message.ts";
import { parseOptionStatement } from "./option.ts";
import { parseService } from "./service.ts";

interface Content {
  package: NameNode | undefined;
  comments: Comments;
  readonly imports: ImportNode[];
  readonly messages: MessageNode[];
  readonly enums: EnumNode[];
  readonly services: ServiceNode[];
  readonly extends: ExtendNode[];
  readonly options: OptionNode[];
}

/**
 * Reads one `.proto` text. `name` is the path that others import it by. Never throws: what is wrong is in `errors`,
 * several of them where the text allows to go on, in the order of the text.
 */
export function parseFile(name: string, text: string, limits: Partial<IdlLimits> = {}): ParsedFile {
  const bounds = { ...defaultIdlLimits, ...limits };
  const problems = new Problems(bounds.maxErrors);
  const tooLarge = text.length > bounds.maxFileChars;
  const source = new Source(name, tooLarge ? "" : text);
  if (tooLarge) {
    problems.report(source, 0, {
      code: "file-too-large",
      sentence: `this file has ${text.length} characters, more than the ${bounds.maxFileChars} allowed`,
    });
  }
  const content: Content = {
    package: undefined,
    comments: {},
    imports: [],
    messages: [],
    enums: [],
    services: [],
    extends: [],
    options: [],
  };
  const cursor = new Cursor(source, problems, bounds);
  try {
    cursor.statement(() => parseSyntax(cursor, content));
    while (!cursor.atEnd) cursor.statement(() => parseTopLevel(cursor, content));
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
  }
  const errors = problems.errors.toSorted((one, other) => one.line - other.line || one.column - other.column);
  return { source, syntax: cursor.syntax, ...content, errors, warnings: problems.warnings };
}

/** The one edition that is understood; what came before editions is said with `syntax`. */
const knownEdition = "2023";

function parseSyntax(cursor: Cursor, content: Content): void {
  const before = cursor.leadingComments();
  if (cursor.is("edition")) {
    cursor.syntax = "editions";
    cursor.take();
    cursor.expect("=", 'after "edition"');
    const edition = cursor.takeText(`"${knownEdition}"`);
    if (edition.text !== knownEdition) refuseEdition(cursor, edition);
    cursor.expectEnd("after the edition");
  } else if (cursor.takeIf("syntax")) {
    cursor.expect("=", 'after "syntax"');
    const syntax = cursor.takeText('"proto3"');
    if (syntax.text !== "proto3" && syntax.text !== "proto2") {
      cursor.fail(
        {
          code: "unsupported-syntax",
          sentence: `expected the syntax "proto3" or "proto2", found "${syntax.text}"`,
          found: syntax.text,
          expected: '"proto3"',
          hint: /^\d{4}$/.test(syntax.text) ? `an edition is written edition = "${syntax.text}";` : undefined,
        },
        syntax.at,
      );
    }
    cursor.syntax = syntax.text;
    cursor.expectEnd("after the syntax");
  } else {
    cursor.syntax = "proto2";
    content.comments = before;
    cursor.report(
      {
        code: "unstated-syntax",
        sentence: "the file does not state its syntax, which makes it proto2",
        expected: 'syntax = "proto2";',
        hint: 'write syntax = "proto3"; (or proto2, or an edition) as the first statement',
        severity: "warning",
      },
      cursor.at,
    );
    return;
  }
  content.comments = { ...before, ...cursor.trailingComment() };
}

function refuseEdition(cursor: Cursor, { text, at }: NameNode): never {
  const older = text === "proto2" || text === "proto3";
  return cursor.fail(
    {
      code: "unsupported-syntax",
      sentence: older
        ? `"${text}" is no edition`
        : `the edition "${text}" is not known here: the newest is "${knownEdition}"`,
      found: text,
      expected: `"${knownEdition}"`,
      hint: older ? `write syntax = "${text}";` : undefined,
    },
    at,
  );
}

function parseTopLevel(cursor: Cursor, content: Content): void {
  if (cursor.takeIf(";")) return;
  switch (cursor.token.text) {
    case "message":
      content.messages.push(parseMessage(cursor));
      return;
    case "enum":
      content.enums.push(parseEnum(cursor));
      return;
    case "service":
      content.services.push(parseService(cursor));
      return;
    case "extend":
      content.extends.push(parseExtend(cursor));
      return;
    case "option":
      content.options.push(parseOptionStatement(cursor));
      return;
    case "import":
      content.imports.push(parseImport(cursor));
      return;
    case "package":
      parsePackage(cursor, content);
      return;
    default:
      refuseTopLevel(cursor);
  }
}

function parsePackage(cursor: Cursor, content: Content): void {
  const { start } = cursor.take();
  const name = cursor.takeDottedName("the package's name", false);
  cursor.expectEnd("after the package");
  if (content.package === undefined) content.package = name;
  else cursor.report({ code: "misplaced-statement", sentence: "a file has one package only", found: name.text }, start);
}

function parseImport(cursor: Cursor): ImportNode {
  cursor.take();
  const kind = cursor.takeIf("public") ? "public" : cursor.takeIf("weak") ? "weak" : "plain";
  const { text, at } = cursor.takeText("the path of a file in quotes");
  cursor.expectEnd("after the import");
  return { path: text, kind, at };
}

function refuseTopLevel(cursor: Cursor): void {
  const { text } = cursor.token;
  if (text === "syntax" || text === "edition") {
    cursor.fail({
      code: "misplaced-statement",
      sentence: `"${text}" must be the first statement of the file`,
      found: text,
    });
  }
  if (text !== "}") cursor.failExpected("a message, enum, service, import, package, option or extend");
  const { start } = cursor.take();
  cursor.report({ code: "unexpected-token", sentence: 'this "}" closes nothing', found: '"}"' }, start);
}
