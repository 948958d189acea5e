// Example, demo: a client of another make: grpc-js, with the contract read from the `.proto` files by its own loader.
import { fromPackage } from "./from-package.ts";

export interface ForeignClient {
  makeDirectory(path: string): Promise<void>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  rename(path: string, newPath: string): Promise<void>;
  close(): void;
}

type Answer = (error: Error | null) => void;

/** What grpc-js makes of our contracts, as far as it is used here; it has no types for them. */
interface ForeignStubs {
  readonly Directories: ForeignStub<{ makeDirectory(request: object, answer: Answer): void }>;
  readonly files: {
    readonly v1: {
      readonly Files: ForeignStub<{
        write(answer: Answer): { write(message: object): void; end(): void };
        rename(request: object, answer: Answer): void;
      }>;
    };
  };
}

type ForeignStub<Methods> = new (target: string, creds: unknown) => Methods & { close(): void };

export async function dialForeign(address: string): Promise<ForeignClient> {
  // Here and not above: to load them takes a while.
  const { loadSync } = await import("@grpc/proto-loader");
  const { credentials, loadPackageDefinition } = await import("@grpc/grpc-js");
  const contracts = loadSync(["directories.proto", "files.proto"], {
    includeDirs: [fromPackage("examples/directories")],
  });
  const stubs = loadPackageDefinition(contracts) as unknown as ForeignStubs;
  const [target, plain] = [new URL(address).host, credentials.createInsecure()];
  const directories = new stubs.Directories(target, plain);
  const files = new stubs.files.v1.Files(target, plain);
  return {
    makeDirectory: (path) => whenAnswered((answer) => directories.makeDirectory({ path }, answer)),
    write: (path, data) =>
      whenAnswered((answer) => {
        const call = files.write(answer);
        call.write({ start: { path } });
        call.write({ data });
        call.end();
      }),
    rename: (path, newPath) => whenAnswered((answer) => files.rename({ path, newPath }, answer)),
    close: () => {
      directories.close();
      files.close();
    },
  };
}

function whenAnswered(begin: (answer: Answer) => void): Promise<void> {
  return new Promise((resolve, reject) => begin((error) => (error === null ? resolve() : reject(error))));
}
