import { type Access, accessFile, chooseAccess, type Environment, readAccess } from "./access.ts";
import { ApiClient } from "./api-client.ts";
import { Output } from "./output.ts";

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: true | undefined;
  readonly url?: string | undefined;
}

/** What a command is run in: who asks, which server, and where results go. */
export class Session {
  readonly env: Environment;
  /** How the command ends where nothing is thrown. */
  exitCode = 0;
  readonly #options: () => GlobalOptions;

  /** `options` is asked when a command runs, not before. */
  constructor(env: Environment, options: () => GlobalOptions) {
    this.env = env;
    this.#options = options;
  }

  get out(): Output {
    return new Output(this.#options().json === true, process.stdout, process.stderr);
  }

  /** Is there somebody to ask? */
  get isInteractive(): boolean {
    return process.stdin.isTTY && process.stdout.isTTY && this.#options().json !== true;
  }

  /** Where `login` keeps what it was told. */
  get accessFile(): string {
    return accessFile(this.env);
  }

  /** The address that was given as an option. */
  get url(): string | undefined {
    return this.#options().url;
  }

  /** Throws NotLoggedIn. */
  access(): Access {
    const hasBoth = Boolean(this.url ?? this.env["SLUICE_URL"]) && Boolean(this.env["SLUICE_API_KEY"]);
    return chooseAccess(this.url, this.env, hasBoth ? null : readAccess(this.accessFile));
  }

  /** Throws NotLoggedIn. */
  client(): ApiClient {
    const { url, apiKey } = this.access();
    return new ApiClient(url, apiKey);
  }
}
