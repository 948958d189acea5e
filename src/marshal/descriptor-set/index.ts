export { encodeFileDescriptor, encodeFileDescriptorSet } from "./encode-file.ts";
export { decodeFileHead, type FileHead } from "./file-head.ts";
export {
  decodeFileDescriptorSet,
  type LinkDescriptorsOptions,
  linkFileDescriptors,
} from "./link.ts";
