import type { Child } from "hono/jsx";

import type { AssetName, AssetPaths } from "./assets.ts";
import { Mark } from "./components/mark.tsx";
import { NAVIGATION, type Section } from "./navigation.ts";

export interface PageFrame {
  readonly title: string;
  /** Which entry of the navigation the page belongs to; null where nobody is signed in. */
  readonly section: Section | null;
  /** Besides the one that every page has. */
  readonly scripts?: readonly AssetName[];
}

interface Props extends PageFrame {
  readonly assets: AssetPaths;
  readonly isSignedIn: boolean;
  readonly children: Child;
}

/** The document around every page. */
export function Layout({ title, section, scripts = [], assets, isSignedIn, children }: Props) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#073b46" />
        <meta name="robots" content="noindex" />
        <title>{title === "Sluice" ? title : `${title} · Sluice`}</title>
        <link rel="icon" href={assets["icon.svg"]} type="image/svg+xml" />
        <link rel="stylesheet" href={assets["style.css"]} />
        {(["everywhere.js", ...scripts] as const).map((name) => (
          <script type="module" src={assets[name]} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header class="top">
          <div class="top-in">
            <a class="brand" href="/">
              <Mark />
              Sluice
            </a>
            {isSignedIn && (
              <>
                <nav aria-label="Main">
                  <ul class="nav">
                    {NAVIGATION.map((entry) => (
                      <li>
                        <a href={entry.path} aria-current={entry.section === section ? "page" : undefined}>
                          {entry.text}
                        </a>
                      </li>
                    ))}
                  </ul>
                </nav>
                <form method="post" action="/sign-out">
                  <button class="button small">Sign out</button>
                </form>
              </>
            )}
          </div>
        </header>
        <main class="main" id="main" tabindex={-1}>
          {children}
        </main>
        <footer class="foot">
          <a href="/docs">API documentation</a>
          <a href="/openapi.json">OpenAPI</a>
        </footer>
      </body>
    </html>
  );
}
