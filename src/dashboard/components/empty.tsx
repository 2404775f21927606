import type { Child } from "hono/jsx";

import { StillWater } from "./mark.tsx";

/** Nothing is here yet: says what this place is for, and what to do. */
export function Empty({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children?: Child;
}) {
  return (
    <div class="empty">
      <StillWater />
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}
