// Attacks on a server with connections; what must hold of each is in judge.ts.
import { connectionAttacks } from "./connections.ts";
import { testAttacks } from "./judge.ts";

testAttacks(connectionAttacks);
