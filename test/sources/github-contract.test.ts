import { github } from "#sources/github/source";
import { describeSource } from "#test/support/contracts/source";
import { emptyRepository, FAKE_TOKEN, fakeGithub } from "#test/support/fake-github";
import { startUpstream, text } from "#test/support/scripted-upstream";
import { records } from "./github-setup.ts";

describeSource(
  "github",
  async () => {
    const one = {
      issues: records(1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5),
      pulls: records(1, 5, 2, 7),
      "issues/comments": records(1, 2, 3, 4),
      "pulls/comments": records(1, 1, 1, 1, 1),
    };
    const { fetch } = fakeGithub(
      new Map([
        ["octo/one", one],
        ["octo/two", { ...emptyRepository(), issues: [{ id: 500, updated_at: 1_700_000_000 }] }],
      ]),
    );
    const upstream = await startUpstream(async ({ url, headers }) => {
      const response = await fetch(url.href, { headers });
      const body = await response.text();
      return text(body, { status: response.status, headers: Object.fromEntries(response.headers) });
    });
    return {
      source: github,
      config: { repositories: ["octo/one", "octo/two"], page_size: 2, api_url: upstream.url },
      credentials: { personal_access_token: FAKE_TOKEN },
      network: { wrongCredentials: { personal_access_token: "ghp_wrong0123456789" } },
      close: () => upstream.close(),
    };
  },
  { network: true },
);
