import { describeCopy } from "#test/support/contracts/copy";
import { MemoryCopy } from "#test/support/memory-copy";

describeCopy("a copy in memory", async (use) => use(new MemoryCopy()));
