import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { seededRandom, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { json, startUpstream, text, type Answer, type SeenRequest } from "#test/support/scripted-upstream";
import { ApiKeys } from "./api-keys.ts";
import { CouchWorld } from "./couch-world.ts";
import { CrmWorld } from "./crm-world.ts";
import { DeskWorld } from "./desk-world.ts";
import { isTwist, refuse, type FaultKind, type Twist } from "./faults.ts";
import type { Listing, Packed } from "./listing.ts";
import { SOURCES, STREAMS, type SourceName } from "./plan.ts";
import type { Sight } from "./sight.ts";
import { DESK_SECRET, SignIn } from "./sign-in.ts";

/** Where access tokens are to be had, from the source's address on. */
const TOKEN_PATH = "oauth/token";

/** Of the answers with a token that are spoilt by now, those that are spoilt on their way, which nobody can mend. */
const LOST_TOKENS = 0.3;

/** Characters that JSON, URLs and HTML write otherwise; those of a token have to fit a header. */
const ODD_CHARACTERS = { couch: '"/+ü&%\\', crm: '"/+&%=~', desk: "" } as const;

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
  /** With those for a token; otherwise with all others. */
  readonly isOfTokens?: boolean;
  /** Null: answered as always. */
  readonly answer: (asked: Asked) => Answer | null | Promise<Answer | null>;
}

/** All sources on one server: `/couch/…`, `/crm/…` and `/desk/…`. They know the truth, and tell it or not. */
export class Upstream {
  readonly couch: CouchWorld;
  readonly crm: CrmWorld;
  readonly desk: DeskWorld;
  readonly signIn: SignIn;
  /** When objects of the Worker came to life, by their ids, in epoch milliseconds. */
  readonly lives = new Map<string, number[]>();
  /** How often each fault was answered with. */
  readonly struck = new Map<FaultKind | "401", number>();
  /** The path and the query of each request, from its source's address on. */
  readonly seen: Record<SourceName, string[]> = { couch: [], crm: [], desk: [] };
  #demands: readonly Demand[] = [];
  readonly #seed: number;
  readonly #crmKeys: ApiKeys;
  /** Of the password that CouchDB takes. */
  #generation = 1;
  #faults: readonly Fault[] = [];
  #requests = 0;
  #server: { readonly url: string; close(): Promise<void> } | null = null;

  private constructor(seed: number) {
    this.#seed = seed;
    this.couch = new CouchWorld(STREAMS.couch, seededRandom(seed, 1_000_001));
    this.crm = new CrmWorld(seededRandom(seed, 1_000_002));
    this.desk = new DeskWorld(seededRandom(seed, 1_000_003));
    this.signIn = new SignIn(String(seed));
    this.#crmKeys = new ApiKeys((number) => this.#secret("crm", number));
  }

  static async start(seed: number): Promise<Upstream> {
    const upstream = new Upstream(seed);
    upstream.#server = await startUpstream((request) => upstream.#answer(request));
    return upstream;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Where objects say that they came to life. */
  get livesAddress(): string {
    return `${this.url}/lives`;
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
    if (source === "desk") this.signIn.revokeAll();
    else if (source === "crm") this.#crmKeys.expire();
    else this.#generation += 1;
  }

  /** What the source accepts from now on, as a connection is given it. CouchDB shows the same to everybody. */
  credentialsOf(source: SourceName, sight: Sight): Readonly<Record<string, string>> {
    if (source === "desk") return this.signIn.login(sight);
    if (source === "crm") return { token: this.#crmKeys.issue(sight) };
    return { username: "reader", password: this.#secret("couch", this.#generation) };
  }

  /** What is in every secret that was ever valid. */
  secrets(): readonly string[] {
    const passwords = Array.from({ length: this.#generation }, (_, index) => this.#secret("couch", index + 1));
    return [...passwords, ...this.#crmKeys.secrets(), DESK_SECRET];
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #secret(source: SourceName, number: number): string {
    return `SECR3T-${source}-${this.#seed}-${number}-${ODD_CHARACTERS[source]}-0123456789abcdef`;
  }

  async #answer(request: SeenRequest): Promise<Answer> {
    const [, name, ...rest] = request.url.pathname.split("/");
    if (name === "lives") return this.#began(rest.join("/"));
    this.#requests += 1;
    const random = seededRandom(this.#seed, this.#requests);
    await delay(wholeNumber(random, 5, 40));
    const source = SOURCES.find((known) => known === name);
    if (source === undefined) return json({ error: "not_found" }, { status: 404 });
    const path = rest.join("/");
    const now = Date.now();
    if (source === "desk" && path === TOKEN_PATH) return this.#token(request, random, now);
    const sent = request.headers["authorization"] ?? "";
    if (!this.#isAccepted(source, sent, now)) {
      this.#count("401");
      return json({ error: "unauthorized", reason: `${sent} is not good any more` }, { status: 401 });
    }
    this.seen[source].push(path + request.url.search);
    const demanded = await this.#demanded(source, false, { path, sent, now, over: request.over });
    if (demanded !== null) return demanded;
    const fault = this.#faults.find((other) => other.source === source && other.until > now && random() < other.share);
    const twist = fault !== undefined && isTwist(fault.kind) ? fault.kind : null;
    const listing = this.#list(source, path, request.url.searchParams, twist, sent);
    if (fault !== undefined) this.#count(fault.kind);
    if (listing === null) return json({ error: "not_found" }, { status: 404 });
    const packed = pack(listing, source === "desk" ? (request.headers["accept-encoding"] ?? "") : "");
    if (fault === undefined || isTwist(fault.kind)) return text(packed.bytes, { headers: packed.headers });
    const inBody = source === "desk" ? this.desk.refuseInBody(fault.kind, sent) : null;
    return inBody ?? refuse(fault.kind, packed, sent, random, now);
  }

  #began(life: string): Answer {
    this.lives.set(life, [...(this.lives.get(life) ?? []), Date.now()]);
    return json({});
  }

  async #demanded(source: SourceName, isOfTokens: boolean, asked: Asked): Promise<Answer | null> {
    for (const demand of this.#demands) {
      if (demand.source !== source || (demand.isOfTokens ?? false) !== isOfTokens) continue;
      const answer = await demand.answer(asked);
      if (answer !== null) return answer;
    }
    return null;
  }

  #list(source: SourceName, path: string, query: URLSearchParams, twist: Twist | null, sent: string): Listing | null {
    const token = tokenIn(sent);
    if (source === "desk") {
      return this.desk.answer(this.addressOf("desk"), path, query, twist, this.signIn.sightOf(token));
    }
    const body =
      source === "crm"
        ? this.crm.answer(path, query, twist, this.#crmKeys.sightOf(token))
        : this.couch.answer(path, query, twist);
    return body === null ? null : { body, headers: {} };
  }

  /** An answer with a token that is spoilt is mostly one that was never thought of: the server did nothing. */
  async #token(request: SeenRequest, random: SeededRandom, now: number): Promise<Answer> {
    const form = new URLSearchParams(request.body);
    const sent = form.get("refresh_token") ?? "";
    const demanded = await this.#demanded("desk", true, { path: TOKEN_PATH, sent, now, over: request.over });
    if (demanded !== null) return demanded;
    const fault = this.#faults.find((other) => other.source === "desk" && other.until > now && random() < other.share);
    if (fault === undefined || isTwist(fault.kind)) return this.signIn.exchange(form, true, random, now);
    this.#count(fault.kind);
    const isLost = ["reset_midway", "stall_midway", "truncated"].includes(fault.kind) && random() < LOST_TOKENS;
    const answer = isLost ? this.signIn.exchange(form, false, random, now) : json({ error: "none" });
    const bytes = answer.kind === "response" ? answer.body : "";
    return refuse(fault.kind, { bytes, headers: { "content-type": "application/json" } }, sent, random, now);
  }

  #isAccepted(source: SourceName, sent: string, now: number): boolean {
    if (source === "desk") return this.signIn.accepts(tokenIn(sent), now);
    if (source === "crm") return this.#crmKeys.accepts(tokenIn(sent));
    const password = this.#secret("couch", this.#generation);
    return sent === `Basic ${Buffer.from(`reader:${password}`).toString("base64")}`;
  }

  #count(kind: FaultKind | "401"): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
  }
}

function tokenIn(authorization: string): string {
  return authorization.replace(/^Bearer /, "");
}

function pack({ body, headers }: Listing, accepted: string): Packed {
  const plain = JSON.stringify(body);
  const type = { "content-type": "application/json", ...headers };
  if (!accepted.includes("gzip")) return { bytes: plain, headers: type };
  return { bytes: gzipSync(plain), headers: { ...type, "content-encoding": "gzip" } };
}
