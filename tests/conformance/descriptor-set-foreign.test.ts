// Descriptors that others wrote: proto2, editions, and what breaks protobuf's rules. protobuf-es makes the bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { FileDescriptor } from "farcall/idl";
import { encodeFileDescriptor, linkFileDescriptors } from "farcall/marshal";
import { plainDescriptor } from "../support/marshal/plain-descriptor.ts";

test("a proto2 file keeps labels, defaults and extension ranges, and its group", () => {
  const [file] = fromBinaryOf({
    name: "old.proto",
    package: "old",
    messageType: [
      {
        name: "Old",
        field: [
          { name: "must", number: 1, label: 2, type: FieldDescriptorProto_Type.STRING, defaultValue: 'a "b" \\' },
          { name: "raw", number: 2, label: 1, type: FieldDescriptorProto_Type.BYTES, defaultValue: '\\000\\377\\"x' },
          { name: "big", number: 3, label: 1, type: FieldDescriptorProto_Type.INT64, defaultValue: "-5" },
          { name: "ratio", number: 4, label: 1, type: FieldDescriptorProto_Type.DOUBLE, defaultValue: "-inf" },
          {
            name: "mode",
            number: 5,
            label: 1,
            type: FieldDescriptorProto_Type.ENUM,
            typeName: "Mode",
            defaultValue: "B",
          },
          { name: "flag", number: 6, label: 1, type: FieldDescriptorProto_Type.BOOL, defaultValue: "true" },
          { name: "runs", number: 7, label: 3, type: FieldDescriptorProto_Type.INT32 },
          { name: "group", number: 8, label: 3, type: FieldDescriptorProto_Type.GROUP, typeName: ".old.Old.Group" },
        ],
        nestedType: [{ name: "Group" }],
        enumType: [
          {
            name: "Mode",
            value: [
              { name: "A", number: 1 },
              { name: "B", number: -7 },
            ],
          },
        ],
        extensionRange: [{ start: 100, end: 536870912 }],
      },
    ],
    extension: [{ name: "more", number: 100, label: 1, type: 9, extendee: "Old" }],
  }) as [FileDescriptor];
  const [old] = file.messages;
  assert.equal(file.syntax, "proto2");
  assert.deepEqual(
    old?.fields.map((one) => [one.name, one.required, one.presence, one.packed, one.default]),
    [
      ["must", true, "explicit", false, 'a "b" \\'],
      ["raw", undefined, "explicit", false, Uint8Array.of(0, 255, 34, 120)],
      ["big", undefined, "explicit", false, -5n],
      ["ratio", undefined, "explicit", false, Number.NEGATIVE_INFINITY],
      ["mode", undefined, "explicit", false, { identifier: "B" }],
      ["flag", undefined, "explicit", false, true],
      ["runs", undefined, "implicit", false, undefined],
      ["group", undefined, "implicit", false, undefined],
    ],
  );
  assert.deepEqual(old?.fields.map(({ delimited }) => delimited).indexOf(true), 7);
  assert.deepEqual(old?.extensionRanges, [{ from: 100, to: 536870912, options: {} }]);
  assert.equal(file.extensions?.[0]?.extendee, old);
  assert.deepEqual(plainDescriptor(linkFileDescriptors([encodeFileDescriptor(file)])[0]), plainDescriptor(file));
});

test("the features of an edition say what syntax says elsewhere, and come back", () => {
  const features = (fieldPresence: number, repeatedFieldEncoding: number) => ({
    features: { fieldPresence, repeatedFieldEncoding },
  });
  const field = (name: string, number: number, label: 1 | 3, options: object = {}) => ({
    name,
    number,
    label,
    type: FieldDescriptorProto_Type.INT32,
    ...options,
  });
  const [file] = fromBinaryOf({
    name: "new.proto",
    syntax: "editions",
    edition: 1000,
    messageType: [
      {
        name: "New",
        field: [
          field("plain", 1, 1),
          field("implicit", 2, 1, { options: features(2, 0) }),
          field("must", 3, 1, { options: features(3, 0) }),
          field("packed", 4, 3),
          field("loose", 5, 3, { options: features(0, 2) }),
          {
            ...field("delimited", 6, 1, { options: { features: { messageEncoding: 2 } } }),
            type: 11,
            typeName: ".New",
          },
        ],
      },
    ],
  }) as [FileDescriptor];
  const told = (one: FileDescriptor | undefined) =>
    one?.messages[0]?.fields.map(({ name, presence, required, packed }) => [name, presence, required ?? false, packed]);
  assert.deepEqual(told(file), [
    ["plain", "explicit", false, false],
    ["implicit", "implicit", false, false],
    ["must", "explicit", true, false],
    ["packed", "implicit", false, true],
    ["loose", "implicit", false, false],
    ["delimited", "explicit", false, false],
  ]);
  assert.equal(file.messages[0]?.fields.at(-1)?.delimited, true);
  const bytes = encodeFileDescriptor(file);
  assert.deepEqual(told(linkFileDescriptors([bytes])[0]), told(file));
  const es = createFileRegistry(fromBinary(FileDescriptorProtoSchema, bytes), () => undefined).getMessage("New");
  assert.deepEqual(
    es?.fields.map((one) => [one.name, one.presence, one.fieldKind === "list" && one.packed]),
    [
      ["plain", 1, false],
      ["implicit", 2, false],
      ["must", 3, false],
      ["packed", 2, true],
      ["loose", 2, false],
      ["delimited", 1, false],
    ],
  );
});

type FileInit = Parameters<typeof create<typeof FileDescriptorProtoSchema>>[1];

function fromBinaryOf(...files: FileInit[]): FileDescriptor[] {
  return linkFileDescriptors(
    files.map((init) => toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, init))),
  );
}

const int32Field = { name: "a", number: 1, label: 1, type: FieldDescriptorProto_Type.INT32 };
const message = (fields: object[], rest: object = {}): FileInit =>
  ({ name: "a.proto", syntax: "proto3", messageType: [{ name: "A", field: fields, ...rest }] }) as FileInit;

const refused: readonly { readonly title: string; readonly files: readonly FileInit[]; readonly says: string }[] = [
  { title: "a file without a name", files: [{}], says: "a file needs a name" },
  { title: "a syntax that does not exist", files: [{ name: "a", syntax: "proto9" }], says: '"proto9" is no syntax' },
  { title: "a file that imports itself", files: [{ name: "a", dependency: ["a"] }], says: "imports itself" },
  {
    title: "files that import each other",
    files: [
      { name: "a", dependency: ["b"] },
      { name: "b", dependency: ["a"] },
    ],
    says: "imports itself",
  },
  { title: "a public import that is none", files: [{ name: "a", publicDependency: [0] }], says: "has no import 0" },
  { title: "a bad package", files: [{ name: "a", package: "a..b" }], says: '"" is not a name' },
  { title: "a message without a name", files: [{ name: "a", messageType: [{}] }], says: '"" is not a name' },
  {
    title: "a type declared twice",
    files: [{ name: "a", messageType: [{ name: "A" }, { name: "A" }] }],
    says: "twice",
  },
  { title: "a field numbered 0", files: [message([{ ...int32Field, number: 0 }])], says: "0 is no field number" },
  {
    title: "a field with a number too large",
    files: [message([{ ...int32Field, number: 2 ** 29 }])],
    says: "no field",
  },
  { title: "two fields of one number", files: [message([int32Field, { ...int32Field, name: "b" }])], says: "number 1" },
  { title: "two fields of one name", files: [message([int32Field, { ...int32Field, number: 2 }])], says: "that name" },
  { title: "a type that does not exist", files: [message([{ ...int32Field, type: 99 }])], says: "has the number 99" },
  {
    title: "a type nobody declares",
    files: [message([{ ...int32Field, type: 11, typeName: ".B" }])],
    says: "declare .B",
  },
  {
    title: "a message called enum",
    files: [message([{ ...int32Field, type: 14, typeName: ".A" }])],
    says: "is a message",
  },
  { title: "a oneof that does not exist", files: [message([{ ...int32Field, oneofIndex: 3 }])], says: "no oneof 3" },
  {
    title: "a repeated field of a oneof",
    files: [message([{ ...int32Field, label: 3, oneofIndex: 0 }], { oneofDecl: [{ name: "o" }] })],
    says: "neither repeated",
  },
  { title: "an enum without values", files: [{ name: "a", enumType: [{ name: "E" }] }], says: "needs a value" },
  {
    title: "a map entry without a key",
    files: [
      message([{ ...int32Field, label: 3, type: 11, typeName: ".A.AEntry" }], {
        nestedType: [{ name: "AEntry", options: { mapEntry: true } }],
      }),
    ],
    says: "lacks field 1",
  },
  {
    title: "a group in proto3",
    files: [message([{ ...int32Field, type: 10, typeName: ".A" }])],
    says: "proto3 has no groups",
  },
  {
    title: "a group that is within itself",
    files: [{ ...message([{ ...int32Field, type: 10, typeName: ".A" }]), syntax: "proto2" } as FileInit],
    says: "A is not the message of the group a",
  },
  {
    title: "features outside editions",
    files: [message([{ ...int32Field, options: { features: { messageEncoding: 2 } } }])],
    says: "features are options of editions only",
  },
  {
    title: "a method that takes nothing",
    files: [{ name: "a", service: [{ name: "S", method: [{ name: "M" }] }] }],
    says: "neither the file nor its imports declare ",
  },
];

for (const { title, files, says } of refused) {
  test(`refused: ${title}`, () => {
    assert.throws(
      () => fromBinaryOf(...files),
      (error: Error & { code?: string }) =>
        error.name === "MarshalError" && error.code === "bad-descriptor" && error.message.includes(says),
    );
  });
}
