import { z } from "zod";

import type { JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { ManifestDefinition, type ManifestTitle } from "#sources/manifest/manifest-definition";
import airtable from "./airtable.yaml";
import asana from "./asana.yaml";
import gitlab from "./gitlab.yaml";
import hubspot from "./hubspot.yaml";
import intercom from "./intercom.yaml";
import jira from "./jira.yaml";
import linear from "./linear.yaml";
import notion from "./notion.yaml";
import pipedrive from "./pipedrive.yaml";
import sentry from "./sentry.yaml";
import shopify from "./shopify.yaml";
import slack from "./slack.yaml";
import stripe from "./stripe.yaml";
import todoist from "./todoist.yaml";
import trello from "./trello.yaml";
import zendesk from "./zendesk.yaml";

/** The manifests that come with Sluice, by short name. */
const MANIFESTS: Readonly<Record<string, string>> = {
  airtable,
  asana,
  gitlab,
  hubspot,
  intercom,
  jira,
  linear,
  notion,
  pipedrive,
  sentry,
  shopify,
  slack,
  stripe,
  todoist,
  trello,
  zendesk,
};

const titleSchema = z.object({
  metadata: z.object({ name: z.string(), description: z.string(), labels: z.array(z.string()) }),
});

/** The sources that are manifests. Texts are parsed when one is first asked for: starting up is not slower for them. */
export const CATALOGUE: readonly ManifestDefinition[] = Object.entries(MANIFESTS).map(([shortName, text]) => {
  let parsed: JsonObject | null = null;
  const document = () => (parsed ??= parseDocument(text));
  const title = (): ManifestTitle => ({ shortName, ...titleSchema.parse(document()).metadata });
  return new ManifestDefinition(shortName, title, () => compileManifest(document()));
});
