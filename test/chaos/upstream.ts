import { setTimeout as delay } from "node:timers/promises";

import { seededRandom, wholeNumber } from "#sources/internal/seeded-random";
import { json, startUpstream, type Answer, type SeenRequest } from "#test/support/scripted-upstream";
import { CouchWorld } from "./couch-world.ts";
import { CrmWorld } from "./crm-world.ts";
import { isTwist, refuse, type FaultKind } from "./faults.ts";
import { SOURCES, STREAMS, type SourceName } from "./plan.ts";

interface Fault {
  readonly source: SourceName;
  readonly kind: FaultKind;
  readonly until: number;
  readonly share: number;
}

/** A request that a source may do something else with. */
export interface Asked {
  /** From the source's address on: `people/_changes`. */
  readonly path: string;
  /** The secret that came with it. */
  readonly sent: string;
  readonly now: number;
  /** Resolves when it has been answered, or whoever sent it has hung up. */
  readonly over: Promise<void>;
}

/** What a source does with requests because a check asked it to. */
export interface Demand {
  readonly source: SourceName;
  /** Null: answered as always. */
  readonly answer: (asked: Asked) => Answer | null;
}

/** Both sources on one server: `/couch/…` and `/crm/…`. They know the truth, and tell it or not. */
export class Upstream {
  readonly couch: CouchWorld;
  readonly crm: CrmWorld;
  /** How often each fault was answered with. */
  readonly struck = new Map<FaultKind | "401", number>();
  /** The path and the query of each request, from its source's address on. */
  readonly seen: Record<SourceName, string[]> = { couch: [], crm: [] };
  #demands: readonly Demand[] = [];
  readonly #seed: number;
  readonly #generations: Record<SourceName, number> = { couch: 1, crm: 1 };
  #faults: readonly Fault[] = [];
  #requests = 0;
  #server: { readonly url: string; close(): Promise<void> } | null = null;

  private constructor(seed: number) {
    this.#seed = seed;
    this.couch = new CouchWorld(STREAMS.couch, seededRandom(seed, 1_000_001));
    this.crm = new CrmWorld(seededRandom(seed, 1_000_002));
  }

  static async start(seed: number): Promise<Upstream> {
    const upstream = new Upstream(seed);
    upstream.#server = await startUpstream((request) => upstream.#answer(request));
    return upstream;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  addressOf(source: SourceName): string {
    return `${this.url}/${source}`;
  }

  spoil(source: SourceName, kind: FaultKind, ms: number, share: number): void {
    this.#faults = [...this.#faults, { source, kind, share, until: Date.now() + ms }];
  }

  behave(): void {
    this.#faults = [];
  }

  /** @returns takes it back */
  demand(demand: Demand): () => void {
    this.#demands = [...this.#demands, demand];
    return () => {
      this.#demands = this.#demands.filter((other) => other !== demand);
    };
  }

  expire(source: SourceName): void {
    this.#generations[source] += 1;
  }

  /** What the source accepts now, as a connection is given it. */
  credentialsOf(source: SourceName): Readonly<Record<string, string>> {
    const secret = this.#secret(source, this.#generations[source]);
    return source === "couch" ? { username: "reader", password: secret } : { token: secret };
  }

  /** Every secret that was ever valid, in the forms in which it travels. */
  secrets(): readonly string[] {
    return SOURCES.flatMap((source) =>
      Array.from({ length: this.#generations[source] }, (_, index) => this.#secret(source, index + 1)).flatMap(
        (secret) => (source === "couch" ? [secret, Buffer.from(`reader:${secret}`).toString("base64")] : [secret]),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #secret(source: SourceName, generation: number): string {
    return `SECR3T-${source}-${this.#seed}-${generation}-0123456789abcdef`;
  }

  async #answer(request: SeenRequest): Promise<Answer> {
    this.#requests += 1;
    const random = seededRandom(this.#seed, this.#requests);
    await delay(wholeNumber(random, 5, 40));
    const [, name, ...rest] = request.url.pathname.split("/");
    const source = SOURCES.find((known) => known === name);
    if (source === undefined) return json({ error: "not_found" }, { status: 404 });
    const sent = request.headers["authorization"] ?? "";
    if (sent !== this.#authorization(source)) {
      this.#count("401");
      return json({ error: "unauthorized", reason: `${sent} is not good any more` }, { status: 401 });
    }
    const now = Date.now();
    const path = rest.join("/");
    this.seen[source].push(path + request.url.search);
    for (const demand of this.#demands.filter((other) => other.source === source)) {
      const answer = demand.answer({ path, sent, now, over: request.over });
      if (answer !== null) return answer;
    }
    const fault = this.#faults.find((other) => other.source === source && other.until > now && random() < other.share);
    const twist = fault !== undefined && isTwist(fault.kind) ? fault.kind : null;
    const page = this[source].answer(path, request.url.searchParams, twist);
    if (fault !== undefined) this.#count(fault.kind);
    if (page === null) return json({ error: "not_found" }, { status: 404 });
    return fault === undefined || isTwist(fault.kind) ? json(page) : refuse(fault.kind, page, sent, random, now);
  }

  #authorization(source: SourceName): string {
    const secret = this.#secret(source, this.#generations[source]);
    return source === "couch" ? `Basic ${Buffer.from(`reader:${secret}`).toString("base64")}` : `Bearer ${secret}`;
  }

  #count(kind: FaultKind | "401"): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
  }
}
