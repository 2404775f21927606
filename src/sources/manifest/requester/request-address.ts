import type { Definition } from "#sources/manifest/component";
import type { Scope } from "#sources/manifest/scope";
import type { TemplateContext } from "#sources/manifest/template/template";
import type { Text } from "#sources/manifest/text";
import { joinUrl } from "./url.ts";

interface AddressFields {
  readonly url?: Definition<Text> | null | undefined;
  readonly url_base?: Definition<Text> | null | undefined;
  readonly path?: Definition<Text> | null | undefined;
}

/**
 * Where a request goes, from `url`, or the older `url_base` with a `path`.
 *
 * @returns a function whose second argument, where it is not empty, stands instead of the manifest's path
 */
export function requestAddress(
  fields: AddressFields,
  scope: Scope,
): (context: TemplateContext, insteadOfPath: string) => string {
  const url = fields.url?.(scope) ?? null;
  const base = fields.url_base?.(scope) ?? null;
  const path = fields.path?.(scope) ?? null;
  return (context, insteadOfPath) => {
    const start = base?.text(context) || (url?.text(context) ?? "");
    const own = () => (path?.text(context) ?? "").replace(/^\/+/, "");
    return joinUrl(start, insteadOfPath === "" ? own() : insteadOfPath);
  };
}
