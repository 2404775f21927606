interface Props {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

/** A secret that is shown this once, and a way to take it along. */
export function ShownOnce({ id, label, value }: Props) {
  return (
    <div class="once">
      <label for={id}>{label}</label>
      <div class="row">
        <input class="input mono" id={id} value={value} readonly spellcheck={false} autofocus />
        <button class="button" type="button" data-copy={`#${id}`} hidden>
          Copy
        </button>
      </div>
    </div>
  );
}
