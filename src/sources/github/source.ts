import { defineSource, SourceFailure } from "#sources/source";
import { withAdvice } from "./advice.ts";
import { createGithubClient } from "./client.ts";
import { githubConfigSchema, githubCredentialsSchema, repositoriesOf } from "./config.ts";
import { readRepositories } from "./read.ts";
import { GITHUB_STREAMS, type GithubStream } from "./streams.ts";

/** Checking is to be cheap; a wrong name further down the list is found, and named, by the first run. */
const CHECKED_REPOSITORIES = 5;

/**
 * Repositories, issues, pull requests and comments of chosen repositories, through GitHub's REST API.
 *
 * Each record carries the repository it was read from as `repository`. GitHub does not tell what was deleted:
 * incremental runs bring what is new or changed, and full runs find what is gone. A repository whose issues are
 * switched off has none (GitHub hides them), so a full run removes those copied before. A repository added to the
 * configuration is read from its beginning; what was copied of one taken out stays until the next full run.
 */
export const github = defineSource({
  shortName: "github",
  name: "GitHub",
  description: "Repositories, issues, pull requests and comments of chosen GitHub repositories.",
  labels: ["Code", "Project management"],
  continuous: true,
  internal: false,
  streamNames: GITHUB_STREAMS.map(({ name }) => name),
  // Cursors and checkpoints name their repositories.
  placeFields: ["api_url"],
  config: githubConfigSchema,
  credentials: githubCredentialsSchema,
  open({ config, credentials, http }) {
    const client = createGithubClient({ http, apiUrl: config.api_url, token: credentials.personal_access_token });
    const repositories = repositoriesOf(config);
    return {
      async check() {
        for (const name of repositories.slice(0, CHECKED_REPOSITORIES)) {
          await withAdvice(name, () => client.repository(name));
        }
      },
      async streams() {
        return GITHUB_STREAMS.map(({ name, primaryKey, incremental }) => ({ name, primaryKey, incremental }));
      },
      read(request) {
        const stream = streamNamed(request.stream);
        return readRepositories({ client, stream, repositories, pageSize: config.page_size }, request);
      },
    };
  },
});

function streamNamed(name: string): GithubStream {
  const stream = GITHUB_STREAMS.find((candidate) => candidate.name === name);
  if (stream !== undefined) return stream;
  throw new SourceFailure({ kind: "internal", message: `GitHub has no stream "${name}".`, final: true });
}
