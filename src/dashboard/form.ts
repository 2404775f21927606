import { ApiRefusal } from "./api.ts";

/** Manifests are the largest that is sent: 2 MB, more where characters take several bytes. */
const MAX_FORM_BYTES = 5_000_000;

/** The fields of a form that one of our pages sent. */
export async function readForm(request: Request): Promise<FormData> {
  const length = Number(request.headers.get("content-length") ?? "0");
  if (length > MAX_FORM_BYTES) throw new ApiRefusal(413, "This is too large to be sent by a form.");
  try {
    return await request.formData();
  } catch {
    throw new ApiRefusal(400, "The form could not be read. Go back and send it again.");
  }
}

/** A field's text; empty where it was not sent. */
export function formText(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
