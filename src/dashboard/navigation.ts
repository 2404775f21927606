export type Section = "connections" | "sources" | "webhooks" | "keys";

/** What the head of every page leads to. */
export const NAVIGATION: readonly { readonly section: Section; readonly path: string; readonly text: string }[] = [
  { section: "connections", path: "/", text: "Connections" },
  { section: "sources", path: "/sources", text: "Sources" },
  { section: "webhooks", path: "/webhooks", text: "Webhooks" },
  { section: "keys", path: "/keys", text: "API keys" },
];
