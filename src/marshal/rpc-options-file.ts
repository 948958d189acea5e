// Marshal layer: the descriptor of farcall/rpc.proto, for contracts that use its options: those of the builder, and generated
// modules, which so need no module of it. It stands on the part of descriptor.proto that declares options.

import { describeFile } from "../idl/generator/describe.ts";
import { outline as rpcOutline } from "./gen/farcall/rpc.ts";
import { outline as descriptorOutline } from "./gen/google/protobuf/descriptor.ts";
import { lateFile } from "./generated.ts";

/** The part of google/protobuf/descriptor.proto that declares options, made on first use. */
export const optionsFile = /* @__PURE__ */ lateFile(() => describeFile(descriptorOutline()));

/** The descriptor of farcall/rpc.proto, made on first use. */
export const rpcOptionsFile = /* @__PURE__ */ lateFile(() => describeFile(rpcOutline(), [optionsFile()]));
