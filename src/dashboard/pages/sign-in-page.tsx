import { Notice } from "#dashboard/components/notice.tsx";
import { describedBy, Field } from "#dashboard/components/field.tsx";

interface Props {
  /** Where to go afterwards. */
  readonly next: string;
  readonly wrong: string | null;
  readonly isAfterSignOut: boolean;
}

export function SignInPage({ next, wrong, isAfterSignOut }: Props) {
  return (
    <div class="card sign-in">
      <h1>Sign in</h1>
      {isAfterSignOut && <Notice tone="good">You are signed out.</Notice>}
      <p class="soft">With an API key of this Sluice: the root key, or one that was made for your organization.</p>
      <form class="form" method="post" action="/sign-in">
        <input type="hidden" name="next" value={next} />
        <Field
          id="key"
          label="API key"
          wrong={wrong}
          hint="It is checked, and not kept: a session of seven days takes its place."
        >
          <input
            class="input mono"
            id="key"
            name="key"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            spellcheck={false}
            {...describedBy("key", { hint: true, wrong })}
          />
        </Field>
        <button class="button primary">Sign in</button>
      </form>
      <p class="small soft">
        <code>npm run dev</code> prints a key that works at once. In production it is the secret{" "}
        <code>SLUICE_API_KEY</code>.
      </p>
    </div>
  );
}
