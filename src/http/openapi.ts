import type { App } from "./app-env.ts";

const DESCRIPTION = `Sluice pulls data out of the sources that you connect, keeps an exact copy of every entity, and tells you what changed.

Send an API key as \`Authorization: Bearer KEY\` or \`x-api-key: KEY\`. Everything that succeeds is 200 with JSON; times are ISO 8601 in UTC. A trailing slash makes no difference. Every answer carries \`x-request-id\`.

Errors are \`{"detail": "a sentence that says what to do"}\`; a malformed request is 422 with \`{"detail": [{"loc", "msg", "type"}]}\`.

Calls are limited for each key: \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (epoch seconds) say where you stand; 429 comes with \`Retry-After\`.`;

export type OpenApiDocument = ReturnType<App["getOpenAPI31Document"]>;

/** The OpenAPI 3.1 document of everything that is registered, from the schemas that validate it. */
export function openApiDocument(app: App): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Sluice", version: "1", description: DESCRIPTION },
    servers: [{ url: "/" }],
  });
}

/** The two ways to send a key, which are the same. */
export function registerSecuritySchemes(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
  });
}
