import { Session } from 'node:inspector/promises';

/** Watches which functions of this process are called. */
export async function watchCalls(): Promise<() => Promise<Set<string>>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  /** As `<end of the file's path> <name>`. */
  return async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    session.disconnect();
    return new Set(
      result.flatMap(({ url, functions }) =>
        functions
          .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
          .map(({ functionName }) => `${url.replace(/.*\/src\//, 'src/')} ${functionName}`),
      ),
    );
  };
}
