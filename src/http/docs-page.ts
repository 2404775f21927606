import { html, raw } from "hono/html";

import { DOCS_STYLE } from "./docs-style.ts";
import type { OpenApiDocument } from "./openapi.ts";

type Html = ReturnType<typeof html>;
type PathItem = NonNullable<OpenApiDocument["paths"]>[string];
type Operation = NonNullable<PathItem["get"]>;
type Parameter = NonNullable<Operation["parameters"]>[number];
type Schema = Readonly<Record<string, unknown>>;

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const METHODS = ["get", "post", "patch", "delete"] as const;

/** The API for people: one self-contained page without scripts, rendered from the OpenAPI document. */
export function docsPage(document: OpenApiDocument, nonce: string): Html {
  const groups = Object.entries(Object.groupBy(entriesOf(document), ({ operation }) => operation.tags?.[0] ?? "Other"));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${document.info.title} API</title>
        <style nonce="${nonce}">
          ${raw(DOCS_STYLE)}
        </style>
      </head>
      <body>
        <nav>
          <strong>${document.info.title}</strong>
          ${groups.map(([tag]) => html`<a href="#${anchor(tag)}">${tag}</a>`)}
          <a href="#schemas">Shapes</a>
          <a href="openapi.json">openapi.json</a>
        </nav>
        <main>
          <h1>${document.info.title} API</h1>
          ${prose(document.info.description)}
          ${groups.map(
            ([tag, entries = []]) =>
              html`<h2 id="${anchor(tag)}">${tag}</h2>
                ${entries.map(renderEntry)}`,
          )}
          <h2 id="schemas">Shapes</h2>
          ${Object.entries(document.components?.schemas ?? {}).map(renderSchema)}
        </main>
      </body>
    </html>`;
}

function entriesOf(document: OpenApiDocument): Entry[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
}

function renderEntry({ method, path, operation }: Entry): Html {
  return html`<details>
    <summary>
      <b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${operation.summary}</span>
    </summary>
    ${prose(operation.description)} ${renderParameters(operation.parameters ?? [])} ${renderBody(operation)}
    <table>
      <tr>
        <th>Status</th>
        <th>Answer</th>
        <th></th>
      </tr>
      ${Object.entries(operation.responses ?? {}).map(
        ([status, response]) =>
          html`<tr>
            <td>${status}</td>
            <td>${shapesOf(response)}</td>
            <td>${textOf(response, "description")}</td>
          </tr>`,
      )}
    </table>
  </details>`;
}

function renderParameters(parameters: readonly Parameter[]): Html | string {
  const rows = parameters.flatMap((parameter) => ("name" in parameter ? [parameter] : []));
  if (rows.length === 0) return "";
  return html`<table>
    <tr>
      <th>Parameter</th>
      <th>Type</th>
      <th></th>
    </tr>
    ${rows.map(
      (row) =>
        html`<tr>
          <td><code>${row.name}</code> <small>${row.in}${row.required === true ? ", required" : ""}</small></td>
          <td>${shapeOf(row.schema)}${defaultOf(row.schema)}</td>
          <td>${row.description ?? textOf(row.schema, "description")}</td>
        </tr>`,
    )}
  </table>`;
}

function renderBody(operation: Operation): Html | string {
  return operation.requestBody === undefined ? "" : html`<p>Body: ${shapesOf(operation.requestBody)}</p>`;
}

function renderSchema([name, schema]: [string, unknown]): Html {
  return html`<details id="${anchor(name)}">
    <summary><code>${name}</code> <span>${textOf(schema, "description")}</span></summary>
    <pre>${JSON.stringify(schema, null, 2)}</pre>
  </details>`;
}

/** The shapes of a request or response body, by media type. */
function shapesOf(holder: unknown): Html[] {
  const content = isSchema(holder) && isSchema(holder["content"]) ? holder["content"] : {};
  return Object.entries(content).map(
    ([mediaType, media]) =>
      html`${isSchema(media) ? shapeOf(media["schema"]) : ""} ${mediaType === "application/json" ? "" : mediaType} `,
  );
}

/** A schema in a word or two; a named one is a link to its definition. */
function shapeOf(schema: unknown): Html | string {
  if (!isSchema(schema)) return "";
  const name = typeof schema["$ref"] === "string" ? schema["$ref"].split("/").at(-1) : undefined;
  if (name !== undefined) return html`<a href="#${anchor(name)}">${name}</a>`;
  if (Array.isArray(schema["enum"])) return schema["enum"].join(" · ");
  if (schema["type"] === "array") return html`list of ${shapeOf(schema["items"])}`;
  return typeof schema["type"] === "string" ? schema["type"] : "object";
}

function defaultOf(schema: unknown): string {
  return isSchema(schema) && schema["default"] !== undefined ? ` = ${JSON.stringify(schema["default"])}` : "";
}

/** Paragraphs, and `code` in backticks. */
function prose(text: string | undefined): Html[] {
  return (text ?? "")
    .split("\n\n")
    .flatMap((paragraph) =>
      paragraph === ""
        ? []
        : [html`<p>${paragraph.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}</p>`],
    );
}

function textOf(holder: unknown, key: string): string {
  const text = isSchema(holder) ? holder[key] : undefined;
  return typeof text === "string" ? text : "";
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
