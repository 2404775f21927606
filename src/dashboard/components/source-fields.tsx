import type { Child } from "hono/jsx";

import { isJsonObject, type Json } from "#core/json";
import type { Control, FormField } from "#dashboard/source-form";
import { choiceName, chosenBranch, shownFields, type Typed } from "#dashboard/source-values";
import { describedBy, Field } from "./field.tsx";

interface Shared {
  /** Secrets are not in it: they are typed anew. */
  readonly typed: Typed;
  readonly wrongOf: (field: FormField) => string | null;
  /** Of the control that gets the focus: the first that is wrong. */
  readonly focus: string | null;
}

/** The controls for a source's config or credentials. What works as it is comes last, folded away. */
export function SourceFields({ fields, ...shared }: Shared & { readonly fields: readonly FormField[] }) {
  const settled = fields.filter(isSettled);
  const asked = settled.length === fields.length ? fields : fields.filter((field) => !isSettled(field));
  const folded = asked === fields ? [] : settled;
  const isOpen = shownFields(folded, shared.typed).some(
    (field) => shared.wrongOf(field) !== null || isChanged(field, shared.typed),
  );
  return (
    <>
      {asked.map((field) => (
        <OneField field={field} {...shared} />
      ))}
      {folded.length > 0 && (
        <details class="more" open={isOpen}>
          <summary>
            More settings <span class="soft">({folded.length}, each with a default)</span>
          </summary>
          <div class="form">
            {folded.map((field) => (
              <OneField field={field} {...shared} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

/** The id of a field's control. */
export function controlId({ name }: FormField): string {
  return `f-${encodeURIComponent(name)}`;
}

function isSettled({ isOptional, fallback }: FormField): boolean {
  return isOptional && fallback !== undefined;
}

function isChanged({ name, control, fallback }: FormField, typed: Typed): boolean {
  const text = typed.get(name) ?? "";
  if (text === "") return false;
  if (control.kind === "flag") return text !== String(fallback === true);
  return control.kind !== "choice" || control.values[Number(text)] !== fallback;
}

function OneField({ field, ...shared }: Shared & { readonly field: FormField }): Child {
  const { control, label, hint, isOptional } = field;
  const wrong = shared.wrongOf(field);
  switch (control.kind) {
    case "constant":
      return null;
    case "group":
      return (
        <fieldset class="group">
          <legend>{label}</legend>
          {hint !== null && <p class="hint">{hint}</p>}
          <SourceFields fields={control.fields} {...shared} />
        </fieldset>
      );
    case "alternatives":
      return <Alternatives field={field} control={control} {...shared} />;
    case "flag":
      return <Flag field={field} {...shared} />;
    case "text":
    case "number":
    case "choice":
    case "lines":
    case "json": {
      const help = helpOf(field, control);
      return (
        <Field id={controlId(field)} label={label} isOptional={isOptional} wrong={wrong} {...help}>
          <Input field={field} control={control} hasHint={"hint" in help} {...shared} />
        </Field>
      );
    }
  }
}

function Input({
  field,
  control,
  hasHint,
  typed,
  wrongOf,
  focus,
}: Shared & {
  readonly field: FormField;
  readonly control: Exclude<Control, { kind: "constant" | "group" | "alternatives" | "flag" }>;
  readonly hasHint: boolean;
}) {
  const id = controlId(field);
  const { name, isRequired: required, fallback, example } = field;
  const value = typed.get(name) ?? "";
  const shared = {
    id,
    name,
    required,
    autofocus: focus === id,
    ...describedBy(id, { hint: hasHint, wrong: wrongOf(field) }),
  };
  const placeholder = fallback === undefined || fallback === "" ? (example ?? undefined) : shownFallback(fallback);
  switch (control.kind) {
    case "choice":
      return (
        <select class="select" {...shared}>
          {!required && fallback === undefined && <option value="">Not set</option>}
          {control.values.map((each, index) => (
            <option value={String(index)} selected={value === "" ? each === fallback : value === String(index)}>
              {valueText(each)}
            </option>
          ))}
        </select>
      );
    case "number":
      return (
        <input
          class="input"
          type="number"
          step={control.isWhole ? "1" : "any"}
          min={control.min ?? undefined}
          max={control.max ?? undefined}
          inputmode={control.isWhole ? "numeric" : "decimal"}
          {...{ value, placeholder }}
          {...shared}
        />
      );
    case "lines":
    case "json":
      return (
        <textarea class="area low" spellcheck={false} placeholder={placeholder} {...shared}>
          {value}
        </textarea>
      );
    case "text":
      if (control.isLong) {
        return (
          <textarea
            class={control.isSecret ? "area low masked" : "area low"}
            spellcheck={false}
            autocomplete="off"
            placeholder={control.isSecret ? undefined : placeholder}
            {...shared}
          >
            {value}
          </textarea>
        );
      }
      return control.isSecret ? (
        <input class="input mono" type="password" autocomplete="off" spellcheck={false} {...shared} />
      ) : (
        <input
          class="input"
          type="text"
          autocomplete="off"
          spellcheck={false}
          {...{ value, placeholder }}
          {...shared}
        />
      );
  }
}

function Flag({ field, typed, wrongOf, focus }: Shared & { readonly field: FormField }) {
  const id = controlId(field);
  const { name, label, hint, fallback } = field;
  const wrong = wrongOf(field);
  return (
    <div class="check">
      <input type="hidden" name={name} value="false" />
      <input
        id={id}
        type="checkbox"
        name={name}
        value="true"
        checked={(typed.get(name) ?? String(fallback === true)) === "true"}
        autofocus={focus === id}
        {...describedBy(id, { hint: hint !== null, wrong })}
      />
      <div class="field">
        <label for={id}>{label}</label>
        {wrong !== null && (
          <span class="wrong" id={`${id}-wrong`}>
            {wrong}
          </span>
        )}
        {hint !== null && (
          <span class="hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}

/** One of several shapes. Those that are not chosen are hidden by the stylesheet, which needs no script. */
function Alternatives({
  field,
  control,
  ...shared
}: Shared & { readonly field: FormField; readonly control: Extract<Control, { kind: "alternatives" }> }) {
  const id = controlId(field);
  const { label, hint, isRequired } = field;
  const wrong = shared.wrongOf(field);
  const chosen = chosenBranch(field, shared.typed);
  return (
    <fieldset class="branches" id={id} tabindex={wrong === null ? undefined : -1}>
      <legend>
        {label}
        {!isRequired && <span class="optional"> optional</span>}
      </legend>
      {hint !== null && <p class="hint">{hint}</p>}
      {wrong !== null && <p class="wrong">{wrong}</p>}
      {!isRequired && (
        <div class="branch">
          <label class="check">
            <input type="radio" name={choiceName(field)} value="" checked={chosen === null} />
            None of these
          </label>
        </div>
      )}
      {control.branches.map(({ title, fields }, index) => (
        <div class="branch">
          <label class="check">
            <input type="radio" name={choiceName(field)} value={String(index)} checked={chosen === index} />
            {title}
          </label>
          {fields.some(({ control: each }) => each.kind !== "constant") && (
            <div class="branch-fields">
              <SourceFields fields={fields} {...shared} />
            </div>
          )}
        </div>
      ))}
    </fieldset>
  );
}

/** The field's help, with what the control does not say by itself. */
function helpOf({ hint, fallback }: FormField, control: Control): { readonly hint?: string } {
  const parts = [
    ...(hint === null ? [] : [hint]),
    ...(control.kind === "lines" ? ["One on each line."] : []),
    ...(control.kind === "json" ? ["As JSON."] : []),
    ...(fallback === undefined || fallback === "" || control.kind === "choice" ? [] : defaultOf(fallback)),
  ];
  return parts.length === 0 ? {} : { hint: parts.join(" ") };
}

function defaultOf(fallback: Json): string[] {
  const text = shownFallback(fallback);
  return text === "" || text.includes("\n") ? [] : [`Default: ${text}.`];
}

function shownFallback(fallback: Json): string {
  if (Array.isArray(fallback)) return fallback.map(valueText).join("\n");
  return isJsonObject(fallback) ? "" : valueText(fallback);
}

function valueText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
