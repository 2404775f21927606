import { SourceFields } from "#dashboard/components/source-fields.tsx";
import { connectionPath } from "#dashboard/connection-path";
import type { FormField } from "#dashboard/source-form";
import type { Typed } from "#dashboard/source-values";

export interface SourceSettingsForm {
  readonly config: readonly FormField[];
  readonly credentials: readonly FormField[];
  /** Of the config what it is, of the credentials nothing. */
  readonly typed: Typed;
  /** By what the field is named in the form. */
  readonly wrong: ReadonlyMap<string, string>;
}

/** What the source itself wants to know. Either is checked against the source before it counts. */
export function SourceSettings({
  connectionId,
  form,
}: {
  readonly connectionId: string;
  readonly form: SourceSettingsForm;
}) {
  const path = connectionPath(connectionId, "settings");
  const shared = { typed: form.typed, wrongOf: ({ name }: FormField) => form.wrong.get(name) ?? null, focus: null };
  return (
    <>
      {form.credentials.length > 0 && (
        <section class="card" id="credentials" aria-labelledby="credentials-title">
          <h2 id="credentials-title">Credentials</h2>
          <p class="soft">
            The ones in use are sealed, and never shown. New ones are tried on the source first; until they work, the
            old ones stay.
          </p>
          <form class="form" method="post" action={`${path}/credentials`}>
            <SourceFields fields={form.credentials} {...shared} />
            <div class="row">
              <button class="button primary">Replace the credentials</button>
            </div>
          </form>
        </section>
      )}
      {form.config.length > 0 && (
        <section class="card" id="config" aria-labelledby="config-title">
          <h2 id="config-title">Configuration</h2>
          <form class="form" method="post" action={`${path}/config`}>
            <SourceFields fields={form.config} {...shared} />
            <div class="row">
              <button class="button primary">Save the configuration</button>
            </div>
          </form>
        </section>
      )}
    </>
  );
}
