import type { Text } from "#sources/manifest/text";
import type { Scope } from "#sources/manifest/scope";

/** The text's value as something that no message may show: an expression can make a new secret of old ones. */
export function secretText(secret: Text, scope: Scope, occasion: Readonly<Record<string, unknown>> = {}): string {
  const value = secret.text(occasion);
  if (secret.isDynamic) scope.http.conceal(value);
  return value;
}
