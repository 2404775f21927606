import { absoluteText, relativeText } from "#dashboard/time-text";

interface Props {
  /** ISO 8601; null for never. */
  readonly at: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What is said instead of a time that never comes. */
  readonly never?: string;
}

/** A time as people say it, with the exact one behind it. A script keeps it true while the page is open. */
export function When({ at, now, never = "never" }: Props) {
  if (at === null) return <span class="soft">{never}</span>;
  const time = Date.parse(at);
  return (
    <time datetime={at} title={absoluteText(time)} data-relative>
      {relativeText((time - now) / 1000)}
    </time>
  );
}
