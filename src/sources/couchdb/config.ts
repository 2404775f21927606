import { z } from "zod";

/** Databases a connection can read; each costs a request when the connection is checked. */
const MAX_DATABASES = 50;

/** CouchDB's own rule for names, and its limit. Names that begin with `_` are its system databases. */
const databaseName = z
  .string()
  .max(238)
  .regex(/^[a-z][a-z0-9_$()+/-]*$/, "must begin with a lower-case letter and have only a-z, 0-9 and _ $ ( ) + - /");

const serverUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https address, such as https://couch.example.com" })
  .refine((url) => URL.parse(url)?.username === "" && URL.parse(url)?.password === "", {
    error: "must not carry a user name or password; give them as credentials",
  })
  .refine((url) => !/[?#]/.test(url), { error: "must not have a query or fragment" })
  .transform((url) => url.replace(/\/+$/, ""));

export const configSchema = z.object({
  /** Without a slash at the end. */
  url: serverUrl
    .describe("Address of the server, without a database: https://couch.example.com")
    .meta({ title: "Server address" }),
  databases: z
    .array(databaseName)
    .min(1)
    .max(MAX_DATABASES)
    .refine((names) => new Set(names).size === names.length, { error: "must not name a database twice" })
    .describe("The databases to copy. Each becomes a stream.")
    .meta({ title: "Databases" }),
  page_size: z
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .describe("How many changes to ask for at once. Fewer are asked for where documents are large.")
    .meta({ title: "Page size" }),
});
export type CouchdbConfig = z.infer<typeof configSchema>;

const basic = z.strictObject({
  username: z.string().min(1).describe("A user who may read the databases.").meta({ title: "User name" }),
  password: z.string().min(1).describe("That user's password.").meta({ title: "Password" }),
});
const bearer = z.strictObject({
  token: z.string().min(1).describe("A bearer token: a JWT, or a Cloudant IAM token.").meta({ title: "Token" }),
});
const anonymous = z.strictObject({
  anonymous: z.literal(true).describe("The databases may be read by anyone.").meta({ title: "No credentials" }),
});

export const credentialsSchema = z.union([basic, bearer, anonymous]);
export type CouchdbCredentials = z.infer<typeof credentialsSchema>;
