import type { Child } from "hono/jsx";

import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { connectionPath } from "#dashboard/connection-path";
import type { Told } from "#dashboard/told";
import type { SourceConnectionBody } from "#http/schemas/source-connection";

/** The fields of the first form. */
export interface NameForm {
  readonly name: string;
  readonly description: string;
}

export interface SettingsFaults {
  readonly name: string | null;
  readonly description: string | null;
  /** What was typed to confirm the delete is not the name. */
  readonly confirmation: string | null;
}

interface Props {
  readonly connection: SourceConnectionBody;
  readonly form: NameForm;
  readonly faults: SettingsFaults;
  readonly told: Told | null;
  /** How it syncs. */
  readonly syncs: Child;
  /** What the source itself wants to know: its config and its credentials. */
  readonly children: Child;
}

export function SettingsPage({ connection, form, faults, told, syncs, children }: Props) {
  const path = connectionPath(connection.id, "settings");
  return (
    <>
      <ConnectionHead connection={connection} tab="settings" />
      {told !== null && <Notice tone={told.tone}>{told.text}</Notice>}
      <div class="columns">
        <div class="stack wide-gap">
          <section class="card" aria-labelledby="name-title">
            <h2 id="name-title">Name</h2>
            <form class="form" method="post" action={`${path}/name`}>
              <Field id="name" label="Name" wrong={faults.name}>
                <input
                  class="input"
                  id="name"
                  name="name"
                  value={form.name}
                  required
                  minlength={4}
                  maxlength={42}
                  autocomplete="off"
                  {...describedBy("name", { hint: false, wrong: faults.name })}
                />
              </Field>
              <Field id="description" label="Description" wrong={faults.description}>
                <textarea
                  class="area low plain-text"
                  id="description"
                  name="description"
                  maxlength={255}
                  {...describedBy("description", { hint: false, wrong: faults.description })}
                >
                  {form.description}
                </textarea>
              </Field>
              <div class="row">
                <button class="button primary">Save</button>
              </div>
            </form>
          </section>
          {syncs}
          <Pause connection={connection} />
        </div>
        <div class="stack wide-gap">
          {children}
          <Delete connection={connection} wrong={faults.confirmation} />
        </div>
      </div>
    </>
  );
}

function Pause({ connection }: { readonly connection: SourceConnectionBody }) {
  const action = `${connectionPath(connection.id, "settings")}/pause`;
  return (
    <section class="card" aria-labelledby="pause-title">
      <h2 id="pause-title">{connection.is_paused ? "Paused" : "Pause"}</h2>
      <p class="soft">
        While a connection is paused, neither its schedule nor its webhook starts a sync. By hand it syncs nevertheless.
      </p>
      <div class="row">
        {connection.is_paused ? (
          <PostButton action={action} text="Resume" tone="primary" fields={{ paused: "no" }} />
        ) : (
          <PostButton action={action} text="Pause" fields={{ paused: "yes" }} />
        )}
      </div>
    </section>
  );
}

function Delete({ connection, wrong }: { readonly connection: SourceConnectionBody; readonly wrong: string | null }) {
  const { id, name } = connection;
  return (
    <section class="card danger-zone" aria-labelledby="delete-title">
      <h2 id="delete-title">Delete</h2>
      <p class="soft">
        Its sync is cancelled, its copy and its change feed are erased. The source itself is not touched.
      </p>
      <form class="form" method="post" action={`${connectionPath(id, "settings")}/delete`}>
        <Field id="confirmation" label={`Type the name, “${name}”, to confirm`} wrong={wrong}>
          <input
            class="input"
            id="confirmation"
            name="confirmation"
            required
            autocomplete="off"
            {...describedBy("confirmation", { hint: false, wrong })}
          />
        </Field>
        <div class="row">
          <button class="button danger">Delete the connection</button>
        </div>
      </form>
    </section>
  );
}
