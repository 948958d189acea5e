// Attacks on a server with control frames; what must hold of each is in judge.ts.
import { controlAttacks } from "./control.ts";
import { testAttacks } from "./judge.ts";

testAttacks(controlAttacks);
