/**
 * Preloaded into wrangler (`node --import`): ends its whole process group as soon as the process that started it is
 * gone, however it went. Without this a killed terminal or test run would leave a server behind on its port.
 */
process.once("disconnect", () => process.kill(0, "SIGKILL"));
// Listening must not keep wrangler alive once it has finished.
process.channel?.unref();
