import { AttemptTable } from "#dashboard/components/attempt-table.tsx";
import { Badge } from "#dashboard/components/badge.tsx";
import { EventTypeBoxes } from "#dashboard/components/event-type-boxes.tsx";
import { Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { ShownOnce } from "#dashboard/components/shown-once.tsx";
import { When } from "#dashboard/components/when.tsx";
import { healthShown } from "#dashboard/status";
import type { SubscriptionDetailBody } from "#http/schemas/subscription";
import { UrlField, type SubscriptionInput } from "./subscribe-page.tsx";

/** How far back deliveries can be made again, in hours. */
export const RECOVER_HOURS = ["1", "24", "72", "336"] as const;
const RECOVER_TEXT = {
  "1": "the last hour",
  "24": "the last day",
  "72": "the last 3 days",
  "336": "all 14 days",
} as const;

interface Props {
  readonly subscription: SubscriptionDetailBody;
  readonly input: SubscriptionInput;
  readonly wrong: { readonly url: string | null; readonly events: string | null };
  readonly notice: string | null;
  readonly problem: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function SubscriptionPage({ subscription, input, wrong, notice, problem, now }: Props) {
  const { id, url, secret, disabled, disabled_reason: reason, created_at: createdAt } = subscription;
  const path = `/webhooks/${id}`;
  const attempts = subscription.delivery_attempts ?? [];
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/webhooks">Webhooks</a> / Subscription
          </p>
          <h1>{url}</h1>
          <p class="row">
            <Badge {...healthShown(subscription)} />
            <span class="soft small">
              since <When at={createdAt} now={now} />
            </span>
          </p>
        </div>
        <div class="row">
          {disabled ? (
            <PostButton action={`${path}/enable`} text="Enable" tone="primary" />
          ) : (
            <PostButton action={`${path}/disable`} text="Disable" />
          )}
          <PostButton
            action={`${path}/delete`}
            text="Delete"
            tone="danger"
            confirm={`Delete the subscription of ${url}?`}
          />
        </div>
      </div>
      {notice !== null && <Notice tone="good">{notice}</Notice>}
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {reason !== null && <Notice tone="warn">{reason}</Notice>}
      {secret !== null && (
        <Notice tone="good">
          <ShownOnce id="secret" label="The signing secret: the receiver verifies deliveries with it." value={secret} />
        </Notice>
      )}
      <section class={attempts.length === 0 ? "card" : "card flush"}>
        <header>
          <h2>Deliveries</h2>
        </header>
        {attempts.length === 0 ? (
          <p class="soft">None yet: the next event that it hears of is delivered at once.</p>
        ) : (
          <AttemptTable attempts={attempts} now={now} />
        )}
      </section>
      <div class="columns">
        <form class="card full" method="post" action={path}>
          <h2>Subscription</h2>
          <UrlField url={input.url} wrong={wrong.url} />
          <EventTypeBoxes chosen={input.events} wrong={wrong.events} />
          <div>
            <button class="button">Save</button>
          </div>
        </form>
        <div class="stack">
          <section class="card">
            <h2>Signing secret</h2>
            <p class="soft small">A new one takes over at once; for 24 hours deliveries are signed with both.</p>
            <div class="row">
              <PostButton action={`${path}/secret`} text="Show it" />
              <PostButton
                action={`${path}/rotate`}
                text="Replace it"
                confirm="Replace the signing secret? The receiver needs the new one within 24 hours."
              />
            </div>
          </section>
          <form class="card" method="post" action={`${path}/recover`}>
            <h2>Deliver again</h2>
            <p class="soft small">Everything that the receiver has not taken, also from while it was disabled.</p>
            <Field id="hours" label="From">
              <select class="select" id="hours" name="hours">
                {RECOVER_HOURS.map((hours) => (
                  <option value={hours}>{RECOVER_TEXT[hours]}</option>
                ))}
              </select>
            </Field>
            <div>
              <button class="button">Deliver again</button>
            </div>
          </form>
        </div>
      </div>
    </>
  );
}
