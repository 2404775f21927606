import { describedBy, Field } from "#dashboard/components/field.tsx";
import { connectionPath } from "#dashboard/connection-path";
import { SCHEMES, type WebhookFaults, type WebhookForm } from "#dashboard/webhook-form";
import type { SourceConnectionBody } from "#http/schemas/source-connection";
import type { WebhookBody } from "#http/schemas/webhook";

interface SettingsProps {
  readonly connection: SourceConnectionBody;
  readonly webhook: WebhookBody | null;
  readonly form: WebhookForm;
  readonly faults: WebhookFaults;
}

export function Settings({ connection, webhook, form, faults }: SettingsProps) {
  const isNew = webhook === null;
  const kept = webhook?.verification.secrets ?? 0;
  return (
    <section class="card" aria-labelledby="edit">
      <h2 id="edit">{isNew ? "Make an address" : "How deliveries are checked"}</h2>
      <form class="form" id="hook" method="post" action={connectionPath(connection.id, "webhook")}>
        <Field id="scheme" label="Who sends" wrong={faults.scheme}>
          <select
            class="select"
            id="scheme"
            name="scheme"
            {...describedBy("scheme", { hint: false, wrong: faults.scheme })}
          >
            {SCHEMES.map(([scheme, text]) => (
              <option value={scheme} selected={scheme === form.scheme}>
                {text}
              </option>
            ))}
          </select>
        </Field>
        <Field
          id="secrets"
          label="Secrets"
          wrong={faults.secrets}
          hint={
            kept > 0
              ? `One a line, up to five. ${kept === 1 ? "One is" : `${kept} are`} kept, and never shown. Leave this empty to keep what is there.`
              : "What the sender signs with, one a line, up to five. They are sealed, and never shown."
          }
        >
          <textarea
            class="area low mono"
            id="secrets"
            name="secrets"
            rows={2}
            autocomplete="off"
            spellcheck={false}
            {...describedBy("secrets", { hint: true, wrong: faults.secrets })}
          />
        </Field>
        <fieldset data-for-scheme="hmac">
          <legend>For a signature of your choice</legend>
          <Field id="header" label="Header with the signature" wrong={faults.header}>
            <input
              class="input mono"
              id="header"
              name="header"
              value={form.header}
              placeholder="x-signature"
              autocomplete="off"
              {...describedBy("header", { hint: false, wrong: faults.header })}
            />
          </Field>
          <Field id="prefix" label="What stands before it" hint="Such as sha256=">
            <input
              class="input mono"
              id="prefix"
              name="prefix"
              value={form.prefix}
              autocomplete="off"
              {...describedBy("prefix", { hint: true, wrong: null })}
            />
          </Field>
          <Choice id="encoding" label="Written as" values={["hex", "base64"]} value={form.encoding} />
          <Choice id="algorithm" label="Digest" values={["sha256", "sha1", "sha512"]} value={form.algorithm} />
        </fieldset>
        <Field
          id="condition"
          label="Only where"
          wrong={faults.condition}
          hint="A JMESPath expression over the body, such as issue || pull_request. Empty: every delivery counts."
        >
          <input
            class="input mono"
            id="condition"
            name="condition"
            value={form.condition}
            autocomplete="off"
            spellcheck={false}
            {...describedBy("condition", { hint: true, wrong: faults.condition })}
          />
        </Field>
        <Field
          id="debounce"
          label="Wait until it has been quiet for"
          wrong={faults.debounce}
          hint="Seconds. A burst of deliveries then leads to one sync."
        >
          <input
            class="input"
            id="debounce"
            name="debounce_seconds"
            type="number"
            min="0"
            max="3600"
            value={form.debounce}
            required
            {...describedBy("debounce", { hint: true, wrong: faults.debounce })}
          />
        </Field>
        <Field
          id="delivery-id"
          label="Header that names a delivery"
          wrong={faults.deliveryId}
          hint="Where the sender’s scheme has none of its own: what comes twice then counts once. May be empty."
        >
          <input
            class="input mono"
            id="delivery-id"
            name="delivery_id_header"
            value={form.deliveryId}
            autocomplete="off"
            {...describedBy("delivery-id", { hint: true, wrong: faults.deliveryId })}
          />
        </Field>
        <div class="row">
          <button class="button primary">{isNew ? "Make the address" : "Save"}</button>
        </div>
      </form>
    </section>
  );
}

function Choice({
  id,
  label,
  values,
  value,
}: {
  readonly id: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly value: string;
}) {
  return (
    <Field id={id} label={label}>
      <select class="select" id={id} name={id}>
        {values.map((each) => (
          <option value={each} selected={each === value}>
            {each}
          </option>
        ))}
      </select>
    </Field>
  );
}
