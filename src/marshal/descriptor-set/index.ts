export { encodeFileDescriptor, encodeFileDescriptorSet } from "./encode-file.ts";
export {
  decodeFileDescriptorSet,
  decodeFileHead,
  type FileHead,
  type LinkDescriptorsOptions,
  linkFileDescriptors,
} from "./link.ts";
