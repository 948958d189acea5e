export {
  CertificateFiles,
  type CertificateFilesOptions,
  type CertificatePaths,
  certificateFiles,
  type SettingsOf,
} from "./certificate-files.ts";
export { createRealMachine } from "./machine.ts";
export { ReplaceableTls, replaceableTls } from "./replaceable-tls.ts";
