interface Props {
  readonly action: string;
  readonly text: string;
  /** What is asked before it is sent, where it can't be undone. */
  readonly confirm?: string;
  readonly tone?: "primary" | "danger";
  readonly small?: boolean;
  /** Sent with it. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What a screen reader says, where the text alone does not say of what. */
  readonly label?: string;
}

/** A form that is only a button. */
export function PostButton({ action, text, confirm, tone, small = false, fields = {}, label }: Props) {
  return (
    <form method="post" action={action} data-confirm={confirm}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button class={["button", tone, small ? "small" : undefined].filter(Boolean).join(" ")} aria-label={label}>
        {text}
      </button>
    </form>
  );
}
