import { readFileSync } from "node:fs";
import "#sources/manifest/registry";
import { fieldsOf } from "#sources/manifest/component";
const cdk = JSON.parse(readFileSync("/tmp/hb/cdkfields.json", "utf8"));
for (const [type, fields] of Object.entries<string[]>(cdk)) {
  const own = fieldsOf(type);
  if (own === undefined) { console.log("--", type); continue; }
  const unread = fields.filter((f) => !own.has(f) && f !== "type" && f !== "$parameters");
  if (unread.length) console.log(type, JSON.stringify(unread));
}
