import { explorationSchema } from "./exploration.ts";
import { prepareTiers } from "./tiers.ts";

// A process of `npm run simulate`: lives through the histories that it is given, until nobody gives it any.

// The objects log as they would; nobody wants to read a thousand lives.
console.log = () => undefined;
const tiers = prepareTiers();

process.on("message", (message) => {
  const exploration = explorationSchema.parse(message);
  void tiers[exploration.tier](exploration).then((findings) => process.send?.(findings));
});
process.once("disconnect", () => process.exit());
