import { z } from "zod";

const OWNER_AND_NAME = /^[A-Za-z0-9](?:[\w-]{0,99})\/(?!\.{1,2}$)[\w.-]{1,100}$/;

const repositoryName = z
  .string()
  .trim()
  .regex(OWNER_AND_NAME, "must be owner/name, as in the repository's address: octocat/hello-world");

export const githubConfigSchema = z
  .object({
    repositories: z
      .array(repositoryName)
      .min(1)
      .max(100)
      .refine((names) => new Set(names.map((name) => name.toLowerCase())).size === names.length, {
        message: "must not name a repository twice",
      })
      .optional()
      .meta({ title: "Repositories" })
      .describe("The repositories to copy, each as owner/name."),
    repo_name: repositoryName
      .optional()
      .meta({ title: "Repository" })
      .describe("A single repository as owner/name, where `repositories` is not given."),
    api_url: z
      .url({ protocol: /^https?$/, error: "must be an http or https address" })
      .refine((address) => URL.parse(address)?.search === "" && URL.parse(address)?.hash === "", {
        message: "must not have a query or a fragment",
      })
      .default("https://api.github.com")
      .meta({ title: "API address" })
      .describe("The REST API's address. For GitHub Enterprise Server: https://your-host/api/v3."),
    page_size: z
      .int()
      .min(1)
      .max(100)
      .default(100)
      .meta({ title: "Page size" })
      .describe("Records in a page. GitHub allows 100 at most; fewer mean more requests."),
  })
  .refine((config) => config.repositories !== undefined || config.repo_name !== undefined, {
    path: ["repositories"],
    message: "name at least one repository, as owner/name",
  });

export type GithubConfig = z.infer<typeof githubConfigSchema>;

export const githubCredentialsSchema = z.object({
  personal_access_token: z
    .string()
    .trim()
    // Whatever can't stand in a header can't be a token; refused here, where the field can be named.
    .regex(/^[\x21-\x7e]+$/, "must be a token: printable characters without spaces")
    .meta({ title: "Personal access token" })
    .describe("A token that may read the repositories' metadata, issues and pull requests."),
});

/** The configured repositories, in order. */
export function repositoriesOf({ repositories, repo_name }: GithubConfig): readonly string[] {
  return repositories ?? (repo_name === undefined ? [] : [repo_name]);
}
