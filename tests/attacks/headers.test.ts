// Attacks on a server with header blocks; what must hold of each is in judge.ts.
import { headerAttacks } from "./headers.ts";
import { testAttacks } from "./judge.ts";

testAttacks(headerAttacks);
