import { Refused } from "#core/errors";
import { readBody } from "#http/json-body";
import { ApiRefusal } from "./api.ts";

/** Manifests are the largest that is sent: 2 MB, more where characters take several bytes. */
const MAX_FORM_BYTES = 5_000_000;

/** The fields of a form that one of our pages sent. */
export async function readForm(request: Request): Promise<FormData> {
  const headers = { "content-type": request.headers.get("content-type") ?? "" };
  try {
    return await new Response(await readBody(request, MAX_FORM_BYTES), { headers }).formData();
  } catch (thrown) {
    // Who signs in has shown no key yet: no more is held in memory than a form needs, whatever length it claims.
    if (thrown instanceof Refused) throw new ApiRefusal(413, "This is too large to be sent by a form.");
    throw new ApiRefusal(400, "The form could not be read. Go back and send it again.");
  }
}

/** A field's text; empty where it was not sent. */
export function formText(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
