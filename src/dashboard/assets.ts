import formsStyle from "./style/forms.css";
import partsStyle from "./style/parts.css";
import shellStyle from "./style/shell.css";
import schedule from "./browser/schedule.browser.js";
import syncStyle from "./style/sync.css";
import tokensStyle from "./style/tokens.css";
import tablesStyle from "./style/tables.css";
import copy from "./browser/copy.browser.js";
import everywhere from "./browser/everywhere.browser.js";
import live from "./browser/live.browser.js";
import manifest from "./browser/manifest.browser.js";
import overview from "./browser/overview.browser.js";
import webhook from "./browser/webhook.browser.js";

/** The mark, as the browser's tab shows it. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b5c6b"/><path d="M8 6v20M24 6v20" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/><path d="M12 7h8v8h-8z" fill="#fff"/><path d="M8 20c2.7 0 2.7 2 5.3 2s2.7-2 5.4-2 2.6 2 5.3 2" stroke="#8be0ee" stroke-width="2.4" fill="none" stroke-linecap="round"/></svg>`;

interface Asset {
  readonly type: string;
  readonly text: string;
}

/** Everything that a page may load besides itself, by name. A script is whole: none imports another. */
const ASSETS = {
  "style.css": {
    type: "text/css",
    text: [tokensStyle, shellStyle, partsStyle, tablesStyle, formsStyle, syncStyle].join("\n"),
  },
  "icon.svg": { type: "image/svg+xml", text: ICON },
  "everywhere.js": { type: "text/javascript", text: everywhere },
  "live.js": { type: "text/javascript", text: live },
  "schedule.js": { type: "text/javascript", text: schedule },
  "copy.js": { type: "text/javascript", text: copy },
  "manifest.js": { type: "text/javascript", text: manifest },
  "overview.js": { type: "text/javascript", text: overview },
  "webhook.js": { type: "text/javascript", text: webhook },
} as const satisfies Record<string, Asset>;

export type AssetName = keyof typeof ASSETS;
/** Where each asset is: its address has a digest of its content, so that browsers may keep it for ever. */
export type AssetPaths = Readonly<Record<AssetName, string>>;

const byPath = new Map<string, Asset>();
let known: Promise<AssetPaths> | null = null;

/** Computed when first asked for: a Worker may not digest anything while it starts. */
export function assetPaths(): Promise<AssetPaths> {
  return (known ??= addresses());
}

/** The asset at this path; null where there is none, or another version was meant. */
export async function assetAt(path: string): Promise<Asset | null> {
  await assetPaths();
  return byPath.get(path) ?? null;
}

async function addresses(): Promise<AssetPaths> {
  return {
    "style.css": await addressed("style.css"),
    "icon.svg": await addressed("icon.svg"),
    "everywhere.js": await addressed("everywhere.js"),
    "live.js": await addressed("live.js"),
    "schedule.js": await addressed("schedule.js"),
    "copy.js": await addressed("copy.js"),
    "manifest.js": await addressed("manifest.js"),
    "overview.js": await addressed("overview.js"),
    "webhook.js": await addressed("webhook.js"),
  };
}

async function addressed(name: AssetName): Promise<string> {
  const asset = ASSETS[name];
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asset.text)));
  const path = `/assets/${digest.slice(0, 9).toBase64({ alphabet: "base64url" })}/${name}`;
  byPath.set(path, asset);
  return path;
}
