import { describedBy, Field } from "#dashboard/components/field.tsx";
import { EventTypeBoxes } from "#dashboard/components/event-type-boxes.tsx";
import { Notice } from "#dashboard/components/notice.tsx";

export interface SubscriptionInput {
  readonly url: string;
  readonly events: readonly string[];
}

interface Props {
  readonly input: SubscriptionInput;
  readonly wrong: { readonly url: string | null; readonly events: string | null };
  readonly problem: string | null;
}

export function SubscribePage({ input, wrong, problem }: Props) {
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/webhooks">Webhooks</a> / Subscribe
          </p>
          <h1>Subscribe an address</h1>
        </div>
      </div>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <form class="form card" method="post" action="/webhooks/new">
        <UrlField url={input.url} wrong={wrong.url} />
        <EventTypeBoxes chosen={input.events} wrong={wrong.events} />
        <p class="hint">The signing secret is shown once it is subscribed.</p>
        <div class="row">
          <button class="button primary">Subscribe</button>
          <a class="button" href="/webhooks">
            Cancel
          </a>
        </div>
      </form>
    </>
  );
}

export function UrlField({ url, wrong }: { readonly url: string; readonly wrong: string | null }) {
  return (
    <Field id="url" label="Address" wrong={wrong} hint="Something has to answer there: it is asked at once.">
      <input
        class="input"
        id="url"
        name="url"
        type="url"
        value={url}
        placeholder="https://hooks.example.com/sluice"
        required
        autocomplete="off"
        autofocus={wrong !== null}
        {...describedBy("url", { hint: true, wrong })}
      />
    </Field>
  );
}
