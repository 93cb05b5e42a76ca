/** Who asks, as far as this kit has to know; the caller of the accounts feature fits. */
export interface Viewer {
  tenantId: string;
  role: string;
  /** Null where no key was used. */
  keyId: string | null;
}

type Type<T> = abstract new (...args: never[]) => T;

/** Handed to every resolver: one per HTTP request and per operation on a socket, with fresh `loaders` for each event of a subscription. */
export interface Context<C extends Viewer = Viewer> {
  /** Present in every resolver, because each operation declares its rights (@Rights) and those are checked first. */
  caller: C;
  requestId: string;
  /** What `loaderOf` has made for this request. */
  loaders: Map<unknown, unknown>;
  /** The instance of a resolver class: the `subscribe` option of a subscription is static and has no `this`. */
  resolver<T>(type: Type<T>): T;
}

/** Before rights are checked: nobody may have signed in. */
export type RequestContext = Omit<Context, 'caller'> & { caller: Viewer | null };

/** One loader per request and `make`, which must therefore be a function made once: `loaderOf(context, batchLoader)`. */
export function loaderOf<C extends Context, L>(context: C, make: (context: C) => L): L {
  if (!context.loaders.has(make)) context.loaders.set(make, make(context));
  return context.loaders.get(make) as L;
}
