import { Badge, type Tone } from "#dashboard/components/badge.tsx";
import { When } from "#dashboard/components/when.tsx";
import { jobPath } from "#dashboard/connection-path";
import { countText } from "#dashboard/number-text";
import type { SourceConnectionBody } from "#http/schemas/source-connection";
import type { WebhookBody } from "#http/schemas/webhook";
import { Table } from "./table.tsx";

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

export function Standing({ webhook, now }: { readonly webhook: WebhookBody; readonly now: number }) {
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

export function Deliveries({
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
          <Table
            columns={[
              "When",
              "What became of it",
              { title: "Why", class: "middle" },
              { title: "Its id", class: "wide" },
              "Sync",
            ]}
          >
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
          </Table>
        </div>
      )}
    </section>
  );
}
