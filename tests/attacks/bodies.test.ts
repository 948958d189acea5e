// Attacks on a server with bodies and windows; what must hold of each is in judge.ts.
import { bodyAttacks } from "./bodies.ts";
import { testAttacks } from "./judge.ts";

testAttacks(bodyAttacks);
