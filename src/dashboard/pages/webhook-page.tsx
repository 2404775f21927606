import { Badge, type Tone } from "#dashboard/components/badge.tsx";
import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath, jobPath } from "#dashboard/connection-path";
import { countText } from "#dashboard/number-text";
import type { Told } from "#dashboard/told";
import { SCHEMES, type WebhookFaults, type WebhookForm } from "#dashboard/webhook-form";
import type { SourceConnectionBody } from "#http/schemas/source-connection";
import type { WebhookBody } from "#http/schemas/webhook";

interface Props {
  readonly connection: SourceConnectionBody;
  /** Null where the connection has no inbound address yet. */
  readonly webhook: WebhookBody | null;
  readonly form: WebhookForm;
  readonly faults: WebhookFaults;
  readonly told: Told | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function WebhookPage({ connection, webhook, form, faults, told, now }: Props) {
  return (
    <>
      <ConnectionHead connection={connection} tab="webhook" />
      {told !== null && <Notice tone={told.tone}>{told.text}</Notice>}
      {webhook === null ? (
        <p class="soft">
          With an inbound address, what a provider sends there starts an incremental sync at once, without waiting for
          the schedule.
        </p>
      ) : (
        <>
          {webhook.url !== null && <NewAddress url={webhook.url} />}
          <Standing webhook={webhook} now={now} />
        </>
      )}
      <div class="columns">
        <Settings connection={connection} webhook={webhook} form={form} faults={faults} />
        {webhook !== null && <Address connection={connection} webhook={webhook} now={now} />}
      </div>
      {webhook !== null && <Deliveries connection={connection} webhook={webhook} now={now} />}
    </>
  );
}

function NewAddress({ url }: { readonly url: string }) {
  return (
    <Notice tone="good">
      <p>
        <strong>This is the address. It is shown now, and never again:</strong>
      </p>
      <pre class="code" tabindex={0}>
        {url}
      </pre>
    </Notice>
  );
}

const OUTCOME: Readonly<Record<string, { readonly tone: Tone; readonly text: string; readonly hint: string }>> = {
  started: { tone: "good", text: "Started", hint: "a sync" },
  queued: { tone: "good", text: "Queued", hint: "one sync after the active one" },
  debounced: { tone: "busy", text: "Debounced", hint: "a sync comes once it is quiet" },
  held: { tone: "warn", text: "Held", hint: "until the connection goes on" },
  duplicate: { tone: "quiet", text: "Duplicate", hint: "came before" },
  filtered: { tone: "quiet", text: "Filtered", hint: "the condition is not true of it" },
  challenge: { tone: "quiet", text: "Challenge", hint: "answered" },
  refused: { tone: "bad", text: "Refused", hint: "its signature or time is wrong" },
};

function Standing({ webhook, now }: { readonly webhook: WebhookBody; readonly now: number }) {
  return (
    <section class="card" aria-label="Deliveries in numbers">
      <dl class="facts">
        {Object.entries(webhook.counts).map(([outcome, count]) => (
          <div>
            <dt>{OUTCOME[outcome]?.text ?? outcome}</dt>
            <dd class="figure">{countText(count)}</dd>
            <dd class="soft small">{OUTCOME[outcome]?.hint}</dd>
          </div>
        ))}
      </dl>
      {webhook.waiting_until !== null && (
        <p class="soft">
          A sync for what came is due <When at={webhook.waiting_until} now={now} />.
        </p>
      )}
    </section>
  );
}

interface SettingsProps {
  readonly connection: SourceConnectionBody;
  readonly webhook: WebhookBody | null;
  readonly form: WebhookForm;
  readonly faults: WebhookFaults;
}

function Settings({ connection, webhook, form, faults }: SettingsProps) {
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

function Address({
  connection,
  webhook,
  now,
}: {
  readonly connection: SourceConnectionBody;
  readonly webhook: WebhookBody;
  readonly now: number;
}) {
  const path = connectionPath(connection.id, "webhook");
  return (
    <section class="card" aria-labelledby="address">
      <h2 id="address">The address</h2>
      <p>
        Made <When at={webhook.rotated_at} now={now} />. It is kept as a digest, so it can’t be shown again; a new one
        can be made.
      </p>
      {webhook.previous_url_until !== null && (
        <p class="soft">
          The one before it is taken until <When at={webhook.previous_url_until} now={now} />.
        </p>
      )}
      <div class="row">
        <PostButton
          action={`${path}/rotate`}
          text="New address, old one for a day"
          fields={{ overlap_seconds: "86400" }}
          confirm="Make a new address? The one that is there is taken for another day."
        />
        <PostButton
          action={`${path}/rotate`}
          text="New address at once"
          fields={{ overlap_seconds: "0" }}
          confirm="Make a new address? What comes to the one that is there is refused from now on."
        />
        <PostButton
          action={`${path}/remove`}
          text="Remove"
          tone="danger"
          confirm="Take the inbound address away? What comes to it is refused from now on."
        />
      </div>
    </section>
  );
}

function Deliveries({
  connection,
  webhook,
  now,
}: {
  readonly connection: SourceConnectionBody;
  readonly webhook: WebhookBody;
  readonly now: number;
}) {
  return (
    <section class="card flush" aria-labelledby="deliveries">
      <header>
        <h2 id="deliveries">The last deliveries</h2>
      </header>
      {webhook.deliveries.length === 0 ? (
        <p class="soft inset">None yet. Send one from the provider’s settings: most have a button for it.</p>
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Deliveries, scrollable">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What became of it</th>
                <th scope="col" class="middle">
                  Why
                </th>
                <th scope="col" class="wide">
                  Its id
                </th>
                <th scope="col">Sync</th>
              </tr>
            </thead>
            <tbody>
              {webhook.deliveries.map((delivery) => (
                <tr>
                  <td>
                    <When at={delivery.at} now={now} />
                  </td>
                  <td>
                    <Badge
                      tone={OUTCOME[delivery.outcome]?.tone ?? "quiet"}
                      text={OUTCOME[delivery.outcome]?.text ?? delivery.outcome}
                    />
                  </td>
                  <td class="middle">{delivery.reason ?? ""}</td>
                  <td class="wide mono">{delivery.delivery_id ?? ""}</td>
                  <td>
                    {delivery.job_id !== null && (
                      <a href={jobPath(connection.id, delivery.job_id)} aria-label="Its sync">
                        Open
                      </a>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
