// Attacks on a server with streams; what must hold of each is in judge.ts.

import { testAttacks } from "./judge.ts";
import { streamAttacks } from "./streams.ts";

testAttacks(streamAttacks);
