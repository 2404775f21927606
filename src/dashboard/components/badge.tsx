/** How a state is coloured; the word beside it says the same. */
export type Tone = "good" | "bad" | "warn" | "busy" | "quiet";

export function Badge({ tone, text }: { readonly tone: Tone; readonly text: string }) {
  return <span class={`badge ${tone}`}>{text}</span>;
}
