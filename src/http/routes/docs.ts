import type { App, AppDeps } from "#http/app-env";
import { docsPage } from "#http/docs-page";
import { openApiDocument, type OpenApiDocument } from "#http/openapi";

/** Serves the API's description, as a document for programs and as a page for people; neither needs a key. */
export function docsRoutes(app: App, { newId }: AppDeps): void {
  let document: OpenApiDocument | null = null;
  // Made when first asked for: by then every route is registered, and no start of an isolate pays for it.
  const described = (): OpenApiDocument => (document ??= openApiDocument(app));

  for (const prefix of ["", "/v1"]) {
    app.get(`${prefix}/openapi.json`, (c) => c.json(described()));
    app.get(`${prefix}/docs`, (c) => {
      const nonce = newId();
      c.header(
        "content-security-policy",
        `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      c.header("referrer-policy", "no-referrer");
      return c.html(docsPage(described(), nonce));
    });
  }
}
