import { expect, test } from "vitest";

import { prometheusText } from "#observability/prometheus";

test("spells families, labels and what has to be escaped in them", () => {
  const text = prometheusText([
    { name: "a_total", type: "counter", help: "Things.", samples: [{ value: 3 }] },
    {
      name: "b",
      type: "gauge",
      help: "Others.",
      samples: [
        { labels: { name: 'say "hi"\\\n', x: "1" }, value: 0.5 },
        { suffix: "_sum", value: 2 },
      ],
    },
    { name: "c", type: "gauge", help: "None.", samples: [] },
  ]);
  expect(text).toBe(
    String.raw`# HELP a_total Things.
# TYPE a_total counter
a_total 3
# HELP b Others.
# TYPE b gauge
b{name="say \"hi\"\\\n",x="1"} 0.5
b_sum 2
# HELP c None.
# TYPE c gauge
`,
  );
});
