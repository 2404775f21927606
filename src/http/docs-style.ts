/** The look of the API page, in the reader's choice of light or dark. */
export const DOCS_STYLE = `
:root { --ink: #1d2733; --soft: #5b6b7b; --line: #dde4ea; --paper: #fff; --tint: #f4f7f9; --water: #0b6e99; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dfe7ee; --soft: #93a4b4; --line: #2a3642; --paper: #10171e; --tint: #18222c; --water: #5fbfe6; }
}
* { box-sizing: border-box; }
body { margin: 0; display: flex; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
nav { position: sticky; top: 0; height: 100vh; width: 13rem; flex: none; padding: 1.5rem; display: flex; flex-direction: column; gap: .4rem; border-right: 1px solid var(--line); overflow: auto; }
main { flex: 1; min-width: 0; max-width: 60rem; padding: 1.5rem 2.5rem 6rem; }
a { color: var(--water); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { margin-top: 0; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem; }
code, pre { font: .88em/1.5 ui-monospace, monospace; }
p code, td code { background: var(--tint); padding: .1em .3em; border-radius: 4px; }
pre { overflow: auto; background: var(--tint); padding: 1rem; border-radius: 6px; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .6rem .9rem; }
summary { cursor: pointer; }
summary span, small { color: var(--soft); }
summary b { display: inline-block; min-width: 4.5rem; font-size: .8rem; letter-spacing: .04em; color: var(--water); }
summary b.delete { color: #c4413a; }
table { width: 100%; border-collapse: collapse; margin: .75rem 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-top: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; border: 0; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; width: auto; flex-flow: row wrap; border: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1.25rem; }
}
`;
