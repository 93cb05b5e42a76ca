// Loaded before what a process runs: it must not go on when the bench has died.
process.on('disconnect', () => process.exit(0));
// The program knows nothing of a parent, and ends when it has closed everything else; a helper lives until it is told.
if (process.argv[1]?.endsWith('main.js')) process.channel?.unref();
