import type { Child } from "hono/jsx";

interface Props {
  /** Of the control, which `children` has to carry, with `aria-describedby` as `describedBy` says. */
  readonly id: string;
  readonly label: string;
  /** Said beside the label; fields are taken for needed otherwise. */
  readonly isOptional?: boolean;
  readonly hint?: Child;
  /** What is wrong with what was sent. */
  readonly wrong?: string | null;
  readonly children: Child;
}

/** A control with its label, a word of help, and what was wrong with it. */
export function Field({ id, label, isOptional = false, hint, wrong = null, children }: Props) {
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isOptional && <span class="optional"> optional</span>}
      </label>
      {children}
      {wrong !== null && (
        <span class="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** What a control points to, so that it is read out with its help and with what is wrong. */
export function describedBy(id: string, { hint, wrong }: { readonly hint: boolean; readonly wrong: string | null }) {
  const ids = [...(wrong === null ? [] : [`${id}-wrong`]), ...(hint ? [`${id}-hint`] : [])];
  return {
    ...(ids.length === 0 ? {} : { "aria-describedby": ids.join(" ") }),
    ...(wrong === null ? {} : { "aria-invalid": "true" as const }),
  };
}
