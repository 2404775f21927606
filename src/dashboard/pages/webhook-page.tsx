import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { Deliveries, Standing } from "#dashboard/components/hook-deliveries.tsx";
import { Settings } from "#dashboard/components/hook-settings.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath } from "#dashboard/connection-path";
import type { Told } from "#dashboard/told";
import type { WebhookFaults, WebhookForm } from "#dashboard/webhook-form";
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
