import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";

import { ORGANIZATION, TestConnection } from "#test/support/connection";
import type { Fixture } from "./fixture-text.ts";
import { migrateD1, restoreD1 } from "./fixture.ts";

/** Of a row of an object, what is put in its place. */
export type Change = (statement: string) => string;

/** Brings everything to where the release left it, and the newest code over it, as a deploy does. */
export async function deployOver(fixture: Fixture, changed: Change = (statement) => statement) {
  await restoreD1(fixture);
  await migrateD1(fixture.migrations);
  const connection = new TestConnection(fixture.connectionId);
  const events = env.EVENT_DELIVERY.getByName(ORGANIZATION);
  const { statements, further } = fixture;
  await restoreObject(connection.stub, statements.connection.map(changed));
  await restoreObject(events, statements.events.map(changed));
  if (further !== null) {
    await restoreObject(new TestConnection(further.custom.id).stub, statements.custom.map(changed));
    await restoreObject(new TestConnection(further.pass.id).stub, statements.pass.map(changed));
  }
  return { connection, events };
}

async function restoreObject(stub: DurableObjectStub, statements: readonly string[]): Promise<void> {
  await runInDurableObject(stub, async (_object: unknown, { storage }) => {
    await storage.deleteAll();
    for (const statement of statements) storage.sql.exec(statement);
    if (statements.length > 0) await storage.setAlarm(Date.now() + 1_000);
  });
  await evictDurableObject(stub);
}
