import { wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { json, type Answer } from "#test/support/scripted-upstream";
import type { Sight } from "./sight.ts";

/** What every secret of this source begins with, whoever it was given to. */
export const DESK_SECRET = "SECR3T-desk-";

const CLIENT_ID = "chaos-client";

/** A refresh token, which is good for one use. */
interface RefreshToken {
  readonly value: string;
  readonly login: number;
  /** Its first use, in epoch milliseconds; null before that. */
  usedAt: number | null;
  /** What it was given for arrived, as far as the server can know. */
  isAnswered: boolean;
  /** What it was given for was seen: who asked has it, and its successor too. */
  isSucceeded: boolean;
}

interface AccessToken {
  readonly from: RefreshToken;
  readonly goodUntil: number;
}

interface SecondUse {
  readonly token: RefreshToken;
  readonly firstAt: number;
  readonly at: number;
}

/**
 * OAuth 2.0 as it is at its strictest: an access token is good for seconds, and until there is another; a refresh token
 * is good for one use, and one that is used twice ends everything that its login was given.
 */
export class SignIn {
  readonly #name: string;
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #secondUses: SecondUse[] = [];
  /** Logins that are over. */
  readonly #revoked = new Set<number>();
  /** The access token of each login that is good. */
  readonly #current = new Map<number, string>();
  /** Second uses before the last login. */
  #usedAgainBefore = 0;
  #logins = 0;
  /** What whoever signed in is shown, by login. */
  readonly #sights = new Map<number, Sight>();
  #issued = 0;

  /** @param name makes its secrets differ from those of another */
  constructor(name: string) {
    this.#name = name;
  }

  /** Somebody signs in: what a connection is given, and nobody else. */
  login(sight: Sight = "all"): Readonly<Record<string, string>> {
    this.#logins += 1;
    this.#sights.set(this.#logins, sight);
    this.#usedAgainBefore = this.#secondUses.length;
    return { client_secret: this.#secret("client"), refresh_token: this.#newRefreshToken(this.#logins).value };
  }

  /** What goes into a connection's config. */
  get clientId(): string {
    return CLIENT_ID;
  }

  /** How often a token was given. */
  get issued(): number {
    return this.#issued;
  }

  /** Ends what everybody was given so far. */
  revokeAll(): void {
    for (let login = 1; login <= this.#logins; login += 1) this.#revoked.add(login);
  }

  /** Access tokens are good no longer; what they came with is. */
  endAccess(): void {
    this.#current.clear();
  }

  /** Is it good for a request? */
  accepts(accessToken: string, now: number): boolean {
    const known = this.#accessTokens.get(accessToken);
    if (known === undefined) return false;
    known.from.isSucceeded = true;
    const { login } = known.from;
    return !this.#revoked.has(login) && this.#current.get(login) === accessToken && now < known.goodUntil;
  }

  /** What it shows: the same as each that its login was given before. */
  sightOf(accessToken: string): Sight {
    const known = this.#accessTokens.get(accessToken);
    return (known === undefined ? undefined : this.#sights.get(known.from.login)) ?? "all";
  }

  /** Was a refresh token used again since the last login? Then that is over. */
  get isOver(): boolean {
    return this.#secondUses.length > this.#usedAgainBefore;
  }

  /** @param arrives the answer does, as far as that is up to the server */
  exchange(form: URLSearchParams, arrives: boolean, random: SeededRandom, now: number): Answer {
    const sent = form.get("refresh_token") ?? "";
    const isClient = form.get("client_id") === CLIENT_ID && form.get("client_secret") === this.#secret("client");
    if (form.get("grant_type") !== "refresh_token" || !isClient) return refused("invalid_client", sent);
    const token = this.#refreshTokens.get(sent);
    if (token === undefined) return refused("invalid_grant", sent);
    if (token.usedAt !== null) {
      this.#secondUses.push({ token: { ...token }, firstAt: token.usedAt, at: now });
      this.#revoked.add(token.login);
    }
    if (this.#revoked.has(token.login)) return refused("invalid_grant", sent);
    token.usedAt = now;
    token.isAnswered = arrives;
    this.#issued += 1;
    const seconds = wholeNumber(random, 2, 4);
    const accessToken = this.#secret(`access-${this.#issued}`);
    // Some end before the time that was said.
    const goodUntil = now + seconds * 1_000 - wholeNumber(random, 0, 800);
    this.#accessTokens.set(accessToken, { from: token, goodUntil });
    this.#current.set(token.login, accessToken);
    return json({
      access_token: accessToken,
      token_type: "bearer",
      expires_in: seconds,
      refresh_token: this.#newRefreshToken(token.login).value,
    });
  }

  /**
   * Second uses that nothing excuses. Who died, or whose answer got lost, can't know better than to use the token again;
   * but whoever has used what it was given for has its successor for good.
   *
   * @param lives when who asks came to life, in epoch milliseconds
   */
  broken(lives: readonly number[]): readonly string[] {
    return this.#secondUses.flatMap(({ token, firstAt, at }) => {
      const what = `a refresh token was used at ${new Date(firstAt).toISOString()}, and again ${at - firstAt} ms later`;
      if (token.isSucceeded) return [`${what}, though the access token that it was given for had been used by then.`];
      const isExcused = !token.isAnswered || lives.some((life) => life >= firstAt && life <= at);
      return isExcused ? [] : [`${what}, by who had been answered and had not died in between.`];
    });
  }

  #newRefreshToken(login: number): RefreshToken {
    const value = this.#secret(`refresh-${login}-${this.#refreshTokens.size + 1}`);
    const token = { value, login, usedAt: null, isAnswered: false, isSucceeded: false };
    this.#refreshTokens.set(value, token);
    return token;
  }

  #secret(what: string): string {
    return `${DESK_SECRET}${this.#name}-${what}-0123456789abcdef`;
  }
}

/** RFC 6749, section 5.2, from a server that says back what it was sent. */
function refused(error: string, sent: string): Answer {
  return json({ error, error_description: `${sent} is not good any more` }, { status: 400 });
}
