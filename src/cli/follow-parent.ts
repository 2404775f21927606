/**
 * Preloaded into wrangler (`node --import`): ends its whole process group as soon as the process that started it is
 * gone, however it went. Without this a killed terminal or test run would leave a server behind on its port.
 */
const parent = process.ppid;

/** A process that dies lets go of its channels a moment before its children are given to another parent. */
const LOOK_AGAIN_MS = 20;

// Only the death of the parent counts: wrangler lets go of the channel itself when it has finished.
process.once("disconnect", () => {
  setInterval(() => process.ppid !== parent && process.kill(0, "SIGKILL"), LOOK_AGAIN_MS).unref();
});
// Listening must not keep wrangler alive once it has finished.
process.channel?.unref();
