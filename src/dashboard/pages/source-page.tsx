import { Badge } from "#dashboard/components/badge.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { StreamNotes } from "#dashboard/components/stream-notes.tsx";
import { countOf } from "#dashboard/number-text";
import type { SourceBody } from "#http/schemas/source";

type Field = SourceBody["config_fields"]["fields"][number];

interface Props {
  readonly source: SourceBody;
  readonly notice: string | null;
  readonly wrong: string | null;
}

export function SourcePage({ source, notice, wrong }: Props) {
  const { name, short_name: shortName, description, labels, streams, is_custom: isCustom } = source;
  const path = `/sources/${shortName}`;
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/sources">Sources</a> / {shortName}
          </p>
          <h1>{name}</h1>
          <p class="soft">{description}</p>
          <p class="row small">
            {isCustom && <Badge tone="busy" text={`Yours, version ${source.version ?? 1}`} />}
            {(labels ?? []).map((label) => (
              <span class="label">{label}</span>
            ))}
          </p>
        </div>
        <div class="row">
          {isCustom && (
            <>
              <a class="button" href={`${path}/manifest`}>
                Edit manifest
              </a>
              <PostButton
                action={`${path}/delete`}
                text="Delete"
                tone="danger"
                confirm={`Delete the source ${name}?`}
              />
            </>
          )}
          <a class="button primary" href={`${path}/connect`}>
            Connect
          </a>
        </div>
      </div>
      {notice !== null && <Notice tone="good">{notice}</Notice>}
      {wrong !== null && <Notice tone="bad">{wrong}</Notice>}
      <section class={streams === null ? "card" : "card flush"}>
        <header>
          <h2>What it reads</h2>
          <span class="soft small">{summaryOf(source)}</span>
        </header>
        {streams === null ? <p class="soft">{openStreams(source)}</p> : <StreamNotes streams={streams} />}
      </section>
      <div class="columns">
        <FieldList title="Configuration" fields={source.config_fields.fields} />
        <FieldList title="Credentials" fields={source.auth_fields?.fields ?? []} />
      </div>
    </>
  );
}

function summaryOf({ streams, supports_continuous: isContinuous }: SourceBody): string {
  const how = isContinuous ? "Later syncs read what changed." : "Each sync reads everything.";
  if (streams === null) return how;
  const broken = streams.filter(({ supported }) => !supported).length;
  return `${countOf(streams.length, "stream")}${broken === 0 ? "" : `, ${broken} of which can't run`}. ${how}`;
}

function openStreams({ output_entity_definitions: names }: SourceBody): string {
  return names.length === 0
    ? "Its streams depend on the configuration: a connection shows them."
    : `The streams ${names.join(", ")}, for each of what the configuration names.`;
}

function FieldList({ title, fields }: { readonly title: string; readonly fields: readonly Field[] }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {fields.length === 0 ? (
        <p class="soft">It asks for none.</p>
      ) : (
        <dl class="fields">
          {fields.map((field) => (
            <div>
              <dt>
                {field.title} <code class="soft">{field.name}</code>
              </dt>
              <dd class="soft small">
                {field.required ? "" : "Optional. "}
                {field.description}
                {field.enum_values !== null && ` One of ${field.enum_values.join(", ")}.`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
