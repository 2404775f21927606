import { compileManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { ManifestDefinition } from "#sources/manifest/manifest-definition";
import { describeSource } from "#test/support/contracts/source";
import { CRM_KEY, CRM_MANIFEST, CrmApi } from "#test/support/crm-api";

describeSource(
  "a manifest",
  async () => {
    const api = await CrmApi.start();
    api.fill("companies", 25).fill("people", 35);
    for (const [index, { id }] of (api.tables.get("companies") ?? []).entries()) {
      api.fill(`companies/${id}/notes`, index % 4 === 0 ? 12 : index % 3);
    }
    const title = { shortName: "crm", name: "Customers", description: "", labels: [] };
    const source = new ManifestDefinition(
      "crm",
      () => title,
      () => compileManifest(parseDocument(CRM_MANIFEST)),
    );
    return {
      source,
      config: { url: api.url, start_date: "2026-01-01" },
      credentials: { api_key: CRM_KEY },
      network: { wrongCredentials: { api_key: "wrong_SECR3T_key" } },
      close: () => api.close(),
    };
  },
  { network: true },
);
