import type { Child } from "hono/jsx";

interface Column {
  readonly title: string;
  /** `middle` and `wide` columns are shown where there is room for them; numbers stand to the right. */
  readonly class?: string;
  /** Only said to screen readers: what is in the column explains itself. */
  readonly isSilent?: boolean;
}

interface Props {
  /** What a screen reader says of it, where nothing around it does. */
  readonly caption?: string;
  readonly columns: readonly (string | Column)[];
  /** Reaches the edges of its card. */
  readonly bleeds?: boolean;
  /** Its rows. */
  readonly children: Child;
}

export function Table({ caption, columns, bleeds = false, children }: Props) {
  return (
    <table class={bleeds ? "table bleed" : "table"}>
      {caption !== undefined && <caption class="sr">{caption}</caption>}
      <thead>
        <tr>
          {columns.map((column) => (
            <Title {...(typeof column === "string" ? { title: column } : column)} />
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Title({ title, class: kind, isSilent = false }: Column) {
  return (
    <th scope="col" class={kind}>
      {isSilent ? <span class="sr">{title}</span> : title}
    </th>
  );
}
