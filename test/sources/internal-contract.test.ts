import { exceptionStub } from "#sources/internal/exception-stub";
import { incrementalStub } from "#sources/internal/incremental-stub";
import { stub } from "#sources/internal/stub";
import { timed } from "#sources/internal/timed";
import { describeSource } from "#test/support/contracts/source";

const internal = [
  { source: stub, config: { entity_count: 250 }, credentials: { stub_key: "any" } },
  { source: incrementalStub, config: { entity_count: 250 }, credentials: { stub_key: "any" } },
  { source: timed, config: { entity_count: 25, duration_seconds: 3 }, credentials: { timed_key: "any" } },
  { source: exceptionStub, config: { entity_count: 250, trigger_after: 250 }, credentials: { stub_key: "any" } },
];

for (const { source, config, credentials } of internal) {
  const fixture = { source, config, credentials, network: null, close: async () => {} };
  describeSource(source.shortName, async () => fixture, { network: false });
}
