import type { Change, Job } from "./api-answers.ts";
import type { ApiClient } from "./api-client.ts";
import { type ShownChange, describeEdit, renderChanges } from "./change-table.ts";
import type { Narration } from "./narration.ts";
import { count } from "./progress-bar.ts";
import { Refused } from "./refused.ts";
import type { SampleDatabase } from "./sample-database.ts";
import { watchJob } from "./watch-job.ts";

/** What the demonstration plays with. */
export interface Stage {
  readonly client: ApiClient;
  readonly tell: Narration;
  readonly people: SampleDatabase;
  readonly orders: SampleDatabase;
  /** The sample CouchDB, as a source connection is configured for it. */
  readonly upstream: {
    readonly url: string;
    readonly credentials: { readonly username: string; readonly password: string };
    /** Keeps the upstream from answering until the returned function is called. */
    readonly hold: () => () => void;
  };
}

/** Small, so that the bar has something to show. */
const PAGE_SIZE = 500;

/** Plays the whole story. Returns the id of the source connection that it made. */
export async function tellDemoStory(stage: Stage): Promise<string> {
  const connectionId = await connect(stage);
  await fullSync(stage, connectionId);
  const before = await readCopy(stage, connectionId);
  changeUpstream(stage);
  await incrementalSync(stage, connectionId);
  await showChanges(stage, connectionId, before);
  return connectionId;
}

async function connect({ client, tell, upstream, people, orders }: Stage): Promise<string> {
  tell.chapter("Connect a source");
  const collection = await client.collections.create("Demo");
  const connection = await client.connections.create({
    name: "Sample shop",
    short_name: "couchdb",
    readable_collection_id: collection.readable_id,
    config: { url: upstream.url, databases: [people.name, orders.name], page_size: PAGE_SIZE },
    credentials: upstream.credentials,
    sync_immediately: false,
  });
  tell.say(`A sample CouchDB at ${upstream.url} holds ${count(people.size)} people and ${count(orders.size)} orders.`);
  tell.say(`Collection "${collection.readable_id}" now has the source connection "${connection.name}".`);
  tell.say("Its credentials were tried against the source, and are stored sealed.");
  return connection.id;
}

async function fullSync(stage: Stage, connectionId: string): Promise<void> {
  const { client, tell, upstream, people, orders } = stage;
  tell.chapter("Copy everything");
  const release = upstream.hold();
  const job = await client.jobs.run(connectionId);
  const refusal = await secondRun(client, connectionId).finally(release);
  const finished = await watch(stage, connectionId, job, people.size + orders.size);
  promiseCounts(tell, finished, { inserted: people.size + orders.size, updated: 0, deleted: 0 });
  tell.promise("A second run during the first was refused with 409, naming the active job.", refusal, `409 ${job.id}`);
}

/** `409 JOB_ID` if the run is refused as it has to be. */
async function secondRun(client: ApiClient, connectionId: string): Promise<string> {
  try {
    const job = await client.jobs.run(connectionId);
    return `200 ${job.id}`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return `${error.status} ${error.job?.id ?? "without a job"}`;
  }
}

/** The copy as a consumer of the change feed has it, and the cursor to ask for more with. */
interface FollowedCopy {
  readonly entities: ReadonlyMap<string, Change>;
  readonly cursor: string;
}

async function readCopy({ client, tell, people, orders }: Stage, connectionId: string): Promise<FollowedCopy> {
  tell.chapter("Follow the change feed");
  const { changes, cursor } = await client.copy.changes(connectionId, null);
  const entities = new Map(changes.map((change) => [keyOf(change), change]));
  tell.promise(
    `A consumer that starts from nothing now has all ${count(entities.size)} entities, and a cursor to go on from.`,
    entities.size,
    people.size + orders.size,
  );
  return { entities, cursor };
}

function changeUpstream({ tell, people, orders }: Stage): void {
  tell.chapter("Change the source");
  people.put("person-ada", { name: "Ada Novak", email: "ada@example.com", city: "Ljubljana", plan: "team" });
  people.put("person-lin", { name: "Lin Okafor", email: "lin@example.com", city: "Accra", plan: "free" });
  people.put(people.id(7), { city: "Reykjavík" });
  people.put(people.id(8), { plan: "enterprise" });
  people.remove(people.id(9));
  orders.put("order-new", { customer: "person-ada", status: "placed", total_cents: 12_900 });
  orders.put(orders.id(11), { status: "refunded" });
  orders.remove(orders.id(12));
  tell.say("In the sample CouchDB: 3 documents added, 3 edited, 2 deleted.");
}

async function incrementalSync(stage: Stage, connectionId: string): Promise<void> {
  stage.tell.chapter("Sync again");
  const job = await stage.client.jobs.run(connectionId);
  const finished = await watch(stage, connectionId, job, 8);
  promiseCounts(stage.tell, finished, { inserted: 3, updated: 3, deleted: 2 });
  stage.tell.promise("Only what changed was read: the run was incremental.", finished.sync_mode, "incremental");
}

async function showChanges({ client, tell }: Stage, connectionId: string, before: FollowedCopy): Promise<void> {
  tell.chapter("See what changed");
  const { changes } = await client.copy.changes(connectionId, before.cursor);
  tell.say(`GET …/changes?since=${shorten(before.cursor)} answers:`);
  const shown = changes.map((change) => describeChange(change, before.entities.get(keyOf(change))));
  console.log(`\n${renderChanges(shown)}\n`);
  tell.promise("The feed holds exactly the 8 changes.", changes.length, 8);
}

function describeChange(change: Change, before: Change | undefined): ShownChange {
  const { stream, id } = change;
  if (change.op === "delete") return { kind: "deleted", stream, id, what: label(before?.entity ?? null) };
  if (before?.entity === undefined) return { kind: "added", stream, id, what: label(change.entity) };
  return { kind: "edited", stream, id, what: describeEdit(before.entity ?? {}, change.entity ?? {}) };
}

/** A person's name, an order's status. */
function label(entity: Change["entity"]): string {
  const text = entity?.["name"] ?? entity?.["status"];
  return typeof text === "string" ? text : "";
}

/** Follows a job to its end with a progress bar. */
function watch({ client }: Stage, connectionId: string, { id }: Job, total: number): Promise<Job> {
  return watchJob(client, connectionId, id, { output: process.stdout, expected: total });
}

interface ChangeCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

function promiseCounts(tell: Narration, job: Job, expected: ChangeCounts): void {
  const actual = showCounts({
    inserted: job.entities_inserted,
    updated: job.entities_updated,
    deleted: job.entities_deleted,
  });
  const seconds = job.duration_seconds === null ? "" : ` in ${job.duration_seconds.toFixed(1)} s`;
  const end = job.error === null ? job.status : `${job.status} (${job.error})`;
  tell.promise(`${job.status}${seconds}: ${actual}.`, `${end}, ${actual}`, `COMPLETED, ${showCounts(expected)}`);
}

function showCounts({ inserted, updated, deleted }: ChangeCounts): string {
  return `${count(inserted)} inserted, ${count(updated)} updated, ${count(deleted)} deleted`;
}

function keyOf({ stream, id }: Change): string {
  return JSON.stringify([stream, id]);
}

function shorten(cursor: string): string {
  return cursor.length <= 16 ? cursor : `${cursor.slice(0, 16)}…`;
}
