import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { Findings, StreamNotes } from "#dashboard/components/stream-notes.tsx";
import { countOf } from "#dashboard/number-text";
import type { ManifestCheckBody } from "#http/schemas/manifest-check";

export interface ManifestInput {
  readonly shortName: string;
  readonly name: string;
  readonly manifest: string;
}

interface Props {
  readonly input: ManifestInput;
  /** Of the source that is replaced; null for a new one. */
  readonly replaces: string | null;
  readonly check: ManifestCheckBody | null;
  /** What is wrong, by the name of the field. */
  readonly wrong: ReadonlyMap<string, string>;
  readonly problem: string | null;
}

export function ManifestPage({ input, replaces, check, wrong, problem }: Props) {
  const path = replaces === null ? "/sources/_new" : `/sources/${replaces}/manifest`;
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/sources">Sources</a> /{" "}
            {replaces === null ? "Bring your own" : <a href={`/sources/${replaces}`}>{replaces}</a>}
          </p>
          <h1>{replaces === null ? "Bring your own source" : "Edit the manifest"}</h1>
          <p class="soft">
            {replaces === null
              ? "A low-code manifest, as Airbyte's connectors are made of: YAML or JSON, up to 2 MB. Check it first; nothing is kept before it is registered."
              : "Connections use the new one from their next sync on."}
          </p>
        </div>
      </div>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {check !== null && <Verdict check={check} />}
      <form class="form card full" method="post" action={path} enctype="multipart/form-data">
        {replaces === null && (
          <div class="columns">
            <Text
              id="short_name"
              label="Short name"
              hint="Part of addresses: a-z, 0-9, _ and -, such as our-crm."
              value={input.shortName}
              wrong={wrong.get("short_name") ?? null}
              placeholder="our-crm"
            />
            <Text
              id="name"
              label="Name"
              isOptional
              hint="For people. Default: what the manifest says."
              value={input.name}
              wrong={wrong.get("name") ?? null}
              placeholder="Our CRM"
            />
          </div>
        )}
        <Field id="file" label="File" isOptional={input.manifest !== ""} hint="Takes the place of the text below.">
          <input
            class="input"
            type="file"
            id="file"
            name="file"
            accept=".yaml,.yml,.json"
            aria-describedby="file-hint"
          />
        </Field>
        <Field id="manifest" label="Manifest" wrong={wrong.get("manifest") ?? null}>
          <textarea
            class="area tall"
            id="manifest"
            name="manifest"
            spellcheck={false}
            autocomplete="off"
            autofocus={wrong.has("manifest")}
            placeholder={"version: 6.0.0\ntype: DeclarativeSource\nstreams:\n  - …"}
            {...describedBy("manifest", { hint: false, wrong: wrong.get("manifest") ?? null })}
          >
            {input.manifest}
          </textarea>
        </Field>
        <div class="row">
          <button class="button" name="action" value="check">
            Check
          </button>
          <button class="button primary" name="action" value="register">
            {replaces === null ? "Register" : "Replace"}
          </button>
        </div>
      </form>
    </>
  );
}

function Text({
  id,
  label,
  isOptional = false,
  hint,
  value,
  wrong,
  placeholder,
}: {
  readonly id: string;
  readonly label: string;
  readonly isOptional?: boolean;
  readonly hint: string;
  readonly value: string;
  readonly wrong: string | null;
  readonly placeholder: string;
}) {
  return (
    <Field {...{ id, label, hint, wrong, isOptional }}>
      <input
        class="input"
        {...{ id, value, placeholder }}
        name={id}
        autocomplete="off"
        spellcheck={false}
        autofocus={wrong !== null}
        {...describedBy(id, { hint: true, wrong })}
      />
    </Field>
  );
}

/** What of the manifest can run, and why the rest can't. */
function Verdict({ check }: { readonly check: ManifestCheckBody }) {
  const streams = [...check.streams, ...check.dynamic_streams];
  const running = streams.filter(({ supported }) => supported).length;
  const asked = [...(check.config_fields?.fields ?? []), ...(check.auth_fields?.fields ?? [])];
  return (
    <>
      {check.can_be_used ? (
        <Notice tone={running === streams.length ? "good" : "warn"}>
          {running === streams.length
            ? `It can be used: ${streams.length === 1 ? "its stream runs" : `all ${streams.length} streams run`}.`
            : `It can be used: ${running} of ${countOf(streams.length, "stream")} run.`}
          {asked.length > 0 && ` It asks for ${asked.map(({ title }) => title).join(", ")}.`}
        </Notice>
      ) : (
        <Notice tone="bad">
          It can't be used{check.issues.length === 0 ? ": no stream of it runs." : "."}
          <Findings findings={check.issues} />
        </Notice>
      )}
      {check.warnings.length > 0 && (
        <Notice tone="warn">
          Probably a mistake:
          <Findings findings={check.warnings} />
        </Notice>
      )}
      {streams.length > 0 && (
        <section class="card flush">
          <header>
            <h2>Streams</h2>
          </header>
          <StreamNotes streams={streams} />
        </section>
      )}
    </>
  );
}
