import type { Child } from "hono/jsx";

/** What just happened, or what is wrong. A screen reader says it at once. */
export function Notice({
  tone,
  children,
}: {
  readonly tone: "good" | "bad" | "warn" | "info";
  readonly children: Child;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <div>{children}</div>
    </div>
  );
}
